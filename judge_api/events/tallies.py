"""Counts that all processes of the house share: any number of dispatchers add, whoever is scraped tells them.

They lie in one hash of Redis. A Redis that was emptied begins again at nothing, as a restarted process would:
Prometheus expects that of counters.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from judge_api.events.redis_door import LuaScript, named_failures, open_redis
from judge_api.events.redis_lines import RedisLines

TALLIES_KEY = "gavel:tallies"
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
"""Seconds up to which each bucket of a histogram reaches; what took longer is in none of them."""
_BUCKETS = (*map(str, BOUNDS), "+Inf")

_ADD = LuaScript(
    """
    for i = 1, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
    return #ARGV / 2
    """
)


def bucket_of(seconds: float) -> str:
    """The name of the bucket that this many seconds fall into."""
    return _BUCKETS[bisect_left(BOUNDS, seconds)]


class Tallies:
    """Every method may raise ``QueueUnavailable``."""

    def __init__(self, url: str, timeout_seconds: float = 1.0) -> None:
        self._redis = open_redis(url, timeout_seconds)
        self._lines = RedisLines(self._redis)

    def add(self, counts: Mapping[str, int]) -> None:
        if counts:
            with named_failures():
                _ADD.run(self._lines, [TALLIES_KEY], _flat(counts))

    def read(self) -> dict[str, int]:
        with named_failures():
            found: Any = self._redis.hgetall(TALLIES_KEY)
        return {name.decode(): int(count) for name, count in found.items()}


def _flat(counts: Mapping[str, int]) -> list[str | int]:
    return [part for pair in counts.items() for part in pair]
