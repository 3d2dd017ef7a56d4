"""Accepts, reads, lists and cancels submissions.

Their attempts are in :mod:`judge_api.store.attempts`, their verdicts in :mod:`judge_api.store.verdicts`.

The module has over 500 lines, because all lists of submissions share their filters and their cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    true,
    update,
)

from judge_api.store.account_locks import account_was_deleted
from judge_api.store.coding_sessions import in_coding_session
from judge_api.store.compiled_statements import CompiledStatement, Row
from judge_api.store.damaged_submissions import damaged_status, read_alone
from judge_api.store.engine import read_connection, unreadable_record, write_transaction
from judge_api.store.event_results import add_event_submission, enter_event, void_event_submission
from judge_api.store.outbox import LAST_TURN_OF_ACCOUNT, SERVED_TURN, turn_after
from judge_api.store.reading import CONTENT_ERRORS, UNFIT_ERRORS, read_each
from judge_api.store.records import (
    HELD_PRIORITY,
    AcceptedSubmission,
    AttemptRow,
    HiddenPeriod,
    NewSubmission,
    StoredSubmission,
    SubmissionFilter,
    SubmissionPage,
)
from judge_api.store.row_mapping import (
    INSERTED_COLUMNS,
    STATUS_COLUMNS,
    files_from,
    inserted_row,
    package_from,
    request_from,
    run_from,
    status_from,
    submission_values,
    unescaped_source,
)
from judge_api.store.tables import OPEN, accounts, attempts, ignored_failures, new_id, outbox, submissions
from judge_api.store.unreadable_rows import find_unreadable
from judge_api.store.webhook_deliveries import add_callback, enqueue_deliveries
from judge_core.clock import utc_now_ms
from judge_core.model.account import LimitState, Tier
from judge_core.model.errors import (
    Conflict,
    IdempotencyKeyReused,
    NotFound,
    QuotaExceeded,
    Refused,
    StoreFailed,
    StoreUnavailable,
    UnreadableRecord,
    UnstorableValue,
)
from judge_core.model.submission import SCORE_ERROR, Kind, Stage, Status, Verdict
from judge_core.tracing import read_traceparent

_HOLD = timedelta(seconds=3)
"""How long the caller of ``accept`` has to send an outbox row before the relay does."""
_RETRY_AFTER_SECONDS = 5
_BATCH_TRANSACTION = 20
"""How many submissions of a batch one transaction stores. SQLite has one writer at a time."""

# These are compiled once, because accepting is the server's most frequent write.
_LOCK_ACCOUNT = CompiledStatement(
    select(accounts.c.id).where(accounts.c.id == bindparam("account")).with_for_update(key_share=True)
)
_WITH_SAME_KEY = CompiledStatement(
    select(*STATUS_COLUMNS, submissions.c.body_hash).where(
        submissions.c.account_id == bindparam("account"), submissions.c.idempotency_key == bindparam("key")
    )
)
_STATUS = CompiledStatement(select(*STATUS_COLUMNS).where(submissions.c.id == bindparam("id")))
_UNFINISHED = select(func.count()).where(
    submissions.c.account_id == bindparam("account"), OPEN, submissions.c.finished_at.is_(None)
)
_UNFINISHED_RUNS = _UNFINISHED.where(submissions.c.kind == Kind.RUN.value)
_WAITS_BEFORE = exists().where(
    outbox.c.tier == bindparam("tier"),
    outbox.c.priority <= bindparam("priority"),
    or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < bindparam("at")),
)
# The row of a deleted account stays for its earlier submissions.
_ACCOUNT_EXISTS = exists().where(accounts.c.id == bindparam("account"), accounts.c.deleted_at.is_(None))
_QUEUE_COLUMNS = (
    _WAITS_BEFORE.label("waits"),
    SERVED_TURN.label("served"),
    LAST_TURN_OF_ACCOUNT.label("mine"),
)
_QUEUE_POSITION = CompiledStatement(
    select(_ACCOUNT_EXISTS.label("known"), _UNFINISHED.scalar_subquery().label("unfinished"), *_QUEUE_COLUMNS)
)
_QUEUE_POSITION_WITHOUT_QUOTA = CompiledStatement(
    select(_ACCOUNT_EXISTS.label("known"), literal(0).label("unfinished"), *_QUEUE_COLUMNS)
)
_INSERT_SUBMISSION = CompiledStatement(
    insert(submissions).returning(submissions.c.serial), columns=INSERTED_COLUMNS
)
_INSERT_OUTBOX_ROW = CompiledStatement(
    insert(outbox).values(attempt=1, tries=0),
    columns=(
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
MOST_COUNTED = 10_000


class SubmissionStore:
    """Stores submissions. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now_ms) -> None:
        self._engine = engine
        self._clock = clock

    def accept(self, new: NewSubmission, send_now: bool = True) -> AcceptedSubmission:
        """Store the submission and its outbox row in one transaction. From then on no crash loses it.

        With ``send_now``, if nothing waits before it, the row is claimed for the caller, which sends
        ``AcceptedSubmission.request``. A ``held`` submission waits for a worker, as after ``Outbox.hold``.
        The same idempotency key returns the same submission. Raises ``IdempotencyKeyReused`` (same key, other
        body), ``QuotaExceeded``, ``Conflict`` (no try is left in the event), and ``NotFound`` (the account or
        the event does not exist).
        """
        with write_transaction(self._engine) as connection:
            _lock_account(connection, new.account_id)
            return self._accept(connection, new, send_now)

    def accept_batch(
        self, batch: Sequence[NewSubmission], send_first: bool = True
    ) -> list[AcceptedSubmission | Refused]:
        """Accept many submissions of one account, as :meth:`accept` does. Each is accepted or refused by
        itself.

        Each transaction stores ``_BATCH_TRANSACTION`` of them, so that other accounts' submissions can be
        stored in between. Only the first submission may be claimed for the caller; the other submissions take
        turns with submissions of other accounts.

        Raises ``StoreUnavailable`` or ``UnreadableRecord`` if the first transaction fails. If a later
        transaction fails, its submissions are refused with ``StoreFailed``.
        """
        results: list[AcceptedSubmission | Refused] = []
        for start in range(0, len(batch), _BATCH_TRANSACTION):
            part = batch[start : start + _BATCH_TRANSACTION]
            try:
                self._accept_part(part, send_first and not results, results)
            except (StoreUnavailable, UnreadableRecord) as error:
                if not results:
                    raise
                results += [StoreFailed(str(error))] * (start + len(part) - len(results))
        return results

    def _accept_part(
        self, part: Sequence[NewSubmission], send_first: bool, results: list[AcceptedSubmission | Refused]
    ) -> None:
        """Add the result of each submission to ``results``. If the database fails, the results of stored
        submissions have been added."""
        try:
            results += self._accept_in_one_transaction(part, send_first)
        # One submission is the cause, but which one is not known. So store each by itself.
        except UnstorableValue:
            for new in part:
                results.append(self._accept_or_refuse(new))

    def _accept_or_refuse(self, new: NewSubmission) -> AcceptedSubmission | Refused:
        try:
            return self.accept(new, send_now=False)
        except Refused as refusal:
            return refusal

    def _accept_in_one_transaction(
        self, part: Sequence[NewSubmission], send_first: bool
    ) -> list[AcceptedSubmission | Refused]:
        results: list[AcceptedSubmission | Refused] = []
        with write_transaction(self._engine) as connection:
            _lock_account(connection, part[0].account_id)
            for new in part:
                send_now = send_first and not results
                try:
                    results.append(self._accept(connection, new, send_now))
                except (IdempotencyKeyReused, QuotaExceeded, Conflict, NotFound) as refusal:
                    # It was refused before any of its rows was written.
                    results.append(refusal)
        return results

    def _accept(self, connection: Connection, new: NewSubmission, send_now: bool) -> AcceptedSubmission:
        earlier = _with_same_key(connection, new)
        if earlier is not None:
            return AcceptedSubmission(earlier, duplicate=True)
        at = self._clock()
        position = _queue_position(connection, new, at)
        _check_quota(connection, new, position.unfinished)
        if new.event is not None and new.package is not None:
            enter_event(connection, new.event, new.package.slug)
        may_send = send_now and not new.held
        return _insert(connection, new, at, position if may_send else replace(position, waits=True))

    def with_keys(self, account_id: str, keys: Sequence[str]) -> dict[str, tuple[Status, str | None]]:
        """An account's submissions that were made with one of these idempotency keys, each with the hash of
        its body."""
        query = select(*STATUS_COLUMNS, submissions.c.body_hash).where(
            submissions.c.account_id == account_id, submissions.c.idempotency_key.in_(list(keys))
        )
        with read_connection(self._engine) as connection:
            try:
                rows = connection.execute(query).mappings()
                return {row["idempotency_key"]: (status_from(row), row["body_hash"]) for row in rows}
            except UNFIT_ERRORS:
                raise
            except CONTENT_ERRORS:
                found = {key: _with_key(connection, account_id, key) for key in keys}
                return {key: each for key, each in found.items() if each is not None}

    def status(self, id: str) -> Status | None:
        """The status of a submission. If its record is damaged, the status has the parts that can be read."""
        return self._shown(lambda connection: _STATUS.one(connection, {"id": id}), submissions.c.id == id)

    def _shown(
        self, read: Callable[[Connection], Row | RowMapping | None], which: ColumnElement[bool]
    ) -> Status | None:
        with read_connection(self._engine) as connection:
            try:
                row = read(connection)
                return status_from(row) if row else None
            except UNFIT_ERRORS:
                raise
            except CONTENT_ERRORS:
                return damaged_status(connection, which)

    def statuses(self, ids: Iterable[str]) -> dict[str, Status]:
        """The statuses of many submissions. Unknown ids and records that cannot be read are left out."""
        wanted = list(ids)
        try:
            return self._statuses(wanted)
        except UnstorableValue:
            raise  # The database cannot take an id of the request.
        except CONTENT_ERRORS:
            unreadable = find_unreadable(wanted, lambda id: self._statuses([id]))
            return self._statuses([id for id in wanted if id not in unreadable])

    def _statuses(self, ids: Sequence[str]) -> dict[str, Status]:
        query = select(*STATUS_COLUMNS).where(submissions.c.id.in_(list(ids)))
        with read_connection(self._engine) as connection:
            rows = connection.execute(query).mappings()
            return {row["id"]: status_from(row) for row in rows}

    def by_serial(self, serial: int) -> Status | None:
        """The status by the serial number, for APIs whose ids are integers."""
        which = submissions.c.serial == serial
        query = select(*STATUS_COLUMNS).where(which)
        return self._shown(lambda connection: connection.execute(query).mappings().one_or_none(), which)

    def submission(self, id: str) -> StoredSubmission | None:
        """A submission with its source and attempts."""
        which = submissions.c.id == id
        with read_connection(self._engine) as connection:
            found = _attempts_of(connection, id)
            try:
                row = connection.execute(select(submissions).where(which)).mappings().one_or_none()
                return _stored_from(row, found) if row else None
            except CONTENT_ERRORS:
                status = damaged_status(connection, which)
                return StoredSubmission(status, "", None, None, found) if status else None

    def page(
        self, which: SubmissionFilter, cursor: str | None = None, limit: int = 50, oldest_first: bool = False
    ) -> SubmissionPage:
        """A page of submissions, newest first or ``oldest_first``, without records that cannot be read.
        ``cursor`` comes from the previous page; a text that is no number raises ``ValueError``."""
        query = select(*STATUS_COLUMNS).where(*_conditions(which))
        serial = submissions.c.serial
        if cursor is not None:
            query = query.where(serial > int(cursor) if oldest_first else serial < int(cursor))
        query = query.order_by(serial if oldest_first else serial.desc()).limit(limit + 1)
        with read_connection(self._engine) as connection:
            try:
                items = [status_from(row) for row in connection.execute(query).mappings()]
                serials = [status.serial for status in items]
            except CONTENT_ERRORS:
                items = read_each(connection, query, status_from)
                serials = list(connection.execute(query.with_only_columns(submissions.c.serial)).scalars())
        if len(serials) <= limit:
            return SubmissionPage(tuple(items), None)
        last, shown = serials[limit - 1], set(serials[:limit])
        return SubmissionPage(tuple(status for status in items if status.serial in shown), str(last))

    def cursor_after(self, which: SubmissionFilter, skipped: int) -> str | None:
        """The cursor of the page that begins after the ``skipped`` newest submissions. ``skipped`` is at
        least 1. ``None`` if there are fewer submissions. The first page needs no cursor."""
        query = select(submissions.c.serial).where(*_conditions(which)).order_by(submissions.c.serial.desc())
        with read_connection(self._engine) as connection:
            last = connection.execute(query.offset(skipped - 1).limit(1)).scalar_one_or_none()
        return None if last is None else str(last)

    def count(self, which: SubmissionFilter) -> int:
        """How many submissions match, up to ``MOST_COUNTED``."""
        matching = select(submissions.c.serial).where(*_conditions(which)).limit(MOST_COUNTED).subquery()
        with read_connection(self._engine) as connection:
            return connection.execute(select(func.count()).select_from(matching)).scalar_one()

    def count_unfinished(self, account_id: str) -> int:
        """How many of an account's submissions await their first verdict."""
        with read_connection(self._engine) as connection:
            return _count_unfinished(connection, account_id)

    def count_before(self, tier: Tier, serial: int) -> int:
        """How many submissions of a tier came earlier and have not been started."""
        query = select(func.count()).where(
            OPEN,
            submissions.c.tier == tier.value,
            submissions.c.stage == Stage.QUEUED.value,
            # Without "+ 0", SQLite would use the index of ``serial`` and read all earlier submissions.
            submissions.c.serial + 0 < serial,
        )
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def cancel(self, id: str, by: str = "its owner") -> int | None:
        """End a submission that has no verdict yet. Its reason names ``by``. Returns its current attempt, or
        ``None`` if it has ended already or does not exist."""
        at = self._clock()
        with write_transaction(self._engine) as connection:
            attempt: int | None = connection.execute(
                update(submissions)
                .where(submissions.c.id == id, submissions.c.open, submissions.c.finished_at.is_(None))
                .values(stage=Stage.CANCELLED.value, open=False, finished_at=at, reason=f"cancelled by {by}")
                .returning(submissions.c.attempt)
            ).scalar()
            if attempt is None:  # It has ended or does not exist. A waiting rejudging is not cancelled.
                return None
            connection.execute(delete(outbox).where(outbox.c.submission_id == id))
            enqueue_deliveries(connection, [id], at)
            void_event_submission(connection, id)
            return attempt


