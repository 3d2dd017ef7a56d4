"""Who comes with a key, remembered for a few seconds so that a poll costs no SQL."""

from __future__ import annotations

import time
from collections.abc import Callable

from judge_api.store.accounts import AccountStore, Bearer
from judge_api.store.ids import hash_secret
from judge_core.clock import utc_now
from judge_core.model.errors import StoreUnavailable

KEEP_SECONDS = 5.0
USED_SECONDS = 300.0
_REMEMBERED = 10_000


class AuthCache:
    """A revoked key opens for ``KEEP_SECONDS`` more, and not at all in the process that revoked it."""

    def __init__(self, accounts: AccountStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._accounts = accounts
        self._clock = clock
        self._known: dict[str, tuple[float, Bearer]] = {}
        self._forgotten = 0

    def bearer(self, secret: str) -> Bearer | None:
        """Who it is; ``None`` for a key that opens nothing. What is wrong is not remembered."""
        name = hash_secret(secret)
        known = self._remembered(name)
        if known is not None:
            return known
        forgotten = self._forgotten
        found = self._accounts.bearer(secret)
        if found is None:
            self._known.pop(name, None)
            return None
        if forgotten == self._forgotten:  # else it may be what was true before the change
            self._remember(name, found)
        self._note_use(found)
        return found

    def remembered(self, secret: str) -> Bearer | None:
        """Who it is if that was looked up a moment ago: never waits, and ``None`` says nothing."""
        return self._remembered(hash_secret(secret))

    def remembered_by(self, header: str | None) -> Bearer | None:
        """The same for an ``Authorization`` header as it came."""
        scheme, _, secret = (header or "").partition(" ")
        return self.remembered(secret.strip()) if scheme.lower() == "bearer" else None

    def _remembered(self, name: str) -> Bearer | None:
        known = self._known.get(name)
        fresh = known is not None and known[0] > self._clock() and not _has_ended(known[1])
        return known[1] if known is not None and fresh else None

    def _remember(self, name: str, found: Bearer) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[name] = (self._clock() + KEEP_SECONDS, found)

    def forget(self) -> None:
        """After a change of any account or key: look everybody up again, whoever is being looked up too."""
        self._forgotten += 1
        self._known.clear()

    def _note_use(self, bearer: Bearer) -> None:
        last = bearer.last_used_at
        if last is not None and (utc_now() - last).total_seconds() < USED_SECONDS:
            return
        try:
            self._accounts.record_key_use(bearer.key_id)
        except StoreUnavailable:
            return  # "last used" is a courtesy; the request goes on


def _has_ended(bearer: Bearer) -> bool:
    return bearer.expires_at is not None and bearer.expires_at <= utc_now()
