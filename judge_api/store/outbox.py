"""The outbox: one row for each attempt that is not known to be in the queue.

Within a tier, rows are ordered by priority. Among rows of the same priority, accounts take turns. Each
waiting row has a turn. An account's next row gets the turn after its last row's, and never a turn before the
one being served. So the many submissions of one account wait behind each other, and another account's single
submission is served next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from judge_api.store.compiled_statements import CompiledStatement, Row
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import CONTENT_ERRORS, read_each
from judge_api.store.records import (
    CONTEST_PRIORITY,
    HELD_PRIORITY,
    LIVE_PRIORITY,
    MAX_FUTURE,
    HeldSubmissions,
    OutboxRow,
)
from judge_api.store.row_mapping import REQUEST_COLUMNS, request_from
from judge_api.store.tables import outbox, submissions
from judge_api.store.unreadable_rows import UnreadableRows, find_unreadable, find_unreadable_among
from judge_core.clock import utc_now_ms
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier, is_tier_name
from judge_core.model.tiers import DEFAULT_TIERS, Tiers

_SAME_QUEUE = (outbox.c.tier == bindparam("tier"), outbox.c.priority == bindparam("priority"))
SERVED_TURN = select(func.min(outbox.c.turn)).where(*_SAME_QUEUE).scalar_subquery()
LAST_TURN_OF_ACCOUNT = (
    select(func.max(outbox.c.turn))
    .where(outbox.c.account_id == bindparam("account"), *_SAME_QUEUE)
    .scalar_subquery()
)
_SERVED = select(SERVED_TURN)


def turn_at_front(connection: Connection, tier: Tier, priority: int) -> int:
    """The turn being served now. A row that has waited before gets this turn, so that it does not wait behind
    its account's other rows."""
    served = connection.execute(_SERVED, {"tier": tier.value, "priority": priority}).scalar_one()
    return served or 0


def turn_after(served: int | None, last_of_account: int | None) -> int:
    """The turn of an account's next row. ``served`` is ``None`` if no row waits, and ``last_of_account`` if
    no row of the account waits."""
    return max(served or 0, 0 if last_of_account is None else last_of_account + 1)


class ClaimableWork(IntEnum):
    """The most urgent work to claim of one tier: none, rejudgings only, submissions that people wait for, or
    submissions to events of the class ``contest``."""

    NONE = 0
    BACKGROUND = 1
    LIVE = 2
    CONTEST = 3


