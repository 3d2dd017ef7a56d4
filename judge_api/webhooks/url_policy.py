"""Decides which URLs of other servers may be called, against server-side request forgery (SSRF).

A webhook, for example, makes this server send a request to an address that a user has chosen. Without this
check, users could reach the server's internal network, such as the database, the cloud's metadata or another
server's admin page.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
LONGEST_URL = 2048
_PORTS = {"http": 80, "https": 443}
_NAT64 = IPv6Network("64:ff9b::/96")
# Python's ``is_global`` is true for these networks: site-local addresses, documentation, anycast services and
# relays between IPv6 and IPv4.
_NOT_PUBLIC: tuple[Network, ...] = (
    IPv6Network("fec0::/10"),
    IPv6Network("3fff::/20"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.31.196.0/24"),
    IPv4Network("192.52.193.0/24"),
    IPv4Network("192.175.48.0/24"),
    IPv6Network("2620:4f:8000::/48"),
    IPv6Network("2001::/23"),
)
_ISATAP = 0x0000_5EFE


class ForbiddenUrl(Exception):
    """The URL may not be called. The message says why and reveals nothing of the network."""


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of a URL."""

    host: str
    port: int
    path: str
    is_tls: bool

    @property
    def host_header(self) -> str:
        """The value of the ``Host`` header: the port is left out if it is the default one."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = _PORTS["https" if self.is_tls else "http"]
        return name if self.port == usual else f"{name}:{self.port}"


def read_target(url: str) -> Target:
    """Parse a URL. Raises ``ForbiddenUrl`` if it cannot be the URL of a webhook."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ForbiddenUrl(f"must be an ASCII URL of at most {LONGEST_URL} characters")
    parts, port = _split(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ForbiddenUrl("must be a whole URL that begins with https:// or http://")
    if parts.username is not None or parts.password is not None:
        raise ForbiddenUrl("must not hold a name or password: check the signature instead")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, port or _PORTS[parts.scheme], path, parts.scheme == "https")


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise ForbiddenUrl("cannot be read as a URL") from error


class UrlPolicy:
    """Allows public addresses, and those of the networks that the operator allows."""

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self._networks = tuple(networks)

    def check(self, url: str) -> None:
        """Check what can be checked without DNS. Raises ``ForbiddenUrl``."""
        host = read_target(url).host
        literal = _literal(host)
        if literal is not None and not self.allows(literal):
            raise ForbiddenUrl("must be a public address")
        if literal is None and (host == "localhost" or host.endswith(".localhost")) and not self._networks:
            raise ForbiddenUrl("must be a public address")

    def resolve(self, target: Target) -> list[str]:
        """Look up the name once. The caller must connect to one of these addresses and not to the name, since
        a second lookup could return other addresses. Raises ``ForbiddenUrl`` if any address is not public,
        and ``OSError`` if there is none."""
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(place[0]).partition("%")[0] for *_, place in found))
        if not all(self.allows(ip_address(address)) for address in addresses):
            raise ForbiddenUrl("the name leads to an address that is not public")
        return addresses

    def allows(self, address: Address) -> bool:
        embedded = _embedded(address)
        if any(one in network for network in self._networks for one in (address, embedded)):
            return True
        return _is_public(address) and _is_public(embedded)


def _literal(host: str) -> Address | None:
    """The IP address in a URL's host part, in any form that the system's resolver accepts, such as 127.1.
    ``None`` for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _embedded(address: Address) -> Address:
    """The IPv4 address embedded in an IPv6 address, if there is one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64 or int(address) >> 32 & 0xFCFF_FFFF == _ISATAP:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (address,))[-1]


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return True  # The caller also checks the embedded address.
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
