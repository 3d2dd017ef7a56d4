"""Explains to operators why a submission has no verdict yet, and which command helps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from judge_api.services.language_availability import LanguageOutages, Outage
from judge_api.services.live_workers import WorkerCache
from judge_api.services.maintenance_switch import MaintenanceSwitch
from judge_api.store.pending_submissions import PendingSubmissionStore
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage, Status, from_rfc3339
from judge_core.model.worker import WorkerRecord
from judge_core.redis.worker_registry import WorkerRegistry


@dataclass(frozen=True, slots=True)
class PendingCause:
    """Why a submission has no verdict, and a command that shows more about the cause or removes it."""

    text: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class PendingReasons:
    """The state of queues, workers and store, from which reasons are found.

    ``workers`` is ``None`` while Redis is unreachable.
    """

    workers: Sequence[WorkerRecord] | None
    served: Collection[Tier]
    paused: Collection[Tier]
    unsent: Collection[str]
    last_reasons: Mapping[str, str]
    outages: Mapping[str, Outage]
    is_held: bool = False
    has_dispatcher: bool = True

    def of(self, status: Status) -> str | None:
        """The reason of one submission. ``None`` if it has its verdict."""
        cause = self.cause(status)
        return cause.text if cause else None

    def cause(self, status: Status) -> PendingCause | None:
        """The reason and the command of one submission. ``None`` if it has its verdict."""
        fault = self.last_reasons.get(status.id)
        if status.stage is Stage.FAILED:
            text = f"{status.reason}. The last fault: {fault}" if fault else str(status.reason)
            return PendingCause(text, f"gavel rejudge --submission {status.id}")
        if status.stage.is_final:
            return PendingCause(status.reason) if status.reason else None
        now = self._waiting(status) if status.stage is Stage.QUEUED else self._running(status)
        if fault and status.attempt > 1:
            return PendingCause(f"{now.text}. Before: {fault}", now.command)
        return now

    def _waiting(self, status: Status) -> PendingCause:
        tier = status.queue
        if self.workers is None:
            text = "the queue cannot be reached: the submission is kept, and sent when the queue answers"
            return PendingCause(text, "gavel queue")
        if self.is_held:
            return PendingCause("submissions are held for maintenance", "gavel maintenance open")
        if tier in self.paused:
            return PendingCause(f"the {tier} queue is paused", f"gavel resume {tier}")
        outage = self.outages.get(status.id)
        if tier not in self.served and outage:
            text = f"no live worker takes from the {tier} queue{_kept_free(outage)}"
            return PendingCause(text, f"gavel worker --queue {tier}")
        if outage:
            text = f"{outage}: the submission waits for one{_kept_free(outage)}"
            return PendingCause(text, "gavel workers")
        if status.id in self.unsent and not self.has_dispatcher:
            text = "no dispatcher sent a heartbeat lately, so nothing is sent to the queue"
            return PendingCause(text, "gavel dispatcher")
        where = "waits for space in" if status.id in self.unsent else "waits for its turn in"
        return PendingCause(f"{where} the {tier} queue", "gavel queue")

    def _running(self, status: Status) -> PendingCause:
        requeue = f"gavel requeue {status.id}"
        if self.workers is None:
            return PendingCause(
                "the queue cannot be reached, so the submission's worker is not known", "gavel queue"
            )
        worker = next((each for each in self.workers if each.submission == status.id), None)
        if worker is None:
            return PendingCause(
                "no live worker has the submission: it goes back to the queue when its lease expires", requeue
            )
        return PendingCause(_judged_by(worker), requeue)


def _kept_free(outage: Outage) -> str:
    helper = outage.kept_free
    return (
        f". The only {helper} worker stays free for {helper}: a second worker would judge the submission"
        if helper
        else ""
    )


def _judged_by(worker: WorkerRecord) -> str:
    since = from_rfc3339(worker.submission_since) if worker.submission_since else None
    seconds = max(0, round((datetime.now(UTC) - since).total_seconds())) if since else None
    return f"on {worker.name}" if seconds is None else f"on {worker.name} for {seconds} s"


class PendingReasonFinder:
    """Looks up the reasons of submissions. Raises ``StoreUnavailable``; works without Redis."""

    def __init__(
        self,
        store: PendingSubmissionStore,
        workers: WorkerCache,
        registry: WorkerRegistry,
        outages: LanguageOutages,
        maintenance: MaintenanceSwitch,
    ) -> None:
        self._store = store
        self._workers = workers
        self._registry = registry
        self._outages = outages
        self._maintenance = maintenance

    def find(self, statuses: Sequence[Status]) -> PendingReasons:
        """Read the state from which the reasons of these submissions are found."""
        unfinished = [status.id for status in statuses if not status.stage.is_final]
        failed = [status.id for status in statuses if status.stage is Stage.FAILED]
        unsent = self._store.unsent(unfinished)
        faults = self._store.last_reasons([*unfinished, *failed])
        try:
            live = self._workers.workers()
            tiers = {status.queue for status in statuses}
            paused = [tier for tier in tiers if self._workers.is_paused(tier)]
            served = [tier for tier in tiers if self._workers.serves(tier)]
            has_dispatcher = self._registry.has_dispatcher() if unsent else True
        except QueueUnavailable:
            return PendingReasons(None, (), (), unsent, faults, {})
        found = {status.id: outage for status in statuses if (outage := self._outages.of(status))}
        is_held = self._maintenance.is_holding
        return PendingReasons(live, served, paused, unsent, faults, found, is_held, has_dispatcher)
