"""Which addresses we may call in somebody else's name.

A webhook makes this server send a request wherever a customer says. Without this page that would be a
way into the network behind it: the database, the cloud's metadata, a neighbour's admin page.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
LONGEST = 2048
_PORTS = {"http": 80, "https": 443}
_NAT64 = IPv6Network("64:ff9b::/96")


class Forbidden(Exception):
    """This URL is not called; the message says why, without telling more of our network than needed."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart."""

    host: str
    port: int
    path: str
    is_tls: bool

    @property
    def host_header(self) -> str:
        """As the ``Host`` header wants it: the port only where it is not the usual one."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = _PORTS["https" if self.is_tls else "http"]
        return name if self.port == usual else f"{name}:{self.port}"


def read_target(url: str) -> Target:
    """Take a URL apart. Raises ``Forbidden`` for what cannot be meant as a webhook."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise Forbidden(f"must be an ASCII URL of at most {LONGEST} characters")
    parts, port = _split(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Forbidden("must be a whole URL that begins with https:// or http://")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("must not hold a name or password: check the signature instead")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, port or _PORTS[parts.scheme], path, parts.scheme == "https")


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise Forbidden("cannot be read as a URL") from error


class UrlPolicy:
    """Knows which addresses may be called: public ones, and those of the networks named by the operator."""

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self._networks = tuple(networks)

    def check(self, url: str) -> None:
        """What can be said without asking DNS. Raises ``Forbidden``."""
        host = read_target(url).host
        literal = _literal(host)
        if literal is not None and not self.allows(literal):
            raise Forbidden("must be a public address")
        if literal is None and (host == "localhost" or host.endswith(".localhost")) and not self._networks:
            raise Forbidden("must be a public address")

    def resolve(self, target: Target) -> list[str]:
        """The addresses behind the name, asked once: whoever calls must call one of these and not the name,
        or a second answer of DNS could lead elsewhere. Raises ``Forbidden`` if any of them is not public,
        ``OSError`` if there are none."""
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(place[0]).partition("%")[0] for *_, place in found))
        if not all(self.allows(ip_address(address)) for address in addresses):
            raise Forbidden("the name leads to an address that is not public")
        return addresses

    def allows(self, address: Address) -> bool:
        inner = _inner(address)
        if any(one in network for network in self._networks for one in (address, inner)):
            return True
        return _is_public(address) and _is_public(inner)


def _literal(host: str) -> Address | None:
    """The address that a host part spells, in every way that the system's resolver would take: 127.1 too."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries inside, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (address,))[-1]


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return True  # its inner address decides
    return address.is_global and not address.is_multicast and not address.is_reserved