@dataclass(frozen=True, slots=True)
class _QueuePosition:
    """The position of a new submission. ``unfinished`` is how many submissions of its account have no
    verdict, and ``waits`` whether a row waits before it."""

    unfinished: int
    waits: bool
    turn: int


def _queue_position(connection: Connection, new: NewSubmission, at: datetime) -> _QueuePosition:
    place = {"account": new.account_id, "tier": new.tier.value, "priority": new.priority, "at": at}
    look = _QUEUE_POSITION if new.max_unfinished is not None else _QUEUE_POSITION_WITHOUT_QUOTA
    found = look.one(connection, place)
    if found is None or not found["known"]:
        raise account_was_deleted()
    return _QueuePosition(found["unfinished"], found["waits"], turn_after(found["served"], found["mine"]))


def _insert(
    connection: Connection, new: NewSubmission, at: datetime, position: _QueuePosition
) -> AcceptedSubmission:
    values = submission_values(new, new_id(), at)
    (inserted,) = _INSERT_SUBMISSION.all(connection, values)
    row = inserted_row(values, inserted["serial"])
    if new.callback_url is not None:
        add_callback(connection, row["id"], new.callback_url, at)
    place = {
        "submission_id": row["id"],
        "account_id": new.account_id,
        "tier": new.tier.value,
        "priority": HELD_PRIORITY if new.held else new.priority,
        "turn": position.turn,
        "created_at": at,
        "not_before": at,
        "claimed_until": None if position.waits else at + _HOLD,
        "claimed_by": None if position.waits else "intake",
    }
    _INSERT_OUTBOX_ROW.run(connection, place)
    if new.event is not None:
        add_event_submission(connection, new.event, row)
    return AcceptedSubmission(
        status_from(row),
        request=None if position.waits else request_from(row),
        limits=_limits(new, position.unfinished + 1),
    )


