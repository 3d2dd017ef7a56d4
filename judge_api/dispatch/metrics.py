"""Counts recorded verdicts and ended attempts in counters that all processes share. Every API process shows
them on /metrics.

The counters are in one hash of Redis. If Redis is emptied, they begin again at zero, which Prometheus handles
like the restart of a process.
"""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.messages import Report
from judge_core.model.submission import Status
from judge_core.redis.client import (
    LuaScript,
    PersistentConnections,
    create_redis_client,
    translate_redis_errors,
)
from judge_core.redis.keys import COUNTERS_KEY, counted_key

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
"""The upper bound in seconds of each bucket of a histogram. Longer times are only in ``+Inf``."""
_BUCKETS = (*map(str, BOUNDS), "+Inf")

_MAX_DIGITS = 19
_SERIAL_KEPT_SECONDS = 24 * 3600
"""How long Redis keeps the serial number of an addition. In that time, a repeated addition counts once."""

_ADD = LuaScript(
    """
    if (tonumber(redis.call('GET', KEYS[2]) or 0) or 0) >= tonumber(ARGV[1]) then return 0 end
    redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
    for i = 3, #ARGV, 2 do
        local added = redis.pcall('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
        -- A field that holds no number begins anew.
        if type(added) == 'table' then redis.pcall('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
    end
    return 1
    """
)


def bucket_of(seconds: float) -> str:
    """The name of the bucket for this many seconds."""
    return _BUCKETS[bisect_left(BOUNDS, seconds)]


class Counters:
    """Adds to the shared counters and reads them. Every method may raise ``QueueUnavailable``.

    Only one thread may use an instance. Each addition has a serial number, and Redis keeps the last number of
    each instance. So if the answer to an addition is lost, the addition is sent again and counts once.
    """

    def __init__(self, url: str, timeout_seconds: float = 1.0) -> None:
        self._redis = create_redis_client(url, timeout_seconds)
        self._connections = PersistentConnections(self._redis)
        self._serial_key = counted_key(uuid.uuid4().hex)
        self._serial = 0
        self._unconfirmed: Counter[str] = Counter()
        self._pending: Counter[str] = Counter()

    @property
    def has_pending(self) -> bool:
        """Whether counts are still to be added. The next :meth:`add` adds them."""
        return bool(self._unconfirmed or self._pending)

    def add(self, counts: Mapping[str, int]) -> None:
        """Add these counts and those that could not be added before. Counts that cannot be added now are
        kept."""
        self._pending.update(counts)
        while self.has_pending:
            if not self._unconfirmed:
                self._serial += 1
                self._unconfirmed, self._pending = self._pending, Counter()
            self._send()

    def _send(self) -> None:
        arguments = [self._serial, _SERIAL_KEPT_SECONDS, *_flat(self._unconfirmed)]
        with translate_redis_errors():
            _ADD.run(self._connections, [COUNTERS_KEY, self._serial_key], arguments)
        self._unconfirmed = Counter()

    def read(self) -> dict[str, int]:
        """All counters by name. Fields that hold no counter are left out."""
        with translate_redis_errors():
            found: Any = self._redis.hgetall(COUNTERS_KEY)
        return {
            name.decode(): int(count)
            for name, count in found.items()
            if name.isascii() and count.isdigit() and len(count) <= _MAX_DIGITS
        }


def _flat(counts: Mapping[str, int]) -> list[str | int]:
    return [part for pair in counts.items() for part in pair]


RECONCILED = "taken-back"
"""The published ``ending`` label of an attempt that the reconciler ended."""
Count = tuple[str, int]
"""The name of a shared counter, and how much to add to it."""
_FLUSH_SECONDS = 1.0


class MetricsBuffer:
    """Collects the counts of one report consumer, and sends them to Redis once a second instead of with each
    report.

    A consumer that is killed loses the counts that it has not sent yet. The verdicts themselves are in the
    database.
    """

    def __init__(self, counters: Counters, clock: Clock = SYSTEM_CLOCK) -> None:
        self._counters = counters
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._flushed_at = 0.0

    def count(self, counts: Iterable[Count]) -> None:
        for name, amount in counts:
            self._counts[name] += amount

    def flush(self) -> None:
        """Send the counts if a second has passed since the last try. Raises ``QueueUnavailable``; then they
        are sent later, and count once."""
        now = self._clock.monotonic()
        if (self._counts or self._counters.has_pending) and now - self._flushed_at >= _FLUSH_SECONDS:
            self._flushed_at = now
            counts, self._counts = self._counts, Counter()
            self._counters.add(counts)


def verdict_counts(report: Report, status: Status) -> Iterator[Count]:
    """The counts of a recorded verdict. Names are ``histogram|queue|bucket``, ``histogram|queue|sum`` in ms,
    and ``counter|label...``.

    The wait is counted for first attempts only, because later attempts and rejudgings wait for other reasons.
    """
    queue = status.queue.value
    yield ending_count(report.kind.value)
    if status.outcome is not None:
        yield f"verdicts|{queue}|{status.outcome.verdict.value}", 1
    if status.attempt == 1 and status.started_at is not None:
        waited = (status.started_at - status.submitted_at).total_seconds()
        yield from _observe(f"wait|{queue}", max(0.0, waited))
    for name, timing in (("judging", "judged_ms"), ("overhead", "sandbox_overhead_ms")):
        if timing in report.timings:
            yield from _observe(f"{name}|{queue}", report.timings[timing] / 1000)


def ending_count(ending: str) -> Count:
    """The count of one attempt that ended in this way: ``finished``, or why it was returned."""
    return f"attempts|{ending}", 1


def _observe(name: str, seconds: float) -> Iterator[Count]:
    yield f"{name}|{bucket_of(seconds)}", 1
    yield f"{name}|sum", round(seconds * 1000)
