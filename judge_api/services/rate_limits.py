"""Rate limits of accounts and addresses. The library ``limits`` counts them in Redis for all processes.

While Redis is unreachable, each process counts on its own: the limits still work, but less exactly. Answers
to submissions state what is left in the headers ``RateLimit-Policy`` and ``RateLimit``
(draft-ietf-httpapi-ratelimit-headers-08).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import Account, LimitState, Quota
from judge_core.model.errors import QuotaExceeded
from judge_core.redis.client import LuaScript, PersistentConnections
from judge_core.redis.keys import RATE_LIMIT_PREFIX

REDIS_PAUSE_SECONDS = 5.0
_SUBMISSIONS = "submissions"
_MAX_DIGITS = 18
_MAX_LOCAL = 10_000
# A key without an expiry would limit the account for ever, for example after PERSIST. An expiry later than
# the end of the window would limit it too long, for example after the clock was set back.
_ADD = LuaScript(
    """
    local count, left = redis.call('INCRBY', KEYS[1], ARGV[1]), redis.call('TTL', KEYS[1])
    if count == tonumber(ARGV[1]) or left < 0 or left > tonumber(ARGV[2]) then
        redis.call('EXPIRE', KEYS[1], ARGV[2])
        left = tonumber(ARGV[2])
    end
    return {count, left}
    """
)
_WITHOUT_EXPIRY = -1
"""Redis' answer to TTL for a key without an expiry."""


class RateLimits:
    """Counts actions, such as sign-ins. Raises ``QuotaExceeded``, which says when to try again."""

    def __init__(self, shared: Storage, clock: Clock = SYSTEM_CLOCK) -> None:
        self._shared = FixedWindowRateLimiter(shared)
        self._local = FixedWindowRateLimiter(LocalRateLimitStorage(clock))
        self._clock = clock
        self._local_until = 0.0

    def count_submission(self, account: Account, quota: Quota) -> tuple[LimitState, ...]:
        """Count a submission against the limits of the tier's quota. Returns what is left of them."""
        states: tuple[LimitState, ...] = ()
        if quota.per_minute is not None:
            states = (self._count_timed("minute", RateLimitItemPerMinute(quota.per_minute), account.id),)
        if quota.per_day is not None:
            states += (self._count_timed("day", RateLimitItemPerDay(quota.per_day), account.id),)
        return states

    def _count_timed(self, name: str, item: RateLimitItem, subject: str) -> LimitState:
        key, expiry = item.key_for(_SUBMISSIONS, subject), item.get_expiry()
        try:
            count, seconds = self._storage().incr_timed(key, expiry)
        except StorageError:
            self._switch_to_local()
            count, seconds = self._storage().incr_timed(key, expiry)
        state = LimitState(name, item.amount, max(0, item.amount - count), expiry, seconds)
        if count > item.amount:
            message = f"at most {item} for {_SUBMISSIONS}: try again later"
            raise QuotaExceeded(message, max(1, seconds), (state,))
        return state

    def _storage(self) -> TimedStorage:
        return cast(TimedStorage, self._limiter().storage)

    def remaining(self, account: Account, quota: Quota) -> dict[str, int | None]:
        """How many more submissions the account may make in this minute and on this day. ``None`` if there is
        no limit."""
        minute = RateLimitItemPerMinute(quota.per_minute) if quota.per_minute is not None else None
        day = RateLimitItemPerDay(quota.per_day) if quota.per_day is not None else None
        return {
            "per_minute_left": self._remaining(minute, account.id),
            "per_day_left": self._remaining(day, account.id),
        }

    def count(self, item: RateLimitItem, act: str, subject: str) -> None:
        """Count one action of a subject, such as a sign-in from an address. Raises if a limit is exceeded."""
        self._require(lambda limiter: limiter.hit(item, act, subject), item, act, subject)

    def require_left(self, item: RateLimitItem, act: str, subject: str) -> None:
        """Raise as :meth:`count` does, but without counting. It is for actions that count only if they
        fail."""
        self._require(lambda limiter: limiter.test(item, act, subject), item, act, subject)

    def try_count(self, item: RateLimitItem, act: str, subject: str) -> bool:
        """The same as :meth:`count`, but returns False instead of raising."""
        try:
            self.count(item, act, subject)
        except QuotaExceeded:
            return False
        return True

    def take_back(self, item: RateLimitItem, act: str, subject: str) -> None:
        """Undo one :meth:`count`, because the action turned out not to count against this limit."""
        try:
            self._limiter().hit(item, act, subject, cost=-1)
        except StorageError:
            self._switch_to_local()

    def _require(
        self,
        is_allowed: Callable[[FixedWindowRateLimiter], bool],
        item: RateLimitItem,
        act: str,
        subject: str,
    ) -> None:
        limiter = self._limiter()
        try:
            allowed = is_allowed(limiter)
        except StorageError:
            limiter = self._switch_to_local()
            allowed = is_allowed(limiter)
        if not allowed:
            seconds = _seconds_left(limiter, item, act, subject)
            raise QuotaExceeded(f"at most {item} for {act}: try again later", seconds)

    def _remaining(self, item: RateLimitItem | None, subject: str) -> int | None:
        if item is None:
            return None
        try:
            stats = self._limiter().get_window_stats(item, _SUBMISSIONS, subject)
        except StorageError:
            stats = self._switch_to_local().get_window_stats(item, _SUBMISSIONS, subject)
        return stats.remaining

    def _limiter(self) -> FixedWindowRateLimiter:
        return self._local if self._clock.monotonic() < self._local_until else self._shared

    def _switch_to_local(self) -> FixedWindowRateLimiter:
        self._local_until = self._clock.monotonic() + REDIS_PAUSE_SECONDS
        return self._local