def _limits(new: NewSubmission, unfinished: int) -> tuple[LimitState, ...]:
    """The account's limit of unfinished submissions, and how many more it may post."""
    most = new.max_unfinished
    return () if most is None else (LimitState("unfinished", most, max(0, most - unfinished)),)


def _lock_account(connection: Connection, account_id: str) -> None:
    # Only one submission of an account is accepted at a time. Otherwise two could pass the quota together, or
    # share a key. SQLite has one writer at a time anyway.
    if connection.dialect.name != "sqlite":
        _LOCK_ACCOUNT.one(connection, {"account": account_id})


def _with_same_key(connection: Connection, new: NewSubmission) -> Status | None:
    if new.idempotency_key is None:
        return None
    found = _with_key(connection, new.account_id, new.idempotency_key)
    if found is None:
        return None
    status, body_hash = found
    if not is_same_body(body_hash, new.body_hash):
        raise key_was_reused()
    return status


def _with_key(connection: Connection, account_id: str, key: str) -> tuple[Status, str | None] | None:
    """An account's submission with this idempotency key, and the hash of its body. If the record is damaged,
    its readable columns are returned, so that the client gets the id of its submission."""
    try:
        row = _WITH_SAME_KEY.one(connection, {"account": account_id, "key": key})
        return (status_from(row), row["body_hash"]) if row else None
    except UNFIT_ERRORS:
        raise
    except CONTENT_ERRORS as error:
        which = (submissions.c.account_id == account_id) & (submissions.c.idempotency_key == key)
        status = damaged_status(connection, which)
        if status is None:
            raise unreadable_record(error) from error
        return status, _readable_hash(connection, which)


