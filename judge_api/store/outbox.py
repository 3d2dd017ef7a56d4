"""What the queue still has to get: one row for each attempt that is not known to be there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from judge_api.store.compiled_statements import Prepared, Row
from judge_api.store.engine import reading, writing
from judge_api.store.models import LIVE, OutboxRow
from judge_api.store.row_mapping import REQUEST_COLUMNS, request_from
from judge_api.store.submissions import FAR, Clock, utc_now
from judge_api.store.tables import outbox, submissions
from judge_core.model.account import Tier


class Work(IntEnum):
    """What there is to claim of one tier: nothing, rejudging only, or what a person waits for."""

    NONE = 0
    BACKGROUND = 1
    LIVE = 2


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in the outbox for the queue."""

    waiting: int
    oldest: datetime | None


# The relay asks these many times a second.
_AT: BindParameter[datetime] = bindparam("at", type_=outbox.c.not_before.type)
_FAR: BindParameter[datetime] = bindparam("far", type_=outbox.c.not_before.type)
_WANTED: BindParameter[str] = bindparam("wanted")
_UNHELD = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < _AT, outbox.c.claimed_until > _FAR)
_DUE = or_(outbox.c.not_before <= _AT, outbox.c.not_before > _FAR)


def _claimable(tier: Tier, live: bool) -> ColumnElement[bool]:
    return and_(outbox.c.tier == tier.value, _DUE, _UNHELD, *((outbox.c.priority <= LIVE,) if live else ()))


_WORK = Prepared(
    select(
        *(
            exists().where(_claimable(tier, live)).label(f"{tier}_{live:d}")
            for tier in Tier
            for live in (False, True)
        )
    )
)
_CLAIM = Prepared(
    update(outbox)
    .where(outbox.c.submission_id == _WANTED)
    .values(
        claimed_by=bindparam("by"), claimed_until=bindparam("until", type_=_AT.type), tries=outbox.c.tries + 1
    )
)
_ATTEMPT: BindParameter[int] = bindparam("attempt_sent")
_TAKE_OUT = Prepared(delete(outbox).where(outbox.c.submission_id == _WANTED, outbox.c.attempt == _ATTEMPT))
_MARK_SENT = Prepared(
    update(submissions)
    .where(submissions.c.id == _WANTED, submissions.c.attempt == _ATTEMPT)
    .values(sent=True)
)
_RELEASE = Prepared(
    update(outbox)
    .where(outbox.c.submission_id == _WANTED)
    .values(claimed_by=None, claimed_until=None, not_before=_AT)
)


class Outbox:
    """Rows are claimed for a while, sent, and deleted; a claimer that dies loses its claim by time."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def claim(
        self, limit: int, by: str, lease_seconds: float, tier: Tier | None = None, live: bool = False
    ) -> list[OutboxRow]:
        """Take up to ``limit`` rows that nobody holds: premium first, then fair turns, oldest first.

        ``tier`` takes that tier's rows only, ``live`` leaves out what has a lower priority. Two claimers
        never get the same row while its lease lasts.
        """
        at = self._clock()
        with writing(self._engine) as connection:
            rows = _claimable_rows(connection, at, limit, tier, live)
            until = at + timedelta(seconds=lease_seconds)
            _CLAIM.run_each(connection, [{"wanted": row["id"], "by": by, "until": until} for row in rows])
        return [OutboxRow(request_from(row), row["tries"] + 1, row["created_at"]) for row in rows]

    def work(self) -> dict[Tier, Work]:
        """What there is to claim: a glance without the write lock, for asking often."""
        with reading(self._engine) as connection:
            (found,) = _WORK.all(connection, _moment(self._clock()))
        return {tier: Work(found[f"{tier}_0"] + found[f"{tier}_1"]) for tier in Tier}

    def has_work(self) -> bool:
        """Whether there is anything to claim."""
        return any(self.work().values())

    def sent(self, attempts: Iterable[tuple[str, int]]) -> None:
        """The queue has these attempts for certain: nothing of them is left to do here, and it must know
        them. One that was given back meanwhile has a next attempt here, which stays."""
        wanted = [{"wanted": id, "attempt_sent": attempt} for id, attempt in sorted(attempts)]
        if not wanted:
            return
        with writing(self._engine) as connection:
            # First the submissions, then the outbox, each by its id: as all do who write both.
            _MARK_SENT.run_each(connection, wanted)
            _TAKE_OUT.run_each(connection, wanted)

    def release(self, ids: Iterable[str], not_before: datetime | None = None) -> None:
        """Give the claim back; the relay takes them at ``not_before`` (now, if left out)."""
        at = not_before or self._clock()
        wanted = [{"wanted": id, "at": at} for id in sorted(ids)]
        if not wanted:
            return
        with writing(self._engine) as connection:
            _RELEASE.run_each(connection, wanted)

    def holds(self, submission: str) -> bool:
        """Whether it waits here for the queue, and nobody is just sending it."""
        query = select(outbox.c.submission_id).where(outbox.c.submission_id == submission, _UNHELD)
        with reading(self._engine) as connection:
            return connection.execute(query, _moment(self._clock())).first() is not None

    def waiting_up_to(self, most: int) -> dict[Tier, int]:
        """How many rows each tier has here, counted no further than that: for asking often."""
        with reading(self._engine) as connection:
            return {tier: connection.execute(_count(tier), {"most": most}).scalar_one() for tier in Tier}

    def backlog(self, tier: Tier | None = None) -> Backlog:
        """How many rows wait that nobody is just sending, and since when."""
        query = select(func.count(), func.min(outbox.c.created_at)).where(_UNHELD)
        if tier is not None:
            query = query.where(outbox.c.tier == tier.value)
        with reading(self._engine) as connection:
            waiting, oldest = connection.execute(query, _moment(self._clock())).one()
        return Backlog(waiting, oldest)


def _moment(at: datetime) -> dict[str, Any]:
    return {"at": at, "far": at + FAR}


@cache
def _next(tier: Tier, live: bool) -> Prepared:
    return Prepared(
        select(*REQUEST_COLUMNS, outbox.c.tries, outbox.c.created_at)
        .join(outbox, outbox.c.submission_id == submissions.c.id)
        .where(_claimable(tier, live))
        .order_by(outbox.c.priority, outbox.c.turn, outbox.c.submission_id)
        .limit(bindparam("most"))
        .with_for_update(of=outbox, skip_locked=True)
    )


@cache
def _count(tier: Tier) -> Select[int]:
    some = select(outbox.c.turn).where(outbox.c.tier == tier.value).limit(bindparam("most"))
    return select(func.count()).select_from(some.subquery())


def _claimable_rows(
    connection: Connection, at: datetime, limit: int, tier: Tier | None, live: bool
) -> list[Row]:
    found: list[Row] = []
    for each in (Tier.PREMIUM, Tier.NORMAL) if tier is None else (tier,):
        found += _next(each, live).all(connection, {**_moment(at), "most": limit - len(found)})
    return found
