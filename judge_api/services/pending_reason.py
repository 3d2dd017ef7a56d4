"""Explains to operators why a submission has no verdict yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from judge_api.services.language_availability import LanguageOutages, Outage
from judge_api.services.live_workers import WorkerCache
from judge_api.store.pending_submissions import PendingSubmissionStore
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage, Status, from_rfc3339
from judge_core.model.worker import WorkerRecord

_NO_WORKER = "no live worker has it: it is given back when its lease runs out"


@dataclass(frozen=True, slots=True)
class PendingReasons:
    """The state of queues, workers and store. ``workers`` is ``None`` while Redis is unreachable."""

    workers: Sequence[WorkerRecord] | None
    served: Collection[Tier]
    paused: Collection[Tier]
    unsent: Collection[str]
    last_reasons: Mapping[str, str]
    outages: Mapping[str, Outage]

    def of(self, status: Status) -> str | None:
        """The reason of one submission; ``None`` for one that has its verdict."""
        if status.stage is Stage.FAILED:
            fault = self.last_reasons.get(status.id)
            return f"{status.reason}. The last fault: {fault}" if fault else status.reason
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
        if tier not in self.served and status.id in self.outages:
            return f"no live worker takes from the {tier} queue"
        if status.id in self.outages:
            return f"{self.outages[status.id]}: it waits until one has it"
        where = "waits here for room in" if status.id in self.unsent else "waits for its turn in"
        return f"{where} the {tier} queue"

    def _running(self, status: Status) -> str:
        if self.workers is None:
            return "the queue cannot be reached: who has it is not known"
        worker = next((each for each in self.workers if each.submission == status.id), None)
        return _judged_by(worker) if worker else _NO_WORKER


def _judged_by(worker: WorkerRecord) -> str:
    since = from_rfc3339(worker.submission_since) if worker.submission_since else None
    seconds = max(0, round((datetime.now(UTC) - since).total_seconds())) if since else None
    return f"on {worker.name}" if seconds is None else f"on {worker.name} for {seconds} s"


def find_pending_reasons(
    store: PendingSubmissionStore,
    workers: WorkerCache,
    outages: LanguageOutages,
    statuses: Sequence[Status],
) -> PendingReasons:
    """Look up the reasons of these submissions. Raises ``StoreUnavailable``; works without Redis."""
    unfinished = [status.id for status in statuses if not status.stage.is_final]
    failed = [status.id for status in statuses if status.stage is Stage.FAILED]
    unsent, faults = store.unsent(unfinished), store.last_reasons([*unfinished, *failed])
    try:
        live = workers.workers()
        paused = [tier for tier in Tier if workers.is_paused(tier)]
        served = [tier for tier in Tier if workers.serves(tier)]
    except QueueUnavailable:
        return PendingReasons(None, (), (), unsent, faults, {})
    found = {status.id: outage for status in statuses if (outage := outages.of(status))}
    return PendingReasons(live, served, paused, unsent, faults, found)