def _readable_hash(connection: Connection, which: ColumnElement[bool]) -> str | None:
    try:
        hash: str | None = read_alone(connection, submissions.c.body_hash, which)
    except CONTENT_ERRORS:
        return None
    return hash


def is_same_body(stored: str | None, asked: str | None) -> bool:
    """Whether a repeated request may have the body of the stored one. A stored hash that was damaged is lost,
    and then the request is taken for a repetition. Otherwise its client would be refused for ever."""
    return not isinstance(stored, str) or stored == asked


def key_was_reused() -> IdempotencyKeyReused:
    return IdempotencyKeyReused(
        "this Idempotency-Key was used with another body: use a new key for a new submission"
    )


def _check_quota(connection: Connection, new: NewSubmission, unfinished: int) -> None:
    if new.max_unfinished is None:
        return
    if unfinished >= new.max_unfinished:
        raise QuotaExceeded(
            f"{new.max_unfinished} submissions of this account are unfinished: wait for one to finish",
            retry_after=_RETRY_AFTER_SECONDS,
            limits=_limits(new, unfinished),
        )
    if new.kind is Kind.RUN and new.max_unfinished_runs is not None:
        _check_run_quota(connection, new.account_id, new.max_unfinished_runs)


def _check_run_quota(connection: Connection, account_id: str, most: int) -> None:
    """Raise ``QuotaExceeded`` if the account has ``most`` unfinished runs. Runs have their own share of the
    quota, so that an account with many runs can still submit."""
    if connection.execute(_UNFINISHED_RUNS, {"account": account_id}).scalar_one() >= most:
        raise QuotaExceeded(
            f"{most} runs of this account are unfinished: wait for one to finish",
            retry_after=_RETRY_AFTER_SECONDS,
        )


