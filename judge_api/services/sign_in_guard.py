"""Limits guesses at passwords by network, by name, and by both. Guesses from other networks do not lock an
owner out.

An IPv6 address counts as its /64 network, because one host has all of that network. Its /48 network has a
limit of its own, which all its /64 networks use up together. If many networks guess the password of one name,
each network gets only few guesses at this name. That slows an attacker down, and the owner can still sign in
from another network. A browser that signed in before has a cookie that proves it. Such a browser has limits
of its own, which other clients cannot use up.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute

from judge_api.services.rate_limits import RateLimits

# A whole class may sign in from one address at once. So successful sign-ins have high limits, and guesses low
# ones.
SIGN_INS = RateLimitItemPerMinute(300)
WRONG_OF_NETWORK = RateLimitItemPerMinute(60)
WRONG_OF_SITE = RateLimitItemPerMinute(600)
WRONG_FOR_NAME = RateLimitItemPerMinute(10)
WRONG_OF_DEVICE = RateLimitItemPerHour(60)
GUESSED_AT = RateLimitItemPerHour(50)
"""After this number of wrong passwords for one name from anywhere, each network gets fewer guesses."""
WRONG_FOR_GUESSED_NAME = RateLimitItemPerMinute(3, 15)
WRONG_OF_SITE_FOR_GUESSED_NAME = RateLimitItemPerMinute(10, 15)


@dataclass(frozen=True, slots=True)
class SignInClient:
    """The client of a sign-in: its address, and the cookie of a browser that signed in before."""

    address: str
    device: str = ""

    @property
    def network(self) -> str:
        """The address, or the /64 of an IPv6 address."""
        return network_of(self.address, 64)

    @property
    def site(self) -> str | None:
        """The /48 of an IPv6 address, which a customer of a provider may have."""
        return network_of(self.address, 48) if ":" in self.network else None


@dataclass(frozen=True, slots=True)
class Count:
    """One count against a limit."""

    item: RateLimitItem
    act: str
    subject: str


class SignInGuard:
    """Counts guesses.

    ``count_sign_in`` and ``begin`` may raise ``QuotaExceeded``, which says when to try again.
    """

    def __init__(self, rate_limits: RateLimits, secret_key: str) -> None:
        self._rate_limits = rate_limits
        self._key = secret_key.encode()

    def count_sign_in(self, client: SignInClient) -> None:
        """Count a sign-in by an API key, by the client's network."""
        self._rate_limits.count(SIGN_INS, "sign-ins of one address", client.network)

    def begin(self, name: str, account_id: str | None, client: SignInClient) -> list[Count]:
        """Count a guess before the password is checked, so that many guesses at once cannot bypass the
        limit."""
        device = self._device_of(client.device, account_id)
        if device is not None:
            return self._count([Count(WRONG_OF_DEVICE, "wrong passwords from one browser", device)])
        self.count_sign_in(client)
        counted = self._count(_of_network(client, name))
        everywhere = Count(GUESSED_AT, "wrong passwords for one name from anywhere", name)
        few = _of_guessed_name(client, name)
        is_guessed_at = not self._rate_limits.try_count(everywhere.item, everywhere.act, everywhere.subject)
        used_up = [one for one in few if not self._rate_limits.try_count(one.item, one.act, one.subject)]
        if is_guessed_at and used_up:
            self._rate_limits.require_left(used_up[0].item, used_up[0].act, used_up[0].subject)
        return [*counted, everywhere, *few]

    def succeeded(self, counted: list[Count]) -> None:
        """Undo the counts, because the password was right."""
        for one in counted:
            self._rate_limits.take_back(one.item, one.act, one.subject)

    def device_cookie(self, account_id: str) -> str:
        """The cookie for a browser that has signed in to this account."""
        nonce = secrets.token_urlsafe(12)
        return f"{nonce}.{self._signature(nonce, account_id)}"

    def _device_of(self, cookie: str, account_id: str | None) -> str | None:
        nonce, _, signature = cookie.partition(".")
        if account_id is None or not signature:
            return None
        expected = self._signature(nonce, account_id)
        return nonce if hmac.compare_digest(signature.encode(), expected.encode()) else None

    def _signature(self, nonce: str, account_id: str) -> str:
        return hmac.new(self._key, f"device:{account_id}:{nonce}".encode(), hashlib.sha256).hexdigest()

    def _count(self, counts: list[Count]) -> list[Count]:
        for one in counts:
            self._rate_limits.count(one.item, one.act, one.subject)
        return counts


def _of_network(client: SignInClient, name: str) -> list[Count]:
    counts = [
        Count(WRONG_OF_NETWORK, "wrong passwords from one address", client.network),
        Count(WRONG_FOR_NAME, "wrong passwords for one name", f"{client.network} {name}"),
    ]
    if client.site is not None:
        counts.append(Count(WRONG_OF_SITE, "wrong passwords from one network", client.site))
    return counts


def _of_guessed_name(client: SignInClient, name: str) -> list[Count]:
    act = "wrong passwords for a name that is guessed at"
    counts = [Count(WRONG_FOR_GUESSED_NAME, act, f"{client.network} {name}")]
    if client.site is not None:
        counts.append(Count(WRONG_OF_SITE_FOR_GUESSED_NAME, act, f"{client.site} {name}"))
    return counts


def network_of(address: str, bits: int) -> str:
    """The address, or the network of an IPv6 address. A text that is no address is returned unchanged."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed) >> (128 - bits) << (128 - bits), bits)))