@dataclass(frozen=True, slots=True)
class Backlog:
    """The rows that wait in the outbox."""

    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Selects rows to claim: of one tier (any if ``None``), only live rows if ``live`` is true, in these
    languages (any if empty), and in none of ``other_than``. If ``ahead`` is true, only rows of the class
    ``contest``; if false, only other rows."""

    tier: Tier | None = None
    live: bool = False
    ahead: bool | None = None
    languages: frozenset[str] = frozenset()
    other_than: frozenset[str] = frozenset()


_RESUMED_AT_ONCE = 500
# These are compiled once, because the relay runs them many times a second.
_AT: BindParameter[datetime] = bindparam("at", type_=outbox.c.not_before.type)
_MAX_FUTURE: BindParameter[datetime] = bindparam("max_future", type_=outbox.c.not_before.type)
_WANTED: BindParameter[str] = bindparam("wanted")
_UNCLAIMED = or_(
    outbox.c.claimed_until.is_(None), outbox.c.claimed_until < _AT, outbox.c.claimed_until > _MAX_FUTURE
)
_DUE = or_(outbox.c.not_before <= _AT, outbox.c.not_before > _MAX_FUTURE)


def _claimable(tier: Tier, live: bool, ahead: bool | None = None) -> ColumnElement[bool]:
    most = LIVE_PRIORITY if live else HELD_PRIORITY - 1
    least = () if ahead is not False else (outbox.c.priority > CONTEST_PRIORITY,)
    in_order = outbox.c.priority <= (CONTEST_PRIORITY if ahead else most)
    return and_(outbox.c.tier == tier.value, _DUE, _UNCLAIMED, in_order, *least)


_KINDS_OF_WORK: tuple[tuple[bool, bool | None], ...] = ((False, None), (True, None), (True, True))


@cache
def _claimable_work(tiers: tuple[Tier, ...]) -> CompiledStatement:
    return CompiledStatement(
        select(
            *(
                exists().where(_claimable(tier, *kind)).label(f"{tier}_{number}")
                for tier in tiers
                for number, kind in enumerate(_KINDS_OF_WORK)
            )
        )
    )


_CLAIM = CompiledStatement(
    update(outbox)
    .where(outbox.c.submission_id == _WANTED)
    .values(
        claimed_by=bindparam("by"), claimed_until=bindparam("until", type_=_AT.type), tries=outbox.c.tries + 1
    )
)
_ATTEMPT: BindParameter[int] = bindparam("attempt_sent")
_DELETE = CompiledStatement(
    delete(outbox).where(outbox.c.submission_id == _WANTED, outbox.c.attempt == _ATTEMPT)
)
_MARK_SENT = CompiledStatement(
    update(submissions)
    .where(submissions.c.id == _WANTED, submissions.c.attempt == _ATTEMPT)
    .values(sent=True)
)
_RELEASE = CompiledStatement(
    update(outbox)
    .where(outbox.c.submission_id == _WANTED)
    .values(claimed_by=None, claimed_until=None, not_before=_AT)
)

_HOLD = CompiledStatement(
    update(outbox)
    .where(outbox.c.submission_id == _WANTED)
    .values(claimed_by=None, claimed_until=None, priority=literal(HELD_PRIORITY))
)
_HELD = (
    select(
        outbox.c.tier,
        submissions.c.language,
        func.count().label("count"),
        func.min(outbox.c.created_at).label("oldest"),
    )
    .join(submissions, submissions.c.id == outbox.c.submission_id)
    .where(outbox.c.tier.in_(bindparam("tiers", expanding=True)), outbox.c.priority == HELD_PRIORITY)
    .group_by(outbox.c.tier, submissions.c.language)
    .order_by(outbox.c.tier, submissions.c.language)
)


class Outbox:
    """Claims, holds and deletes rows. A row is claimed for a while, sent, and deleted. If a process dies, its
    claims expire.

    These writes need not be durable. If a power cut undoes them, the rows are sent again, and an attempt that
    is sent twice is judged once.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime] = utc_now_ms, tiers: Tiers = DEFAULT_TIERS
    ) -> None:
        self.tiers = tiers
        self._names = [tier.value for tier in tiers]
        self._engine = engine
        self._clock = clock

    def claim(
        self, limit: int, by: str, lease_seconds: float, tier: Tier | None = None, live: bool = False
    ) -> list[OutboxRow]:
        """Claim up to ``limit`` unclaimed rows: the heaviest tier first, then by priority, turn and age.

        ``tier`` selects one tier, ``live`` leaves out rows of a lower priority. Two claimers never get the
        same row while a claim lasts. Raises ``UnreadableRows`` with the submissions that must be ended first.
        """
        return self.claim_chosen(limit, by, lease_seconds, ClaimFilter(tier, live))

    def claim_chosen(self, limit: int, by: str, lease_seconds: float, which: ClaimFilter) -> list[OutboxRow]:
        """Claim rows as :meth:`claim` does, but only rows that the filter selects."""
        try:
            return self._claim(limit, by, lease_seconds, which)
        except CONTENT_ERRORS as error:
            unreadable = self._unreadable(limit, which)
            if not unreadable:  # Another dispatcher has ended the unreadable rows.
                return self._claim(limit, by, lease_seconds, which)
            raise UnreadableRows(unreadable) from error

    def _claim(self, limit: int, by: str, lease_seconds: float, which: ClaimFilter) -> list[OutboxRow]:
        at = self._clock()
        with write_transaction(self._engine, durable=False) as connection:
            rows: list[Row] = []
            for tier in self.tiers.by_weight if which.tier is None else (which.tier,):
                values = {**_moment(at), "most": limit - len(rows)}
                rows += _claimable_rows(connection, tier, values, which)
            # Read the rows before they are claimed, because a row that cannot be read must not leave the
            # other rows claimed.
            claimed = [OutboxRow(self._request(row), row["tries"] + 1, row["created_at"]) for row in rows]
            until = at + timedelta(seconds=lease_seconds)
            _CLAIM.run_each(connection, [{"wanted": row["id"], "by": by, "until": until} for row in rows])
        return claimed

    def _request(self, row: Row) -> JudgeRequest:
        """The request of a row. A tier that is not defined is replaced by the tier that serves it."""
        request = request_from(row)
        tier = self.tiers.serving(request.queue)
        return request if tier == request.queue else replace(request, queue=tier)

    def _unreadable(self, limit: int, which: ClaimFilter) -> dict[str, str]:
        """The unreadable rows among those that :meth:`_claim` reads with the same arguments."""
        values = {**_moment(self._clock()), "most": limit}
        found: dict[str, str] = {}
        with read_connection(self._engine) as connection:
            for tier in self.tiers.by_weight if which.tier is None else (which.tier,):
                ids = connection.execute(_next_ids(tier, which), values).scalars().all()
                found |= find_unreadable(ids, lambda id: _read_alone(connection, id))
        return found

    def of_unreadable_tiers(self) -> dict[str, str]:
        """The rows that no relay claims, since the name of their tier is valid in no installation."""
        return {id: f"there is no tier {tier!r}" for id, tier in self._undefined() if not is_tier_name(tier)}

    def adopt_undefined(self) -> dict[str, int]:
        """Move up to ``_RESUMED_AT_ONCE`` rows of undefined tiers, and their submissions, to the tier
        ``normal``. Returns how many of each tier."""
        found = [(id, tier) for id, tier in self._undefined() if is_tier_name(tier)]
        ids = sorted(id for id, _ in found)
        if not ids:
            return {}
        with write_transaction(self._engine) as connection:
            connection.execute(
                update(submissions).where(submissions.c.id.in_(ids)).values(tier=Tier.NORMAL.value)
            )
            turn = turn_at_front(connection, Tier.NORMAL, LIVE_PRIORITY)
            connection.execute(
                update(outbox)
                .where(outbox.c.submission_id.in_(ids))
                .values(tier=Tier.NORMAL.value, turn=turn)
            )
        return dict(Counter(tier for _, tier in found))

    def _undefined(self) -> list[tuple[str, Any]]:
        query = select(outbox.c.submission_id, outbox.c.tier).where(outbox.c.tier.not_in(self._names))
        with read_connection(self._engine) as connection:
            return [(id, tier) for id, tier in connection.execute(query.limit(_RESUMED_AT_ONCE))]

    def claimable(self) -> dict[Tier, ClaimableWork]:
        """The work to claim, by tier. It may be called often, since it reads without the write lock."""
        with read_connection(self._engine) as connection:
            (found,) = _claimable_work(tuple(self.tiers)).all(connection, _moment(self._clock()))
        kinds = range(len(_KINDS_OF_WORK))
        return {
            tier: ClaimableWork(sum(found[f"{tier}_{number}"] for number in kinds)) for tier in self.tiers
        }

    def mark_sent(self, attempts: Iterable[tuple[str, int]]) -> None:
        """Record that the queue has these attempts. Their rows are deleted, and from now on the reconciler
        checks that the queue knows them. The row of a later attempt of the same submission stays."""
        wanted = [{"wanted": id, "attempt_sent": attempt} for id, attempt in sorted(attempts)]
        if not wanted:
            return
        with write_transaction(self._engine, durable=False) as connection:
            # All transactions lock in this order: first the submissions, then the outbox, each by id.
            _MARK_SENT.run_each(connection, wanted)
            _DELETE.run_each(connection, wanted)

    def release(self, ids: Iterable[str], not_before: datetime | None = None) -> None:
        """Give up the claims. The relay takes the rows at ``not_before``, or now if that is left out."""
        at = not_before or self._clock()
        wanted = [{"wanted": id, "at": at} for id in sorted(ids)]
        if not wanted:
            return
        with write_transaction(self._engine, durable=False) as connection:
            _RELEASE.run_each(connection, wanted)

    def hold(self, ids: Iterable[str]) -> None:
        """Give up the claims of rows that no live worker can judge. No relay takes them until they are
        resumed."""
        wanted = [{"wanted": id} for id in sorted(ids)]
        if wanted:
            with write_transaction(self._engine, durable=False) as connection:
                _HOLD.run_each(connection, wanted)

    def held(self) -> list[HeldSubmissions]:
        """The held rows, by tier and language.

        Raises ``UnreadableRows`` with the submissions that must be ended first. A held row is never claimed,
        so no claim finds out that it cannot be read.
        """
        try:
            return self._held()
        except CONTENT_ERRORS as error:
            unreadable = self._unreadable_held()
            if not unreadable:  # Another dispatcher has ended them meanwhile.
                return self._held()
            raise UnreadableRows(unreadable) from error

    def readable_held(self) -> list[HeldSubmissions]:
        """The same as :meth:`held`, without the groups that have a row that cannot be read."""
        with read_connection(self._engine) as connection:
            return read_each(connection, _HELD.params(tiers=self._names), _held_from)

    def _held(self) -> list[HeldSubmissions]:
        with read_connection(self._engine) as connection:
            rows = connection.execute(_HELD, {"tiers": self._names}).mappings().all()
        return [_held_from(row) for row in rows]

    def _unreadable_held(self) -> dict[str, str]:
        query = (
            select(outbox.c.submission_id)
            .where(outbox.c.tier.in_(self._names), outbox.c.priority == HELD_PRIORITY)
            .order_by(outbox.c.submission_id)
        )
        with read_connection(self._engine) as connection:
            ids = connection.execute(query).scalars().all()
            return find_unreadable_among(ids, lambda part: _read_held(connection, part))

    def resume(self, tier: Tier, language: str) -> int:
        """Put up to ``_RESUMED_AT_ONCE`` held rows back into the order of their tier. Returns how many. They
        keep their turns, so they are among the next rows to be sent."""
        query = (
            select(outbox.c.submission_id)
            .join(submissions, submissions.c.id == outbox.c.submission_id)
            .where(outbox.c.tier == tier.value, outbox.c.priority == HELD_PRIORITY)
            .where(submissions.c.language == language)
            .order_by(outbox.c.submission_id)
            .limit(_RESUMED_AT_ONCE)
            .with_for_update(of=outbox, skip_locked=True)
        )
        own = select(submissions.c.priority).where(submissions.c.id == outbox.c.submission_id)
        with write_transaction(self._engine) as connection:
            ids = connection.execute(query).scalars().all()
            connection.execute(
                update(outbox)
                .where(outbox.c.submission_id.in_(ids))
                .values(priority=own.scalar_subquery())
                .execution_options(synchronize_session=False)
            )
        return len(ids)

    def has_unclaimed(self, submission: str) -> bool:
        """Whether a submission waits in the outbox, and no process is sending it now."""
        query = select(outbox.c.submission_id).where(outbox.c.submission_id == submission, _UNCLAIMED)
        with read_connection(self._engine) as connection:
            return connection.execute(query, _moment(self._clock())).first() is not None

    def count_waiting(self, most: int) -> dict[Tier, int]:
        """How many rows each tier has, without held ones, counted up to ``most``, so that it can be called
        often."""
        with read_connection(self._engine) as connection:
            return {
                tier: connection.execute(_count(tier), {"most": most}).scalar_one() for tier in self.tiers
            }

    def backlog(self, tier: Tier | None = None) -> Backlog:
        """How many unclaimed rows wait, and since when."""
        query = select(func.count(), func.min(outbox.c.created_at)).where(_UNCLAIMED)
        if tier is not None:
            query = query.where(outbox.c.tier == tier.value)
        with read_connection(self._engine) as connection:
            waiting, oldest = connection.execute(query, _moment(self._clock())).one()
        return Backlog(waiting, oldest)


