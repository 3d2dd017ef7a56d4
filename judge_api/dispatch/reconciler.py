"""Finds submissions without a verdict that Redis has lost, and sends them again.

A submission that is not lost may look lost for a moment: between a pop and a lease, or between a report and
its recording. So a submission is repaired only if it has looked lost for ``patience`` seconds, in passes
without a Redis failure in between. Submissions queued within the last ``grace`` seconds are not checked.

An attempt whose worker died is charged to its submission, which may have killed the worker. If several
workers die at once, a restart of the workers or of their hosts is the cause, and no attempt is charged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from judge_api.dispatch.rq_queue import AttemptInRedis, RqQueue
from judge_api.services.live_workers import Router
from judge_api.store.attempts import TRANSIENT_ERROR, AttemptStore, RequeueReason
from judge_api.store.reading import CONTENT_ERRORS, describe
from judge_api.store.records import OpenSubmission
from judge_api.store.unreadable_rows import UnreadableRows
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.messages import MAX_LEASE_SECONDS
from judge_core.model.errors import QueueUnavailable
from judge_core.model.routing import Routes
from judge_core.model.submission import Status
from judge_core.redis.keys import NO_WORKER, parse_job_id

_logger = get_logger(__name__)
_MAX_FREE_RESENDS = 5
_MAX_REMEMBERED = 10_000
_ORPHANED_JOB_SECONDS = 60
_MANY_WORKERS = 3
"""If this many attempts are abandoned at once, the workers were restarted, since each worker has only one
attempt."""
_FLEET_RESTART_SECONDS = 10.0


class Inconsistency(StrEnum):
    """How database and Redis disagree about an open submission."""

    ABANDONED = "abandoned"  # A worker leased it, and the lease has expired.
    NEVER_LEASED = "never leased"  # It left the queue, and no worker ever leased it.
    LOST = "lost"  # It is not in Redis.
    STRANDED = "stranded"  # It waits in a queue whose live workers cannot judge it.


@dataclass(frozen=True, slots=True)
class Repairs:
    """The result of one pass: the new statuses of returned attempts, and how many submissions were sent
    again."""

    statuses: tuple[Status, ...] = ()
    sent_again: int = 0


class Reconciler:
    """Finds and repairs lost submissions. Any number may run at once, since every repair is a write under the
    condition that submission and attempt have not changed."""

    def __init__(
        self,
        attempts: AttemptStore,
        queue: RqQueue,
        router: Router,
        *,
        patience: float = 4.0,
        grace: float = 2.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._attempts = attempts
        self._queue = queue
        self._router = router
        self._patience = patience
        self._grace = timedelta(seconds=grace)
        self._clock = clock
        self._inconsistent_since: dict[tuple[str, int, Inconsistency], float] = {}
        self._orphaned_since: dict[str, float] = {}
        self._resends: dict[tuple[str, int], int] = {}
        self._fleet_restart_until = float("-inf")

    def reconcile_once(self) -> Repairs:
        """Check all open submissions once. Raises ``QueueUnavailable`` or ``StoreUnavailable``, and
        ``UnreadableRows`` with the submissions that must be ended before the next pass.

        After ``QueueUnavailable`` the patience of every submission begins again.
        """
        try:
            return self._reconcile()
        except QueueUnavailable:
            # While Redis was unreachable no worker could renew its lease, so an expired lease proves nothing.
            self._inconsistent_since.clear()
            self._orphaned_since.clear()
            raise

    def _reconcile(self) -> Repairs:
        submissions = self._attempts.open_submissions(self._clock.now() - self._grace)
        found = self._queue.inspect(submissions)
        overdue = self._overdue(submissions, found)
        self._remove_orphaned_jobs(submissions)
        stranded = [one for one, kind in overdue if kind is Inconsistency.STRANDED]
        withdrawn = [one for one in stranded if self._withdraw(one, found[one.id])]
        lost = self._count_resends([one for one, kind in overdue if kind is Inconsistency.LOST])
        statuses = [self._return_attempt(one, why) for one, why in self._to_return(overdue)]
        sent_again = self._send_again(lost) + self._send_elsewhere(withdrawn)
        return Repairs(tuple(s for s in statuses if s is not None), sent_again)

    def _overdue(
        self, submissions: Sequence[OpenSubmission], found: dict[str, AttemptInRedis]
    ) -> list[tuple[OpenSubmission, Inconsistency]]:
        """The submissions that have been inconsistent for ``patience`` seconds."""
        now, routes = self._clock.monotonic(), self._router.routes()
        inconsistent = {
            (one.id, one.attempt, kind): one
            for one in submissions
            if (kind := _check(one, found[one.id], routes))
        }
        self._inconsistent_since = {key: self._inconsistent_since.get(key, now) for key in inconsistent}
        return [
            (one, key[2])
            for key, one in inconsistent.items()
            if now - self._inconsistent_since[key] >= self._patience
        ]

    def _count_resends(self, lost: Sequence[OpenSubmission]) -> list[OpenSubmission]:
        """Count the lost submissions, and return those that may be sent again without a charge.

        A submission that was lost too often is left out. The queue is not the cause then: the submission's
        reports never reach the database.
        """
        if len(self._resends) > _MAX_REMEMBERED:
            self._resends.clear()
        for one in lost:
            key = (one.id, one.attempt)
            self._resends[key] = self._resends.get(key, 0) + 1
        return [one for one in lost if not self._is_lost_too_often(one)]

    def _is_lost_too_often(self, one: OpenSubmission) -> bool:
        return self._resends.get((one.id, one.attempt), 0) > _MAX_FREE_RESENDS

    def _to_return(
        self, overdue: Sequence[tuple[OpenSubmission, Inconsistency]]
    ) -> list[tuple[OpenSubmission, RequeueReason]]:
        """The attempts that are to be ended, with the reason of each."""
        died = _FLEET_RESTARTED if self._is_fleet_restarted() else _WORKER_DIED
        abandoned = [(one, died) for one, kind in overdue if kind is Inconsistency.ABANDONED]
        unleased = [(one, _NEVER_LEASED) for one, kind in overdue if kind is Inconsistency.NEVER_LEASED]
        lost = [one for one, kind in overdue if kind is Inconsistency.LOST]
        return abandoned + unleased + [(o, _LOST_TOO_OFTEN) for o in lost if self._is_lost_too_often(o)]

    def _is_fleet_restarted(self) -> bool:
        """Whether many workers died at once lately. Their leases expire less than the patience apart, so all
        of their attempts are inconsistent before the first one is overdue."""
        now = self._clock.monotonic()
        if sum(kind is Inconsistency.ABANDONED for _, _, kind in self._inconsistent_since) >= _MANY_WORKERS:
            self._fleet_restart_until = now + _FLEET_RESTART_SECONDS
        return now < self._fleet_restart_until

    def _return_attempt(self, one: OpenSubmission, why: RequeueReason) -> Status | None:
        _logger.warning("Attempt returned", submission=one.id, attempt=one.attempt, reason=why.reason)
        self._resends.pop((one.id, one.attempt), None)
        try:
            status = self._attempts.requeue_or_fail(one.id, one.attempt, why)
        except CONTENT_ERRORS as error:
            raise UnreadableRows({one.id: describe(error)}) from error
        self._queue.revoke(one.id, one.attempt)
        return status

    def _send_again(self, lost: Sequence[OpenSubmission]) -> int:
        if not lost:
            return 0
        _logger.warning("Submissions lost by the queue are sent again", count=len(lost))
        return self._attempts.resend(lost)

    def _withdraw(self, one: OpenSubmission, found: AttemptInRedis) -> bool:
        """Remove the job from its queue. False if a worker has popped it meanwhile."""
        queue = found.waits_in
        return queue is not None and self._queue.withdraw(queue, one.id, one.attempt)

    def _send_elsewhere(self, withdrawn: Sequence[OpenSubmission]) -> int:
        """Put the same attempts into the outbox again. The relay sends them to another queue, or holds
        them."""
        if not withdrawn:
            return 0
        _logger.warning("Submissions whose queue has no worker for them are taken back", count=len(withdrawn))
        return self._attempts.resend(withdrawn)

    def _remove_orphaned_jobs(self, submissions: Sequence[OpenSubmission]) -> None:
        """Remove the jobs that a dead worker has popped, if the submission was cancelled or its verdict
        recorded since."""
        wanted = {(one.id, str(one.attempt)) for one in submissions}
        now = self._clock.monotonic()
        orphaned = {id for id in self._queue.popped_jobs() if _attempt_of(id) not in wanted}
        self._orphaned_since = {id: self._orphaned_since.get(id, now) for id in orphaned}
        for id, since in list(self._orphaned_since.items()):
            if now - since >= _ORPHANED_JOB_SECONDS + self._patience:
                self._queue.remove_job(id)


_WORKER_DIED = RequeueReason("its worker died, or lost contact for longer than its lease", ending="lost")
_FLEET_RESTARTED = RequeueReason(
    "its worker died at the same time as other workers, as in a restart",
    charged=False,
    ending=TRANSIENT_ERROR,
)
_NEVER_LEASED = RequeueReason(
    "it left the queue and reached no worker", charged=False, ending=TRANSIENT_ERROR
)
_LOST_TOO_OFTEN = RequeueReason(
    f"it was lost {_MAX_FREE_RESENDS + 1} times without a report that could be read"
)


def _attempt_of(job: str) -> tuple[str, str]:
    submission, _, attempt = parse_job_id(job)
    return submission, attempt


def _check(one: OpenSubmission, found: AttemptInRedis, routes: Routes) -> Inconsistency | None:
    if found.waits_in is not None:
        leads_to_worker = routes.leads_to_worker(found.waits_in, one.tier, one.language)
        return None if leads_to_worker else Inconsistency.STRANDED
    if found.is_reported or _is_leased(one, found):
        return None
    if not found.job_exists:
        return Inconsistency.LOST
    return Inconsistency.ABANDONED if found.was_leased else Inconsistency.NEVER_LEASED


def _is_leased(one: OpenSubmission, found: AttemptInRedis) -> bool:
    # Redis expires keys by the wall clock. If that clock was set back, a dead worker's lease would last too
    # long. If PERSIST has removed the expiry, the lease would last for ever; its time is then negative. A
    # live worker renews its lease several times within the patience, so its lease soon has its usual time
    # again.
    if found.lease is None or not 0 <= found.lease_ms <= MAX_LEASE_SECONDS * 1000:
        return False
    attempt, _, worker = found.lease.partition(":")
    return worker != NO_WORKER and attempt == str(one.attempt)
