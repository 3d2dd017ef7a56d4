"""Computes after how many seconds a client should poll again. It is longer if the queue is longer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Protocol

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import Tier
from judge_core.model.errors import StoreUnavailable

CACHE_SECONDS = 1.0
_SECONDS_BELOW_DEPTH = ((20, 1), (100, 2), (500, 5))
_LONGEST = 10


class WaitingCounter(Protocol):
    """Counts the submissions of each tier that wait for their queue, up to ``most``. The outbox is such a
    counter."""

    def count_waiting(self, most: int) -> Mapping[Tier, int]: ...


class RetryAfter:
    """The polling hint. It never fails: if a count fails, its last value is used.

    It counts at most once a second. The few jobs in the queue itself are left out, because a submission
    behind only these waits a short time.
    """

    def __init__(self, counter: WaitingCounter, clock: Clock = SYSTEM_CLOCK) -> None:
        self._counter = counter
        self._clock = clock
        self._lock = threading.Lock()
        self._counted_at = float("-inf")
        self._waiting: Mapping[Tier, int] = {}

    def seconds(self, tier: Tier) -> int:
        """The value of the header ``Retry-After`` for a submission that waits in this tier."""
        waiting = self._count(tier)
        return next((seconds for depth, seconds in _SECONDS_BELOW_DEPTH if waiting < depth), _LONGEST)

    def _count(self, tier: Tier) -> int:
        if self._clock.monotonic() - self._counted_at > CACHE_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._waiting = self._counter.count_waiting(_SECONDS_BELOW_DEPTH[-1][0])
            except StoreUnavailable:
                pass
            finally:
                self._counted_at = self._clock.monotonic()
                self._lock.release()
        return self._waiting.get(tier, 0)
