"""Why a submission has no verdict yet, in an operator's words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from judge_api.container import Services
from judge_api.store.pending_submissions import PendingSubmissionStore
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage, Status, from_rfc3339
from judge_core.model.worker import WorkerRecord

_NOBODY = "no live worker has it: it is given back when its lease runs out"


@dataclass(frozen=True, slots=True)
class Ground:
    """What is the case in the house just now; ``workers`` is ``None`` while the queue is away."""

    workers: Sequence[WorkerRecord] | None
    served: Collection[Tier]
    paused: Collection[Tier]
    unsent: Collection[str]
    last_reasons: Mapping[str, str]

    def reason_of(self, status: Status) -> str | None:
        """``None`` for what has ended without a reason: a verdict needs none."""
        if status.stage.is_final:
            return status.reason
        now = self._waiting(status) if status.stage is Stage.QUEUED else self._running(status)
        fault = self.last_reasons.get(status.id)
        return f"{now}. Before: {fault}" if fault and status.attempt > 1 else now

    def _waiting(self, status: Status) -> str:
        tier = status.queue
        if self.workers is None:
            return "the queue cannot be reached: it is kept here and sent when it is back"
        if tier in self.paused:
            return f"the {tier} queue is paused"
        if tier not in self.served:
            return f"no live worker takes from the {tier} queue"
        where = "waits here for room in" if status.id in self.unsent else "waits for its turn in"
        return f"{where} the {tier} queue"

    def _running(self, status: Status) -> str:
        if self.workers is None:
            return "the queue cannot be reached: who has it is not known"
        holder = next((record for record in self.workers if record.submission == status.id), None)
        return _holding(holder) if holder else _NOBODY


def _holding(holder: WorkerRecord) -> str:
    since = from_rfc3339(holder.submission_since) if holder.submission_since else None
    seconds = max(0, round((datetime.now(UTC) - since).total_seconds())) if since else None
    return f"on {holder.name}" if seconds is None else f"on {holder.name} for {seconds} s"


def survey(services: Services, statuses: Sequence[Status]) -> Ground:
    """The ground for these. Raises ``StoreUnavailable``; without Redis it says so instead."""
    open_ones = [status.id for status in statuses if not status.stage.is_final]
    store = PendingSubmissionStore(services.engine)
    unsent, faults = store.unsent(open_ones), store.last_reasons(open_ones)
    try:
        records = services.worker_cache.records()
        paused = [tier for tier in Tier if services.worker_registry.is_paused(tier)]
        served = [tier for tier in Tier if services.worker_cache.serves(tier)]
    except QueueUnavailable:
        return Ground(None, (), (), unsent, faults)
    return Ground(records, served, paused, unsent, faults)
