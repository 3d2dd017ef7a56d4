"""Submissions as their owners see them: accepted once, read, listed, cancelled.

What happens to their attempts stands in :mod:`judge_api.store.attempts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from judge_api.store.compiled_statements import Prepared
from judge_api.store.engine import reading, writing
from judge_api.store.fair_order import LAST_OF_ACCOUNT, SERVED, turn_after
from judge_api.store.ids import new_id
from judge_api.store.models import (
    Accepted,
    AttemptRow,
    NewSubmission,
    Page,
    StoredSubmission,
    SubmissionFilter,
)
from judge_api.store.row_mapping import (
    FIRST_COLUMNS,
    STATUS_COLUMNS,
    first_row,
    package_from,
    request_from,
    run_from,
    status_from,
    submission_values,
)
from judge_api.store.tables import OPEN, accounts, attempts, outbox, submissions
from judge_api.store.webhook_deliveries import await_verdict, owe
from judge_core.model.account import Tier
from judge_core.model.errors import KeyReused, NotFound, TooMany
from judge_core.model.submission import Kind, Stage, Status

Clock = Callable[[], datetime]
HOLD = timedelta(seconds=3)
"""How long an outbox row waits for the caller of ``accept`` to send it before the relay does."""
FAR = timedelta(minutes=2)
"""Nothing is put off for so long. A moment further ahead was written before the clock was set back, and
waiting for it would be waiting for the clock."""
_RETRY_AFTER_SECONDS = 5

# Accepting is the server's hottest write.
_LOCK_ACCOUNT = Prepared(
    select(accounts.c.id).where(accounts.c.id == bindparam("account")).with_for_update(key_share=True)
)
_SAME_KEY = Prepared(
    select(*STATUS_COLUMNS, submissions.c.body_hash).where(
        submissions.c.account_id == bindparam("account"), submissions.c.idempotency_key == bindparam("key")
    )
)
_UNFINISHED = select(func.count()).where(
    submissions.c.account_id == bindparam("account"), OPEN, submissions.c.finished_at.is_(None)
)
_UNFINISHED_RUNS = _UNFINISHED.where(submissions.c.kind == Kind.RUN.value)
_BEFORE = exists().where(
    outbox.c.tier == bindparam("tier"),
    outbox.c.priority <= bindparam("priority"),
    or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < bindparam("at")),
)
_KNOWN = exists().where(accounts.c.id == bindparam("account"))
_PLACE = (_BEFORE.label("waits"), SERVED.label("served"), LAST_OF_ACCOUNT.label("mine"))
_LOOK = Prepared(select(_KNOWN.label("known"), _UNFINISHED.scalar_subquery().label("unfinished"), *_PLACE))
_LOOK_UNCOUNTED = Prepared(select(_KNOWN.label("known"), literal(0).label("unfinished"), *_PLACE))
_KEEP = Prepared(insert(submissions).returning(submissions.c.serial), fills=FIRST_COLUMNS)
_QUEUE_UP = Prepared(
    insert(outbox).values(attempt=1, tries=0),
    fills=(
        "submission_id",
        "account_id",
        "tier",
        "priority",
        "turn",
        "created_at",
        "not_before",
        "claimed_until",
        "claimed_by",
    ),
)


def utc_now() -> datetime:
    """Now, to the millisecond, which is what clients are told: all that hold a status hold the same."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class SubmissionStore:
    """The truth about submissions. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def accept(self, new: NewSubmission, send_now: bool = True) -> Accepted:
        """Keep the submission and its outbox row, both or neither; when this returns it is never lost.

        With ``send_now`` (and nobody waiting before it) the row is held for the caller, who sends
        ``Accepted.request``. The same idempotency key gives the same submission again. Raises
        ``KeyReused`` (same key, other body), ``TooMany`` (quota), ``NotFound`` (no such account).
        """
        with writing(self._engine) as connection:
            _lock_account(connection, new.account_id)
            earlier = _same_key(connection, new)
            if earlier is not None:
                return Accepted(earlier, duplicate=True)
            at = self._clock()
            line = _look_at_line(connection, new, at)
            _check_quota(connection, new, line.unfinished)
            return _keep(connection, new, at, line if send_now else replace(line, waits=True))

    def status(self, id: str) -> Status | None:
        """What its watchers are told, from the truth."""
        found = self.statuses([id])
        return found.get(id)

    def statuses(self, ids: Iterable[str]) -> dict[str, Status]:
        """Many at once; unknown ids are left out."""
        query = select(*STATUS_COLUMNS).where(submissions.c.id.in_(list(ids)))
        with reading(self._engine) as connection:
            return {row["id"]: status_from(row) for row in connection.execute(query).mappings()}

    def by_serial(self, serial: int) -> Status | None:
        """For dialects that know submissions by an integer."""
        query = select(*STATUS_COLUMNS).where(submissions.c.serial == serial)
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        return status_from(row) if row else None

    def submission(self, id: str) -> StoredSubmission | None:
        """All of it, with its source and attempts: for its owner and for operators."""
        with reading(self._engine) as connection:
            row = (
                connection.execute(select(submissions).where(submissions.c.id == id)).mappings().one_or_none()
            )
            if row is None:
                return None
            tries = _attempts_of(connection, id)
        return StoredSubmission(status_from(row), row["source"], package_from(row), run_from(row), tries)

    def page(self, which: SubmissionFilter, cursor: str | None = None, limit: int = 50) -> Page:
        """Newest first. ``cursor`` is an earlier page's; anything else raises ``ValueError``."""
        query = select(*STATUS_COLUMNS).where(*_conditions(which))
        if cursor is not None:
            query = query.where(submissions.c.serial < int(cursor))
        query = query.order_by(submissions.c.serial.desc()).limit(limit + 1)
        with reading(self._engine) as connection:
            items = [status_from(row) for row in connection.execute(query).mappings()]
        more = len(items) > limit
        return Page(tuple(items[:limit]), str(items[limit - 1].serial) if more else None)

    def count_unfinished(self, account_id: str) -> int:
        """How many of an account's submissions are owed a first verdict."""
        with reading(self._engine) as connection:
            return _count_unfinished(connection, account_id)

    def count_before(self, tier: Tier, serial: int) -> int:
        """How many of a tier came earlier and have not been started."""
        query = select(func.count()).where(
            OPEN,
            submissions.c.tier == tier.value,
            submissions.c.stage == Stage.QUEUED.value,
            submissions.c.serial + 0
            < serial,  # a sum, or SQLite would walk through all that ever came before
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def cancel(self, id: str, by: str = "its owner") -> bool:
        """End it without a verdict if it has none yet; True exactly once. ``by`` is told to its owner."""
        at = self._clock()
        with writing(self._engine) as connection:
            ended = connection.execute(
                update(submissions)
                .where(submissions.c.id == id, submissions.c.open, submissions.c.finished_at.is_(None))
                .values(stage=Stage.CANCELLED.value, open=False, finished_at=at, reason=f"cancelled by {by}")
            )
            if ended.rowcount == 0:  # it has its verdict; a rejudging that waits goes on waiting
                return False
            connection.execute(delete(outbox).where(outbox.c.submission_id == id))
            owe(connection, [id], at)
            return True


@dataclass(frozen=True, slots=True)
class _Line:
    """What there is before a submission that comes now: how many of its account have no verdict yet, whether
    anybody waits for the queue's room, and its turn."""

    unfinished: int
    waits: bool
    turn: int


def _look_at_line(connection: Connection, new: NewSubmission, at: datetime) -> _Line:
    place = {"account": new.account_id, "tier": new.tier.value, "priority": new.priority, "at": at}
    look = _LOOK if new.max_unfinished is not None else _LOOK_UNCOUNTED
    found = look.one(connection, place)
    if found is None or not found["known"]:
        raise NotFound(f"there is no account {new.account_id}")
    return _Line(found["unfinished"], found["waits"], turn_after(found["served"], found["mine"]))


def _keep(connection: Connection, new: NewSubmission, at: datetime, line: _Line) -> Accepted:
    values = submission_values(new, new_id(), at)
    (kept,) = _KEEP.all(connection, values)
    row = first_row(values, kept["serial"])
    if new.callback_url is not None:
        await_verdict(connection, row["id"], new.callback_url, at)
    place = {
        "submission_id": row["id"],
        "account_id": new.account_id,
        "tier": new.tier.value,
        "priority": new.priority,
        "turn": line.turn,
        "created_at": at,
        "not_before": at,
        "claimed_until": None if line.waits else at + HOLD,
        "claimed_by": None if line.waits else "intake",
    }
    _QUEUE_UP.run(connection, place)
    return Accepted(status_from(row), request=None if line.waits else request_from(row))


def _lock_account(connection: Connection, account_id: str) -> None:
    # One accept at a time per account: else two could slip under the quota, or share a key. SQLite has one
    # writer at a time anyway.
    if connection.dialect.name != "sqlite":
        _LOCK_ACCOUNT.one(connection, {"account": account_id})


def _same_key(connection: Connection, new: NewSubmission) -> Status | None:
    if new.idempotency_key is None:
        return None
    row = _SAME_KEY.one(connection, {"account": new.account_id, "key": new.idempotency_key})
    if row is None:
        return None
    if row["body_hash"] != new.body_hash:
        raise KeyReused("this Idempotency-Key was used with another body: use a new key for a new submission")
    return status_from(row)


def _check_quota(connection: Connection, new: NewSubmission, unfinished: int) -> None:
    if new.max_unfinished is None:
        return
    if unfinished >= new.max_unfinished:
        raise TooMany(
            f"{new.max_unfinished} submissions of this account are unfinished: wait for one to finish",
            retry_after=_RETRY_AFTER_SECONDS,
        )
    if new.kind is Kind.RUN and new.max_unfinished_runs is not None:
        _check_run_quota(connection, new.account_id, new.max_unfinished_runs)


def _check_run_quota(connection: Connection, account_id: str, most: int) -> None:
    """Runs have their own share, so that an account that tries things out can still submit."""
    if connection.execute(_UNFINISHED_RUNS, {"account": account_id}).scalar_one() >= most:
        raise TooMany(
            f"{most} runs of this account are unfinished: wait for one to finish",
            retry_after=_RETRY_AFTER_SECONDS,
        )


def _count_unfinished(connection: Connection, account_id: str) -> int:
    return connection.execute(_UNFINISHED, {"account": account_id}).scalar_one()


def _attempts_of(connection: Connection, id: str) -> tuple[AttemptRow, ...]:
    query = select(attempts).where(attempts.c.submission_id == id).order_by(attempts.c.number)
    return tuple(_attempt_from(row) for row in connection.execute(query).mappings())


def _attempt_from(row: RowMapping) -> AttemptRow:
    return AttemptRow(
        number=row["number"],
        worker=row["worker"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        ending=row["ending"],
        reason=row["reason"],
        timings=row["timings"],
    )


def _conditions(which: SubmissionFilter) -> list[ColumnElement[bool]]:
    wanted = {
        submissions.c.account_id: which.account_id,
        submissions.c.problem: which.problem,
        submissions.c.language: which.language,
        submissions.c.tier: which.tier,
        submissions.c.verdict: which.verdict,
        submissions.c.stage: which.stage,
        submissions.c.kind: which.kind,
    }
    conditions = [column == str(value) for column, value in wanted.items() if value is not None]
    if which.unfinished:
        conditions += [submissions.c.open.is_(True)]
    return conditions
