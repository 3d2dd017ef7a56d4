"""Counts that all processes of the house share: any number of dispatchers add, whoever is scraped tells them.

They lie in one hash of Redis. A Redis that was emptied begins again at nothing, as a restarted process would:
Prometheus expects that of counters.
"""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from typing import Any

from judge_core.redis.client import LuaScript, named_failures, open_redis
from judge_core.redis.persistent_connections import RedisLines

TALLIES_KEY = "gavel:tallies"
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
"""Seconds up to which each bucket of a histogram reaches; what took longer is in none of them."""
_BUCKETS = (*map(str, BOUNDS), "+Inf")

_TOLD_SECONDS = 24 * 3600
"""How long an answer may be lost for without anything being counted twice."""

_ADD = LuaScript(
    """
    if tonumber(redis.call('GET', KEYS[2]) or 0) >= tonumber(ARGV[1]) then return 0 end
    redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
    for i = 3, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
    return 1
    """
)


def bucket_of(seconds: float) -> str:
    """The name of the bucket that this many seconds fall into."""
    return _BUCKETS[bisect_left(BOUNDS, seconds)]


class Tallies:
    """Every method may raise ``QueueUnavailable``. One thread adds by each.

    What is added has a serial number, and Redis knows the last of each that adds: whether it was the question
    that got lost or the answer, the same is told again and counts once.
    """

    def __init__(self, url: str, timeout_seconds: float = 1.0) -> None:
        self._redis = open_redis(url, timeout_seconds)
        self._lines = RedisLines(self._redis)
        self._told_key = f"{TALLIES_KEY}:told:{uuid.uuid4().hex}"
        self._serial = 0
        self._under_way: Counter[str] = Counter()
        self._owed: Counter[str] = Counter()

    @property
    def owes(self) -> bool:
        """Whether something is still to be added, which the next :meth:`add` does."""
        return bool(self._under_way or self._owed)

    def add(self, counts: Mapping[str, int]) -> None:
        """Add these and what could not be added before; what cannot be now is kept."""
        self._owed.update(counts)
        while self.owes:
            if not self._under_way:
                self._serial += 1
                self._under_way, self._owed = self._owed, Counter()
            self._tell()

    def _tell(self) -> None:
        arguments = [self._serial, _TOLD_SECONDS, *_flat(self._under_way)]
        with named_failures():
            _ADD.run(self._lines, [TALLIES_KEY, self._told_key], arguments)
        self._under_way = Counter()

    def read(self) -> dict[str, int]:
        with named_failures():
            found: Any = self._redis.hgetall(TALLIES_KEY)
        return {name.decode(): int(count) for name, count in found.items()}


def _flat(counts: Mapping[str, int]) -> list[str | int]:
    return [part for pair in counts.items() for part in pair]