def _seconds_left(limiter: FixedWindowRateLimiter, item: RateLimitItem, act: str, subject: str) -> int:
    try:
        ends = limiter.get_window_stats(item, act, subject).reset_time
    except StorageError:
        return item.get_expiry()
    return max(1, math.ceil(ends - time.time()))


class TimedStorage(Protocol):
    """A storage that also returns the rest of the window in seconds. Both storages of this module do."""

    def incr_timed(self, key: str, expiry: int, amount: int = 1) -> tuple[int, int]: ...


class LocalRateLimitStorage(Storage):
    """Counts in this process by the monotonic clock, so that a clock that is set back does not lengthen a
    limit."""

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self.incr_timed(key, expiry, amount)[0]

    def incr_timed(self, key: str, expiry: int, amount: int = 1) -> tuple[int, int]:
        """The same as :meth:`incr`, with the rest of the window in seconds."""
        with self._lock:
            now = self._clock.monotonic()
            count, ends = self._counts.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
            self._counts[key] = (count + amount, ends)
            if len(self._counts) > _MAX_LOCAL:
                self._counts = {key: one for key, one in self._counts.items() if one[1] > now}
            return count + amount, math.ceil(ends - now)

    def get(self, key: str) -> int:
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > self._clock.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        _, ends = self._counts.get(key, (0, 0.0))
        return max(0.0, ends - self._clock.monotonic()) + time.time()

    def check(self) -> bool:
        return True

    def clear(self, key: str) -> None:
        self._counts.pop(key, None)

    def reset(self) -> int | None:
        raise NotImplementedError


class RedisRateLimitStorage(Storage):
    """Counts as ``limits.storage.RedisStorage`` does, with another connection pool.

    The pool of that class refuses a request if no connection is free. Here thousands of requests can wait for
    a free connection. A count whose answer was lost is not repeated. Raises ``StorageError`` when Redis
    fails.
    """

    def __init__(self, connections: PersistentConnections) -> None:
        super().__init__(wrap_exceptions=True)
        self._connections = connections

    @property
    def base_exceptions(self) -> type[Exception]:
        return RedisError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self.incr_timed(key, expiry, amount)[0]

    def incr_timed(self, key: str, expiry: int, amount: int = 1) -> tuple[int, int]:
        """The same as :meth:`incr`, with the rest of the window in seconds."""
        try:
            count, seconds = _ADD.run_once(self._connections, [RATE_LIMIT_PREFIX + key], [amount, expiry])
        except RedisError as error:
            raise StorageError(error) from error
        return int(count), max(0, int(seconds))

    def get(self, key: str) -> int:
        name = RATE_LIMIT_PREFIX + key
        found, left = self._connections.execute_all([("GET", name), ("TTL", name)])
        is_number = found is not None and found.isdigit() and len(found) <= _MAX_DIGITS
        return int(found) if is_number and left != _WITHOUT_EXPIRY else 0

    def get_expiry(self, key: str) -> float:
        return max(0, int(self._connections.execute("TTL", RATE_LIMIT_PREFIX + key))) + time.time()

    def check(self) -> bool:
        return bool(self._connections.execute("PING"))

    def clear(self, key: str) -> None:
        self._connections.execute("DEL", RATE_LIMIT_PREFIX + key)

    def reset(self) -> int | None:
        """Not supported: no caller may delete the counts of all accounts."""
        raise NotImplementedError


def rate_limit_headers(limits: Sequence[LimitState]) -> list[tuple[str, str]]:
    """The headers with the limits that an action counted against, and the rest of each. Empty without
    limits."""
    if not limits:
        return []
    return [
        ("RateLimit-Policy", ", ".join([_policy(each) for each in limits])),
        ("RateLimit", ", ".join([_state(each) for each in limits])),
    ]


def _policy(limit: LimitState) -> str:
    window = "" if limit.window is None else f";w={limit.window}"
    return f'"{limit.name}";q={limit.quota}{window}'


def _state(limit: LimitState) -> str:
    reset = "" if limit.reset is None else f";t={limit.reset}"
    return f'"{limit.name}";r={limit.remaining}{reset}'
