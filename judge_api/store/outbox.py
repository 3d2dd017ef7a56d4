"""What the queue still has to get: one row for each attempt that is not known to be there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, or_, select, update

from judge_api.domain.account import Tier
from judge_api.store.engine import reading, writing
from judge_api.store.records import LIVE, OutboxRow
from judge_api.store.rows import REQUEST_COLUMNS, request_from
from judge_api.store.submissions import FAR, Clock, utc_now
from judge_api.store.tables import outbox, submissions


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in the outbox for the queue."""

    waiting: int
    oldest: datetime | None


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
            ids = _claimable_ids(connection, _claimable(at, live=live), limit, tier)
            connection.execute(
                update(outbox)
                .where(outbox.c.submission_id.in_(ids))
                .values(
                    claimed_by=by,
                    claimed_until=at + timedelta(seconds=lease_seconds),
                    tries=outbox.c.tries + 1,
                )
            )
            return _claimed_rows(connection, ids)

    def has_work(self, tier: Tier | None = None, live: bool = False) -> bool:
        """Whether there is anything to claim: a glance without the write lock, for asking often."""
        with reading(self._engine) as connection:
            query = select(outbox.c.submission_id).where(_claimable(self._clock(), tier, live)).limit(1)
            return connection.execute(query).first() is not None

    def sent(self, ids: Iterable[str]) -> None:
        """The queue has these for certain: nothing of them is left to do here, and it must know them."""
        wanted = list(ids)
        if not wanted:
            return
        with writing(self._engine) as connection:
            connection.execute(delete(outbox).where(outbox.c.submission_id.in_(wanted)))
            connection.execute(update(submissions).where(submissions.c.id.in_(wanted)).values(sent=True))

    def release(self, ids: Iterable[str], not_before: datetime | None = None) -> None:
        """Give the claim back; the relay takes them at ``not_before`` (now, if left out)."""
        wanted = list(ids)
        if not wanted:
            return
        with writing(self._engine) as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.submission_id.in_(wanted))
                .values(claimed_by=None, claimed_until=None, not_before=not_before or self._clock())
            )

    def holds(self, submission: str) -> bool:
        """Whether it waits here for the queue, and nobody is just sending it."""
        query = select(outbox.c.submission_id).where(
            outbox.c.submission_id == submission, _unheld(self._clock())
        )
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def waiting_by_tier(self) -> dict[Tier, int]:
        """How many rows each tier has here: read from an index alone, for asking often."""
        query = select(outbox.c.tier, func.count()).group_by(outbox.c.tier)
        with reading(self._engine) as connection:
            found = {Tier(tier): count for tier, count in connection.execute(query)}
        return dict.fromkeys(Tier, 0) | found

    def backlog(self, tier: Tier | None = None) -> Backlog:
        """How many rows wait that nobody is just sending, and since when."""
        query = select(func.count(), func.min(outbox.c.created_at)).where(_claimable(None, tier))
        query = query.where(_unheld(self._clock()))
        with reading(self._engine) as connection:
            waiting, oldest = connection.execute(query).one()
        return Backlog(waiting, oldest)


def _unheld(at: datetime) -> ColumnElement[bool]:
    until = outbox.c.claimed_until
    return or_(until.is_(None), until < at, until > at + FAR)


def _claimable(at: datetime | None, tier: Tier | None = None, live: bool = False) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if at is not None:
        conditions += [or_(outbox.c.not_before <= at, outbox.c.not_before > at + FAR), _unheld(at)]
    if tier is not None:
        conditions += [outbox.c.tier == tier.value]
    if live:
        conditions += [outbox.c.priority <= LIVE]
    return and_(True, *conditions)


def _claimable_ids(
    connection: Connection, claimable: ColumnElement[bool], limit: int, tier: Tier | None
) -> Sequence[str]:
    found: list[str] = []
    for each in (Tier.PREMIUM, Tier.NORMAL) if tier is None else (tier,):
        query = (
            select(outbox.c.submission_id)
            .where(claimable, outbox.c.tier == each.value)
            .order_by(outbox.c.priority, outbox.c.turn, outbox.c.submission_id)
            .limit(limit - len(found))
            .with_for_update(skip_locked=True)
        )
        found += connection.execute(query).scalars()
    return found


def _claimed_rows(connection: Connection, ids: Sequence[str]) -> list[OutboxRow]:
    query = (
        select(*REQUEST_COLUMNS, outbox.c.tries, outbox.c.created_at)
        .join(outbox, outbox.c.submission_id == submissions.c.id)
        .where(submissions.c.id.in_(ids))
    )
    rows = {row["id"]: row for row in connection.execute(query).mappings()}
    return [
        OutboxRow(request_from(rows[id]), rows[id]["tries"], rows[id]["created_at"])
        for id in ids
        if id in rows
    ]
