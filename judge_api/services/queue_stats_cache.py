"""Counts of the queues from the database, made at most once a second.

The more submissions wait, the longer the database needs for one count.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from judge_api.store.outbox import Outbox
from judge_api.store.queue_samples import QueueSampleStore, TierCounts
from judge_api.store.records import HeldSubmissions
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import Tier

CACHE_SECONDS = 1.0
_RECENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class QueueStats:
    """The queues as the database knows them. ``failed`` and ``verdicts`` are about the last hour."""

    now: Mapping[Tier, TierCounts]
    unsent: Mapping[Tier, int]
    unsent_since: Mapping[Tier, datetime | None]
    failed: Mapping[Tier, int]
    verdicts: Mapping[str, int]
    held: Sequence[HeldSubmissions] = ()


class QueueStatsCache:
    """Keeps the last count for a second. Raises ``StoreUnavailable``, and does not cache a failure."""

    def __init__(self, samples: QueueSampleStore, outbox: Outbox, clock: Clock = SYSTEM_CLOCK) -> None:
        self._samples = samples
        self._outbox = outbox
        self._clock = clock
        self._lock = threading.Lock()
        self._cached: tuple[float, QueueStats] | None = None

    def read(self) -> QueueStats:
        with self._lock:
            if self._cached is None or self._clock.monotonic() - self._cached[0] > CACHE_SECONDS:
                self._cached = (self._clock.monotonic(), self._count())
            return self._cached[1]

    def clear(self) -> None:
        """Drop the cached count. Call it after a change by an operator, who wants to see its effect."""
        self._cached = None

    def _count(self) -> QueueStats:
        since = self._clock.now() - _RECENT
        backlogs = {tier: self._outbox.backlog(tier) for tier in self._outbox.tiers}
        return QueueStats(
            now=self._samples.counts(),
            unsent={tier: backlog.waiting for tier, backlog in backlogs.items()},
            unsent_since={tier: backlog.oldest for tier, backlog in backlogs.items()},
            failed=self._samples.failed(since),
            verdicts=self._samples.verdicts(since),
            held=self._outbox.readable_held(),
        )
