"""How often somebody may do something, counted where all processes see it.

The engine is ``limits``, which is also Flask-Limiter's. Counts lie in Redis; while Redis is away each
process counts for itself, so that a broken Redis neither opens the doors nor closes them.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from judge_api.services.rate_limit_storage import RedisRateLimitStorage
from judge_core.model.account import Account
from judge_core.model.errors import TooMany
from judge_core.model.quotas import Quota
from judge_core.redis.client import create_redis_client
from judge_core.redis.persistent_connections import PersistentConnections

BREAK_SECONDS = 5.0
_TIMEOUT_SECONDS = 0.25


class RateLimits:
    """Raises ``TooMany`` with the time to come back."""

    def __init__(self, redis_url: str) -> None:
        connections = PersistentConnections(create_redis_client(redis_url, _TIMEOUT_SECONDS))
        self._shared = FixedWindowRateLimiter(RedisRateLimitStorage(connections))
        self._spare = FixedWindowRateLimiter(MemoryStorage())
        self._broken_until = 0.0

    def count(self, account: Account, quota: Quota) -> None:
        """One submission more; what the tier's quota leaves open is not counted."""
        if quota.per_minute is not None:
            self.hit(RateLimitItemPerMinute(quota.per_minute), "submissions", account.id)
        if quota.per_day is not None:
            self.hit(RateLimitItemPerDay(quota.per_day), "submissions", account.id)

    def left(self, account: Account, quota: Quota) -> dict[str, int | None]:
        """How many submissions more this minute and this day; ``None`` where nobody counts."""
        minute = RateLimitItemPerMinute(quota.per_minute) if quota.per_minute is not None else None
        day = RateLimitItemPerDay(quota.per_day) if quota.per_day is not None else None
        return {
            "per_minute_left": self._left(minute, account.id),
            "per_day_left": self._left(day, account.id),
        }

    def _left(self, item: RateLimitItem | None, who: str) -> int | None:
        if item is None:
            return None
        try:
            return self._limiter().get_window_stats(item, "submissions", who).remaining
        except StorageError:
            self._broken_until = time.monotonic() + BREAK_SECONDS
            return self._spare.get_window_stats(item, "submissions", who).remaining

    def hit(self, item: RateLimitItem, act: str, who: str) -> None:
        """One act more of somebody."""
        limiter = self._limiter()
        try:
            allowed = limiter.hit(item, act, who)
        except StorageError:
            self._broken_until = time.monotonic() + BREAK_SECONDS
            limiter = self._spare
            allowed = limiter.hit(item, act, who)
        if not allowed:
            raise _too_many(limiter, item, act, who)

    def refuse_beyond(self, item: RateLimitItem, act: str, who: str) -> None:
        """Like :meth:`hit` without counting: for acts that count only once they have failed."""
        limiter = self._limiter()
        try:
            allowed = limiter.test(item, act, who)
        except StorageError:
            self._broken_until = time.monotonic() + BREAK_SECONDS
            limiter = self._spare
            allowed = limiter.test(item, act, who)
        if not allowed:
            raise _too_many(limiter, item, act, who)

    def _limiter(self) -> FixedWindowRateLimiter:
        return self._spare if time.monotonic() < self._broken_until else self._shared


def _too_many(limiter: FixedWindowRateLimiter, item: RateLimitItem, act: str, who: str) -> TooMany:
    return TooMany(f"at most {item} for {act}: come back later", _seconds_left(limiter, item, act, who))


def _seconds_left(limiter: FixedWindowRateLimiter, item: RateLimitItem, act: str, who: str) -> int:
    try:
        ends = limiter.get_window_stats(item, act, who).reset_time
    except StorageError:
        return item.get_expiry()
    return max(1, math.ceil(ends - time.time()))