def _read_alone(connection: Connection, id: str) -> None:
    query = (
        select(*REQUEST_COLUMNS, outbox.c.tries, outbox.c.created_at)
        .join(outbox, outbox.c.submission_id == submissions.c.id)
        .where(submissions.c.id == id)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is not None:
        OutboxRow(request_from(row), row["tries"] + 1, row["created_at"])


def _held_from(row: RowMapping) -> HeldSubmissions:
    """Raises ``ValueError`` for a language that is no text: SQLite stores any type."""
    if not isinstance(row["language"], str):
        raise ValueError("language holds no text")
    return HeldSubmissions(Tier(row["tier"]), row["language"], row["count"], row["oldest"])


def _read_held(connection: Connection, ids: Sequence[str]) -> None:
    """Read these rows one by one, as :data:`_HELD` reads groups of them. Raises the error of the first row
    that cannot be read."""
    query = (
        select(
            outbox.c.tier,
            submissions.c.language,
            literal(1).label("count"),
            outbox.c.created_at.label("oldest"),
        )
        .join(submissions, submissions.c.id == outbox.c.submission_id)
        .where(outbox.c.submission_id.in_(ids))
    )
    for row in connection.execute(query).mappings():
        _held_from(row)


def _moment(at: datetime) -> dict[str, Any]:
    return {"at": at, "max_future": at + MAX_FUTURE}


def _in_order(columns: Sequence[Any], tier: Tier, live: bool, ahead: bool | None) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(submissions.join(outbox, outbox.c.submission_id == submissions.c.id))
        .where(_claimable(tier, live, ahead))
        .order_by(outbox.c.priority, outbox.c.turn, outbox.c.submission_id)
        .limit(bindparam("most"))
    )


