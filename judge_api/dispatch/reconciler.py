"""Finds what the store believes to be on its way and the queue does not know, and sends it again.

A thing looks lost for moments while everything is well (between a pop and a lease, between a report and
its record), so it must look lost for ``patience`` seconds, in passes without trouble in between. What was
queued within the last ``grace`` seconds is not looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from judge_api.dispatch.rq_queue import RqGateway, Sighting
from judge_api.store.attempts import HINDERED, AttemptStore, Retreat
from judge_api.store.models import OpenSubmission
from judge_core.logging import get_logger
from judge_core.messages import LONGEST_LEASE_SECONDS, job_id
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Status

_logger = get_logger(__name__)
NOBODY = "-"
_SENT_AGAIN_FREELY = 5
_REMEMBERED = 10_000


class Suspicion(StrEnum):
    """What is wrong with an open submission."""

    ABANDONED = "abandoned"  # a worker took it and is silent: its lease has run out
    DROPPED = "dropped"  # it left the queue and no worker ever leased it
    LOST = "lost"  # Redis knows nothing of it


@dataclass(frozen=True, slots=True)
class Repairs:
    """What one pass did."""

    statuses: tuple[Status, ...] = ()
    sent_again: int = 0


class Reconciler:
    """Safe in any number: every repair is a conditional write on submission and attempt."""

    def __init__(
        self,
        attempts: AttemptStore,
        gateway: RqGateway,
        patience: float = 4.0,
        grace: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._attempts = attempts
        self._gateway = gateway
        self._patience = patience
        self._grace = timedelta(seconds=grace)
        self._clock = clock
        self._suspects: dict[tuple[str, int, Suspicion], float] = {}
        self._strays: dict[str, float] = {}
        self._resent: dict[tuple[str, int], int] = {}

    def reconcile_once(self) -> Repairs:
        """One pass. Raises ``QueueUnavailable`` or ``StoreUnavailable``, and then starts to wait anew."""
        try:
            return self._reconcile()
        except QueueUnavailable:
            # While Redis was away no worker could renew its lease: silence then proves nothing.
            self._suspects.clear()
            self._strays.clear()
            raise

    def _reconcile(self) -> Repairs:
        open_now = self._attempts.open_submissions(datetime.now(UTC) - self._grace)
        sightings = self._gateway.sight(open_now)
        overdue = self._overdue(open_now, sightings)
        self._sweep_strays(open_now)
        lost = self._count_resent([one for one, why in overdue if why is Suspicion.LOST])
        statuses = [self._take_back(one, _DIED) for one, why in overdue if why is Suspicion.ABANDONED]
        statuses += [self._take_back(one, _NEVER_TAKEN) for one, why in overdue if why is Suspicion.DROPPED]
        statuses += [self._take_back(one, _VANISHES) for one, _ in overdue if self._vanishes(one)]
        return Repairs(tuple(s for s in statuses if s is not None), self._send_again(lost))

    def _overdue(
        self, open_now: Sequence[OpenSubmission], sightings: dict[str, Sighting]
    ) -> list[tuple[OpenSubmission, Suspicion]]:
        now = self._clock()
        suspected = {
            (one.id, one.attempt, why): one for one in open_now if (why := _suspect(one, sightings[one.id]))
        }
        self._suspects = {key: self._suspects.get(key, now) for key in suspected}
        return [
            (one, key[2]) for key, one in suspected.items() if now - self._suspects[key] >= self._patience
        ]

    def _count_resent(self, lost: Sequence[OpenSubmission]) -> list[OpenSubmission]:
        """Those that may be sent again free of charge. One that is lost each time is not the queue's fault:
        its reports never reach the store."""
        if len(self._resent) > _REMEMBERED:
            self._resent.clear()
        for one in lost:
            key = (one.id, one.attempt)
            self._resent[key] = self._resent.get(key, 0) + 1
        return [one for one in lost if not self._vanishes(one)]

    def _vanishes(self, one: OpenSubmission) -> bool:
        return self._resent.get((one.id, one.attempt), 0) > _SENT_AGAIN_FREELY

    def _take_back(self, one: OpenSubmission, why: Retreat) -> Status | None:
        _logger.warning("An attempt is taken back", submission=one.id, attempt=one.attempt, reason=why.reason)
        self._resent.pop((one.id, one.attempt), None)
        status = self._attempts.give_back(one.id, one.attempt, why)
        self._gateway.revoke(one.id, one.attempt)
        return status

    def _send_again(self, lost: Sequence[OpenSubmission]) -> int:
        if not lost:
            return 0
        _logger.warning("The queue lost submissions that are sent again", count=len(lost))
        return self._attempts.send_again(lost)

    def _sweep_strays(self, open_now: Sequence[OpenSubmission]) -> None:
        # Jobs that a dead worker popped and that nobody waits for any more: cancelled or recorded since.
        wanted = {job_id(one.id, one.attempt) for one in open_now}
        now = self._clock()
        taken = {id for ids in self._gateway.taken().values() for id in ids} - wanted
        self._strays = {id: self._strays.get(id, now) for id in taken}
        for id in [id for id, since in self._strays.items() if now - since >= 60 + self._patience]:
            self._gateway.remove(id)


_DIED = Retreat("its worker died, or lost contact for longer than its lease", ending="lost")
_NEVER_TAKEN = Retreat("it left the queue and reached no worker", charged=False, ending=HINDERED)
_VANISHES = Retreat(f"it was lost {_SENT_AGAIN_FREELY + 1} times without a report that could be read")


def _suspect(one: OpenSubmission, seen: Sighting) -> Suspicion | None:
    if seen.waiting or seen.unrecorded or _is_held(one, seen):
        return None
    if not seen.job:
        return Suspicion.LOST
    return Suspicion.ABANDONED if seen.leased else Suspicion.DROPPED


def _is_held(one: OpenSubmission, seen: Sighting) -> bool:
    # Redis expires by the wall clock: set back, it would keep a dead worker's lease for that long. One that
    # lives renews its lease several times within our patience, and then it is short again.
    if seen.lease is None or seen.lease_ms > LONGEST_LEASE_SECONDS * 1000:
        return False
    attempt, _, holder = seen.lease.partition(":")
    return holder != NOBODY and attempt == str(one.attempt)
