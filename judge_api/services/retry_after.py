"""How long the queues are, as a hint for whoever polls; measured once a second at most."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Protocol

from judge_core.model.account import Tier
from judge_core.model.errors import StoreUnavailable

KEEP_SECONDS = 1.0
_STEPS = ((20, 1), (100, 2), (500, 5))
_MOST = 10


class Gauge(Protocol):
    """Counts what waits for room in the queue, by tier; asked while people wait, so it counts no further than
    anybody wants to know."""

    def count_waiting(self, most: int) -> Mapping[Tier, int]: ...


class RetryAfter:
    """Never fails: what cannot be measured keeps its last value.

    The few jobs that the queue itself holds are not counted: with nothing before it, a wait is short.
    """

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._lock = threading.Lock()
        self._measured_at = float("-inf")
        self._waiting: Mapping[Tier, int] = dict.fromkeys(Tier, 0)

    def _count(self, tier: Tier) -> int:
        if time.monotonic() - self._measured_at > KEEP_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._waiting = self._gauge.count_waiting(_STEPS[-1][0])
            except StoreUnavailable:
                pass
            finally:
                self._measured_at = time.monotonic()
                self._lock.release()
        return self._waiting.get(tier, 0)

    def retry_after(self, tier: Tier) -> int:
        """Seconds after which it is worth asking again: grows with the queue."""
        waiting = self._count(tier)
        return next((seconds for depth, seconds in _STEPS if waiting < depth), _MOST)