def _select_next(tier: Tier, live: bool, ahead: bool | None) -> Select[*tuple[Any, ...]]:
    columns = (*REQUEST_COLUMNS, outbox.c.tries, outbox.c.created_at)
    return _in_order(columns, tier, live, ahead).with_for_update(of=outbox, skip_locked=True)


@cache
def _next(tier: Tier, live: bool, ahead: bool | None) -> CompiledStatement:
    return CompiledStatement(_select_next(tier, live, ahead))


def _next_in_languages(tier: Tier, which: ClaimFilter) -> Select[*tuple[Any, ...]]:
    """The query for rows in some languages. It is compiled at each call, since it contains the languages that
    live workers have at the moment."""
    return _of_languages(_select_next(tier, which.live, which.ahead), which)


def _next_ids(tier: Tier, which: ClaimFilter) -> Select[*tuple[Any, ...]]:
    """The query for the ids of the rows that a claim reads. It locks none."""
    return _of_languages(_in_order((outbox.c.submission_id,), tier, which.live, which.ahead), which)


def _of_languages(query: Select[*tuple[Any, ...]], which: ClaimFilter) -> Select[*tuple[Any, ...]]:
    if which.languages:
        query = query.where(submissions.c.language.in_(sorted(which.languages)))
    if which.other_than:
        query = query.where(submissions.c.language.not_in(sorted(which.other_than)))
    return query


@cache
def _count(tier: Tier) -> Select[int]:
    waits = and_(outbox.c.tier == tier.value, outbox.c.priority < HELD_PRIORITY)
    some = select(outbox.c.turn).where(waits).limit(bindparam("most"))
    return select(func.count()).select_from(some.subquery())


def _claimable_rows(
    connection: Connection, tier: Tier, values: Mapping[str, Any], which: ClaimFilter
) -> list[Row]:
    if which.languages or which.other_than:
        rows = connection.execute(_next_in_languages(tier, which), values).mappings()
        return [dict(row) for row in rows]
    return _next(tier, which.live, which.ahead).all(connection, values)
