"""Estimates how many submissions wait before a submission, and how long it will wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from judge_api.services.language_availability import LanguageOutages
from judge_api.services.live_workers import WorkerCache
from judge_api.store.outbox import Outbox
from judge_api.store.queue_samples import QueueSampleStore
from judge_api.store.submissions import SubmissionStore
from judge_core.clock import SYSTEM_CLOCK
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage, Status

_RATE_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """The position of one submission. ``expected_seconds`` is ``None`` if it cannot be estimated.

    Accounts take turns, so more or fewer than ``ahead`` submissions may be judged before it.
    """

    ahead: int = 0
    expected_seconds: float | None = 0.0
    sent: bool = True
    reachable: bool = True
    paused: bool = False
    no_worker: dict[str, str | None] | None = None


class QueuePositions:
    """Estimates waits from the number of submissions that were judged in the last minute."""

    def __init__(
        self,
        submissions: SubmissionStore,
        outbox: Outbox,
        samples: QueueSampleStore,
        workers: WorkerCache,
        outages: LanguageOutages,
    ) -> None:
        self._submissions = submissions
        self._outbox = outbox
        self._samples = samples
        self._workers = workers
        self._outages = outages

    def of(self, status: Status) -> QueuePosition:
        """The position now. It is zero for a submission that does not wait."""
        if status.stage is not Stage.QUEUED:
            return QueuePosition()
        reachable, paused = self._queue_state(status.queue)
        ahead = self._submissions.count_before(status.queue, status.serial)
        judged = self._samples.waits(status.queue, SYSTEM_CLOCK.now() - _RATE_WINDOW).judged
        rate = judged / _RATE_WINDOW.total_seconds()
        outage = self._outages.of(status)
        is_moving = reachable and not paused and outage is None
        return QueuePosition(
            ahead=ahead,
            expected_seconds=round((ahead + 1) / rate, 1) if rate and is_moving else None,
            sent=not self._outbox.has_unclaimed(status.id),
            reachable=reachable,
            paused=paused,
            no_worker=outage.to_json() if outage else None,
        )

    def _queue_state(self, tier: Tier) -> tuple[bool, bool]:
        """Whether the queue can be reached, and whether operators have paused it."""
        try:
            return True, self._workers.is_paused(tier)
        except QueueUnavailable:
            return False, False