def _count_unfinished(connection: Connection, account_id: str) -> int:
    return connection.execute(_UNFINISHED, {"account": account_id}).scalar_one()


def _attempts_of(connection: Connection, id: str) -> tuple[AttemptRow, ...]:
    query = select(attempts).where(attempts.c.submission_id == id).order_by(attempts.c.number)
    return tuple(read_each(connection, query, _attempt_from))


def _stored_from(row: RowMapping, attempts: tuple[AttemptRow, ...]) -> StoredSubmission:
    source = unescaped_source(row["source"])
    return StoredSubmission(
        status_from(row),
        source,
        package_from(row),
        run_from(row),
        attempts,
        files_from(row),
        read_traceparent(row["traceparent"]),
    )


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
        submissions.c.event_id: which.event_id,
    }
    conditions = [column == str(value) for column, value in wanted.items() if value is not None]
    if which.unfinished:
        conditions += [submissions.c.open.is_(True)]
    if which.ignored is not None:
        mark = exists().where(ignored_failures.c.submission_id == submissions.c.id)
        conditions += [mark if which.ignored else not_(mark)]
    if which.session is not None and which.account_id is not None:
        conditions += in_coding_session(which.account_id, which.session)
    if which.full_marks is not None:
        conditions += [submissions.c.verdict == Verdict.AC.value, _marks_condition(which)]
    conditions += [_not_hidden(period) for period in which.hidden]
    return conditions


def _not_hidden(period: HiddenPeriod) -> ColumnElement[bool]:
    sent = submissions.c.submitted_at
    conditions = [submissions.c.kind == Kind.SUBMISSION.value, submissions.c.problem == period.problem]
    conditions += [sent >= period.since] + ([sent < period.until] if period.until is not None else [])
    return not_(and_(*conditions))


def _marks_condition(which: SubmissionFilter) -> ColumnElement[bool]:
    """The condition for full marks, or for partial marks. A problem without a greatest score has no partial
    marks."""
    if not which.max_scores:
        return true() if which.full_marks else false()
    greatest = case(dict(which.max_scores), value=submissions.c.problem, else_=None)
    is_partial = func.coalesce(submissions.c.score < greatest - SCORE_ERROR, false())
    return not_(is_partial) if which.full_marks else is_partial
