"""How the queues stand, counted once a second at most however many operators look.

With a hundred thousand waiting, counting them costs the database tens of milliseconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from judge_api.store.outbox import Outbox
from judge_api.store.queue_samples import QueueSampleStore, TierCounts
from judge_core.model.account import Tier

KEEP_SECONDS = 1.0
LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class QueueStats:
    """What the store knows of both queues: ``failed`` and ``verdicts`` are of the last hour."""

    now: Mapping[Tier, TierCounts]
    unsent: Mapping[Tier, int]
    unsent_since: Mapping[Tier, datetime | None]
    failed: Mapping[Tier, int]
    verdicts: Mapping[str, int]


class QueueStatsCache:
    """Remembers its last look for a moment. Raises ``StoreUnavailable``, and then remembers nothing."""

    def __init__(
        self, samples: QueueSampleStore, outbox: Outbox, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._samples = samples
        self._outbox = outbox
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: tuple[float, QueueStats] | None = None

    def look(self) -> QueueStats:
        with self._lock:
            if self._seen is None or self._clock() - self._seen[0] > KEEP_SECONDS:
                self._seen = (self._clock(), self._count())
            return self._seen[1]

    def forget(self) -> None:
        """An operator has just changed something and wants to see it."""
        self._seen = None

    def _count(self) -> QueueStats:
        since = datetime.now(UTC) - LATELY
        backlogs = {tier: self._outbox.backlog(tier) for tier in Tier}
        return QueueStats(
            now=self._samples.counts(),
            unsent={tier: backlog.waiting for tier, backlog in backlogs.items()},
            unsent_since={tier: backlog.oldest for tier, backlog in backlogs.items()},
            failed=self._samples.failed(since),
            verdicts=self._samples.verdicts(since),
        )
