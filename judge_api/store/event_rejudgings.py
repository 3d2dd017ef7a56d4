"""Rejudgings of events, and the delivered balloons of events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, RowMapping, Select, delete, func, insert, select, update

from judge_api.store.claims import is_free
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.event_results import next_revision
from judge_api.store.reading import read_one
from judge_api.store.tables import event_balloons, event_rejudged, event_rejudgings, new_id
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict, NotFound

CLAIM = timedelta(minutes=1)
"""A request that begins or applies a rejudging renews its claim within this time. If it does not, another
request can begin a rejudging, or go on with applying it."""
_HAS_SUBMISSIONS = (
    select(event_rejudged.c.submission_id)
    .where(event_rejudged.c.rejudging_id == event_rejudgings.c.id)
    .correlate(event_rejudgings)
    .exists()
)


class RejudgingState(StrEnum):
    """The state of a rejudging. In ``PREVIEW`` its submissions are run, and nothing has changed yet."""

    PREVIEW = "preview"
    APPLIED = "applied"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Rejudging:
    """A rejudging with the number of its submissions."""

    id: str
    reason: str
    state: RejudgingState
    created_at: datetime
    ended_at: datetime | None
    total: int


class EventRejudgingStore:
    """Stores rejudgings and balloons. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def begin(self, event_id: str, reason: str, by: str, request: str) -> str:
        """Add a rejudging without submissions. :meth:`of` and :meth:`get` do not find it until
        :meth:`complete`. Returns its id. The request has to renew its claim. Raises ``Conflict`` while
        another request begins a rejudging of this event, and ``NotFound`` if the event is gone."""
        id, now = new_id(), self._clock()
        values = {
            "id": id,
            "event_id": event_id,
            "reason": reason,
            "state": RejudgingState.PREVIEW.value,
            "created_at": now,
            "created_by": by,
            "claimed_by": request,
            "claimed_until": now + CLAIM,
        }
        begun = (event_rejudgings.c.event_id == event_id) & ~_HAS_SUBMISSIONS
        abandoned = begun & is_free(event_rejudgings.c.claimed_until, now)
        with write_transaction(self._engine) as connection:
            # This locks the event. Otherwise two requests could begin at once.
            if next_revision(connection, event_id) is None:
                raise NotFound("the event has just been deleted")
            connection.execute(delete(event_rejudgings).where(abandoned))
            if connection.execute(select(event_rejudgings.c.id).where(begun)).first() is not None:
                raise Conflict(
                    "a rejudging of this event is being prepared: wait until it is listed, then begin another"
                )
            connection.execute(insert(event_rejudgings).values(values))
        return id

    def complete(self, rejudging_id: str, by: str, runs: Mapping[str, str | None]) -> bool:
        """Add the submissions of a rejudging, each with its run. False if the request has lost its claim."""
        rows = [
            {"rejudging_id": rejudging_id, "submission_id": submission, "run_id": run}
            for submission, run in runs.items()
        ]
        mine = (event_rejudgings.c.id == rejudging_id) & _is_of(by)
        freed = update(event_rejudgings).where(mine).values(claimed_by=None, claimed_until=None)
        with write_transaction(self._engine) as connection:
            if connection.execute(freed).rowcount != 1:
                return False
            connection.execute(insert(event_rejudged), rows)
        return True

    def discard(self, rejudging_id: str) -> None:
        """Delete a rejudging that has no submissions yet."""
        this = event_rejudgings.c.id == rejudging_id
        with write_transaction(self._engine) as connection:
            connection.execute(delete(event_rejudgings).where(this, ~_HAS_SUBMISSIONS))

    def of(self, event_id: str) -> list[Rejudging]:
        """The rejudgings of an event, newest first."""
        query = _selected(event_id).order_by(event_rejudgings.c.id.desc())
        with read_connection(self._engine) as connection:
            return [_rejudging_from(row) for row in connection.execute(query).mappings()]

    def get(self, event_id: str, id: str) -> Rejudging | None:
        with read_connection(self._engine) as connection:
            return read_one(
                connection, _selected(event_id).where(event_rejudgings.c.id == id), _rejudging_from
            )

    def runs(self, rejudging_id: str) -> dict[str, str | None]:
        """The run of each submission."""
        query = select(event_rejudged.c.submission_id, event_rejudged.c.run_id)
        query = query.where(event_rejudged.c.rejudging_id == rejudging_id)
        with read_connection(self._engine) as connection:
            return {row.submission_id: row.run_id for row in connection.execute(query)}

    def claim(self, rejudging_id: str, by: str) -> bool:
        """Let the request ``by`` apply the rejudging, or go on after an interruption. False if another
        request applies it now, or if it has ended."""
        now = self._clock()
        free = is_free(event_rejudgings.c.claimed_until, now)
        return self._change(rejudging_id, free, {"claimed_by": by, "claimed_until": now + CLAIM})

    def renew(self, rejudging_id: str, by: str) -> bool:
        """Keep a claim. False if another request has it, or if the rejudging has ended."""
        return self._change(rejudging_id, _is_of(by), {"claimed_until": self._clock() + CLAIM})

    def give_back(self, rejudging_id: str, by: str) -> bool:
        """Let another request go on, since this request is interrupted. False as in :meth:`renew`."""
        return self._change(rejudging_id, _is_of(by), {"claimed_until": self._clock()})

    def finish(self, rejudging_id: str, by: str) -> bool:
        """End the rejudging as applied. False as in :meth:`renew`."""
        values = {"state": RejudgingState.APPLIED.value, "ended_at": self._clock()}
        return self._change(rejudging_id, _is_of(by), values)

    def cancel(self, rejudging_id: str) -> bool:
        """End the rejudging without a change. False if a request has begun to apply it, or if it has
        ended."""
        is_unbegun = event_rejudgings.c.claimed_until.is_(None)
        values = {"state": RejudgingState.CANCELLED.value, "ended_at": self._clock()}
        return self._change(rejudging_id, is_unbegun, values)

    def _change(self, rejudging_id: str, which: ColumnElement[bool], values: Mapping[str, object]) -> bool:
        """Change a rejudging that has not ended, if the condition holds. Returns whether it was changed."""
        preview = event_rejudgings.c.state == RejudgingState.PREVIEW.value
        changed = update(event_rejudgings).where(event_rejudgings.c.id == rejudging_id, preview, which)
        with write_transaction(self._engine) as connection:
            return connection.execute(changed.values(values)).rowcount == 1

    def delivered(self, event_id: str) -> dict[tuple[str, str], datetime]:
        """The balloons that were delivered, by member and problem."""
        query = select(event_balloons).where(event_balloons.c.event_id == event_id)
        with read_connection(self._engine) as connection:
            rows = connection.execute(query).mappings()
            return {(row["member_id"], row["problem"]): row["delivered_at"] for row in rows}

    def deliver(self, event_id: str, member_id: str, problem: str, by: str | None) -> None:
        """Record that the account ``by`` delivered a balloon; ``None`` deletes the record."""
        key = {"event_id": event_id, "member_id": member_id, "problem": problem}
        with write_transaction(self._engine) as connection:
            connection.execute(delete(event_balloons).filter_by(**key))
            if by is not None:
                noted = {**key, "delivered_at": self._clock(), "delivered_by": by}
                connection.execute(insert(event_balloons).values(noted))


def _is_of(by: str) -> ColumnElement[bool]:
    return event_rejudgings.c.claimed_by == by


def _selected(event_id: str) -> Select[*tuple[Any, ...]]:
    total = (
        select(func.count()).where(event_rejudged.c.rejudging_id == event_rejudgings.c.id).scalar_subquery()
    )
    query = select(event_rejudgings, total.label("total"))
    return query.where(event_rejudgings.c.event_id == event_id, _HAS_SUBMISSIONS)


def _rejudging_from(row: RowMapping) -> Rejudging:
    return Rejudging(
        id=row["id"],
        reason=row["reason"],
        state=RejudgingState(row["state"]),
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        total=row["total"],
    )
