"""Looks up API keys and sessions. It caches them for five seconds, so that most polls need no SQL."""

from __future__ import annotations

from dataclasses import replace

from judge_api.store.accounts import AccountStore
from judge_api.store.secret_tokens import hash_secret
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import AuthenticatedKey
from judge_core.model.errors import StoreUnavailable
from judge_core.model.tiers import DEFAULT_TIERS, Tiers

CACHE_SECONDS = 5.0
RECORD_USE_SECONDS = 300.0
_MOST_CACHED = 10_000


class AuthCache:
    """A cache of keys and sessions.

    In other processes, a revoked key still works for up to ``CACHE_SECONDS``. In the process that revoked the
    key, it stops working at once.
    """

    def __init__(
        self, accounts: AccountStore, clock: Clock = SYSTEM_CLOCK, tiers: Tiers = DEFAULT_TIERS
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._tiers = tiers
        self._cached: dict[str, tuple[float, AuthenticatedKey]] = {}
        self._cleared = 0

    def find(
        self, secret: str, address: str | None = None, of_one_event: bool = False
    ) -> AuthenticatedKey | None:
        """The account and key of this secret. ``None`` for a wrong secret, which is not cached.

        An account that belongs to one event is found only with ``of_one_event``, by callers that limit it. An
        account of an undefined tier gets the tier that serves it. ``address`` is the client's address. It is
        recorded with the time of the last use.
        """
        found = self._found(secret, address)
        is_hidden = found is not None and found.account.event is not None and not of_one_event
        return None if is_hidden else found

    def _found(self, secret: str, address: str | None) -> AuthenticatedKey | None:
        hashed = hash_secret(secret)
        cached = self._fresh(hashed)
        if cached is not None:
            return cached
        cleared = self._cleared
        found = self._accounts.authenticate(secret)
        if found is None:
            self._cached.pop(hashed, None)
            return None
        found = self._with_serving_tier(found)
        # If the cache was cleared meanwhile, the account may have been read before the change.
        if cleared == self._cleared:
            self._cache(hashed, found)
        self._record_use(found, address)
        return found

    def cached(self, secret: str) -> AuthenticatedKey | None:
        """The same as :meth:`find`, from the cache only, so it never waits. ``None`` if the secret is not
        cached."""
        found = self._fresh(hash_secret(secret))
        return None if found is not None and found.account.event is not None else found

    def cached_by_header(self, header: str | None) -> AuthenticatedKey | None:
        """The same as :meth:`cached`, for the value of an ``Authorization`` header."""
        scheme, _, secret = (header or "").partition(" ")
        return self.cached(secret.strip()) if scheme.lower() == "bearer" else None

    def clear(self) -> None:
        """Drop all cached accounts, and those that are being looked up. Call it after a change of an account
        or key."""
        self._cleared += 1
        self._cached.clear()

    def _with_serving_tier(self, found: AuthenticatedKey) -> AuthenticatedKey:
        tier = self._tiers.serving(found.account.tier)
        if tier == found.account.tier:
            return found
        return replace(found, account=replace(found.account, tier=tier))

    def _fresh(self, hashed: str) -> AuthenticatedKey | None:
        cached = self._cached.get(hashed)
        if cached is None or cached[0] <= self._clock.monotonic() or self._has_expired(cached[1]):
            return None
        return cached[1]

    def _cache(self, hashed: str, found: AuthenticatedKey) -> None:
        if len(self._cached) >= _MOST_CACHED:
            self._cached.clear()
        self._cached[hashed] = (self._clock.monotonic() + CACHE_SECONDS, found)

    def _record_use(self, key: AuthenticatedKey, address: str | None) -> None:
        last = key.last_used_at
        if last is not None and (self._clock.now() - last).total_seconds() < RECORD_USE_SECONDS:
            return
        try:
            self._accounts.record_key_use(key.key_id, address)
        except StoreUnavailable:
            return  # A request must not fail because its time cannot be recorded.

    def _has_expired(self, key: AuthenticatedKey) -> bool:
        return key.expires_at is not None and key.expires_at <= self._clock.now()
