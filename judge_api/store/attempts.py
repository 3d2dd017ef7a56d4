"""Begins, requeues, fails and repeats attempts, and finds attempts that the queue has lost.

The verdict itself is written in :mod:`judge_api.store.verdicts`. A report is written only if its submission
is open and its attempt is the current one. So a report that comes twice, late, or out of order changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from judge_api.store.compiled_statements import CompiledStatement
from judge_api.store.engine import read_connection, unreadable_record, write_transaction
from judge_api.store.event_results import is_in_running_event, void_event_submission
from judge_api.store.ignored_failures import forget_ignored
from judge_api.store.notices import expect_rejudge_notice
from judge_api.store.outbox import turn_at_front
from judge_api.store.problem_faults import ProblemFault, record_problem_fault
from judge_api.store.problems import suspend_version
from judge_api.store.reading import CONTENT_ERRORS
from judge_api.store.records import MAX_FUTURE, REJUDGE_PRIORITY, OpenSubmission
from judge_api.store.row_mapping import (
    status_from,
    storable,
)
from judge_api.store.tables import IN_FLIGHT, OPEN, attempts, outbox, submissions
from judge_api.store.unreadable_rows import UnreadableRows, find_unreadable
from judge_api.store.webhook_deliveries import enqueue_deliveries
from judge_core.clock import SYSTEM_JITTER, Jitter, utc_now_ms
from judge_core.messages import Report
from judge_core.model.account import Tier
from judge_core.model.submission import Stage, Status, from_rfc3339

_KEY = ("submission_id", "number")
CURRENT_ATTEMPT = (
    submissions.c.id == bindparam("of_submission"),
    submissions.c.attempt == bindparam("of_attempt"),
    submissions.c.open,
)
"""The conditions that a submission is open and that this is its current attempt; see
:func:`attempt_parameters`."""
BEGAN: BindParameter[datetime] = bindparam("began", type_=submissions.c.started_at.type)
_BEGIN = CompiledStatement(
    update(submissions)
    .where(*CURRENT_ATTEMPT, submissions.c.finished_at.is_(None))
    .values(stage=Stage.RUNNING.value, started_at=BEGAN)
)
TRANSIENT_ERROR = "hindered"
"""The ending of an attempt that could not be judged for a temporary reason. The column has had this value
since release 0.1."""
NO_LANGUAGE = "no language"
"""The ending of an attempt whose worker does not have the language. It is never charged. The next attempt
goes to another pool, or waits for a worker that has the language."""
MAX_TRANSIENT_ERRORS = 100
"""The bound on the transient errors of one submission, since a submission that can never be judged must not
be requeued without end. With the delays between attempts it takes more than an hour to reach the bound."""
_MAX_DELAY_SECONDS = 60.0
_FIRST_MISROUTED_DELAY, _MAX_MISROUTED_DELAY = 0.25, 30.0
OWN_SUBMISSION_FAILS = "its own accepted submission cannot be judged"
PROBLEM_AT_FAULT = "the problem is at fault; its author sees the fault on the problem's page"
JUDGE_AT_FAULT = "the judge is at fault; an operator finds the reason by the submission's id"


@dataclass(frozen=True, slots=True)
class RequeueReason:
    """Why an attempt ended without a verdict; ``charged`` counts it against the submission's attempts.

    A worker's reason is ``confidential``, since it may quote files of the jury. Only operators see it, and
    the problem's author if ``package_at_fault``. A fault of the package ends the submission at once. If it is
    ``package_unusable``, it also suspends the problem, unless a running event has the problem.
    """

    reason: str
    worker: str | None = None
    charged: bool = True
    ending: str = "fault"
    confidential: bool = False
    package_at_fault: bool = False
    package_unusable: bool = False

    @property
    def public_reason(self) -> str:
        """The reason that the contestant sees."""
        if self.package_at_fault:
            return PROBLEM_AT_FAULT
        return JUDGE_AT_FAULT if self.confidential else self.reason


def attempt_parameters(report: Report) -> dict[str, Any]:
    """The parameters of ``CURRENT_ATTEMPT`` for the attempt that a report is about."""
    return {"of_submission": report.submission, "of_attempt": report.attempt}


def lock_order(report: Report) -> str:
    """The key by which reports are sorted before they are written. Transactions that write several
    submissions lock them in the order of their ids, and each submission before its outbox row. In another
    order two transactions could wait for each other."""
    return report.submission


def upsert_attempt(connection: Connection, submission: str, number: int, values: dict[str, Any]) -> None:
    """Write these columns of one attempt; ``None`` leaves a column as it is."""
    known = {name: value for name, value in values.items() if value is not None}
    row = {"submission_id": submission, "number": number, **known}
    _upsert(connection.dialect.name, tuple(row)).run(connection, row)


def upsert_finished_attempts(connection: Connection, reports: Sequence[Report]) -> None:
    """Write the attempts of these reports. Attempts with the same known columns are written by one
    statement."""
    rows: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for report in reports:
        values = {
            "submission_id": report.submission,
            "number": report.attempt,
            "worker": report.worker,
            "started_at": from_rfc3339(report.started_at),
            "ended_at": from_rfc3339(report.at),
            "timings": report.timings,
            "ending": "finished",
        }
        known = {name: value for name, value in values.items() if value is not None}
        rows.setdefault(tuple(known), []).append(known)
    for columns, alike in rows.items():
        _upsert(connection.dialect.name, columns).run_each(connection, alike)


@cache
def _upsert(dialect: str, columns: tuple[str, ...]) -> CompiledStatement:
    """The statement that writes these columns of an attempt. ``columns`` includes the key."""
    make: Callable[[Table], postgresql.Insert | sqlite.Insert]
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(attempts)
    given = {name: statement.excluded[name] for name in columns if name not in _KEY}
    if not given:
        return CompiledStatement(statement.on_conflict_do_nothing(index_elements=_KEY), columns=columns)
    return CompiledStatement(
        statement.on_conflict_do_update(index_elements=_KEY, set_=given), columns=columns
    )


class AttemptStore:
    """Writes and finds attempts. Every method may raise ``StoreUnavailable``."""

    def __init__(
        self,
        engine: Engine,
        max_attempts: int = 3,
        clock: Callable[[], datetime] = utc_now_ms,
        jitter: Jitter = SYSTEM_JITTER,
    ) -> None:
        self._engine = engine
        self._jitter = jitter
        self._max_attempts = max_attempts
        self._clock = clock

    def begin(self, reports: Sequence[Report]) -> None:
        """Record that workers have begun. Only the current attempt of an open submission without a verdict
        changes. The write need not be durable, since the verdict says the same."""
        with write_transaction(self._engine, durable=False) as connection:
            for report in sorted(reports, key=lock_order):
                _begin(connection, report)

    def requeue_or_fail(self, submission: str, attempt: int, why: RequeueReason) -> Status | None:
        """End this attempt without a verdict. The next attempt goes to the outbox. The submission ends as
        FAILED instead if it has used up its attempts, after ``MAX_TRANSIENT_ERRORS`` transient errors, or if
        the package is at fault. A submission that is judged again keeps its verdict. ``None`` if nothing
        changed."""
        with write_transaction(self._engine) as connection:
            query = select(submissions).where(_current(submission, attempt)).with_for_update()
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                return None
            self._end_attempt(connection, row, why)
            if why.package_at_fault:  # Another attempt would fail in the same way.
                return self._fail(connection, row, "at once", why)
            if why.charged and row["faults"] + 1 >= self._max_attempts:
                return self._fail(connection, row, f"after {row['faults'] + 1} attempts", why)
            if why.ending == TRANSIENT_ERROR and row["hindered"] + 1 >= MAX_TRANSIENT_ERRORS:
                return self._fail(connection, row, f"after {MAX_TRANSIENT_ERRORS} transient errors", why)
            return self._requeue(connection, row, why)

    def rejudge(self, submission: str, package_hash: str | None = None) -> Status | None:
        """Judge an ended submission once more, with its problem's present tests if their hash is given.

        It waits behind all live work. The verdict is valid until the new one is recorded. ``None`` if there
        is no such submission, or if it is being judged. Raises ``UnreadableRecord``.
        """
        with write_transaction(self._engine) as connection:
            ended = (submissions.c.id == submission) & submissions.c.open.is_(False)
            row = _read_for_update(connection, ended)
            if row is None:
                return None
            values: dict[str, Any] = {
                "attempt": row["attempt"] + 1,
                "open": True,
                "faults": 0,
                "hindered": 0,
                "former_hash": row["package_hash"],
                "sent": False,
                "priority": REJUDGE_PRIORITY,
                "queued_at": self._clock(),
            }
            if package_hash is not None and row["package_hash"] is not None:
                values["package_hash"] = package_hash
            expect_rejudge_notice(connection, row, self._clock())
            forget_ignored(connection, submission)
            changed = _change(connection, submissions.c.id == submission, values)
            assert changed is not None
            self._enqueue(connection, changed)
            return status_from(changed)

    def _end_attempt(self, connection: Connection, row: RowMapping, why: RequeueReason) -> None:
        values = {"ended_at": self._clock(), "ending": why.ending, "reason": storable(why.reason)}
        if why.worker:
            values["worker"] = why.worker
        upsert_attempt(connection, row["id"], row["attempt"], values)

    def _fail(self, connection: Connection, row: RowMapping, when: str, why: RequeueReason) -> Status:
        values: dict[str, Any] = {"open": False, "faults": row["faults"] + int(why.charged)}
        is_first = row["finished_at"] is None
        if is_first:
            reason = storable(f"given up {when}; the last reason: {why.public_reason}")
            values |= {"stage": Stage.FAILED.value, "finished_at": self._clock(), "reason": reason}
            void_event_submission(connection, row["id"])
        # A failed rejudging leaves the old verdict, so the hash of the tests behind that verdict is put back.
        else:
            values |= {"package_hash": row["former_hash"] or row["package_hash"], "former_hash": None}
        if why.package_at_fault and row["problem"] is not None:
            record_problem_fault(connection, ProblemFault.of(row, storable(why.reason) or "", self._clock()))
            if why.package_unusable and not is_in_running_event(connection, row["problem"], self._clock()):
                suspend_version(connection, row["problem"], row["package_hash"] or "", OWN_SUBMISSION_FAILS)
        connection.execute(delete(outbox).where(outbox.c.submission_id == row["id"]))
        changed = _change(connection, submissions.c.id == row["id"], values)
        assert changed is not None
        enqueue_deliveries(connection, [row["id"]] if is_first else [], self._clock())
        return status_from(changed)

    def _requeue(self, connection: Connection, row: RowMapping, why: RequeueReason) -> Status:
        values: dict[str, Any] = {
            "attempt": row["attempt"] + 1,
            "faults": row["faults"] + int(why.charged),
            "hindered": row["hindered"] + int(why.ending == TRANSIENT_ERROR),
            "sent": False,
            "queued_at": self._clock(),
        }
        if row["finished_at"] is None:
            values |= {"stage": Stage.QUEUED.value, "tests_done": 0, "started_at": None}
        changed = _change(connection, submissions.c.id == row["id"], values)
        assert changed is not None
        self._enqueue(connection, changed, self._delay(connection, changed, why))
        return status_from(changed)

    def _enqueue(self, connection: Connection, row: RowMapping, delay_seconds: float = 0.0) -> None:
        """Put the present attempt into the outbox, in front of the rows of its priority, since the submission
        has waited once already."""
        connection.execute(delete(outbox).where(outbox.c.submission_id == row["id"]))
        tier = Tier(row["tier"])
        at = self._clock()
        connection.execute(
            insert(outbox).values(
                submission_id=row["id"],
                account_id=row["account_id"],
                attempt=row["attempt"],
                tier=tier.value,
                priority=row["priority"],
                turn=turn_at_front(connection, tier, row["priority"]),
                created_at=at,
                not_before=at + timedelta(seconds=delay_seconds),
            )
        )

    def _delay(self, connection: Connection, row: RowMapping, why: RequeueReason) -> float:
        """Seconds until the next attempt. Without a delay it could fail for the same reason. Jitter spreads
        the attempts of many submissions."""
        if why.ending == NO_LANGUAGE:
            times = connection.execute(_MISROUTED, {"id": row["id"]}).scalar_one()
            delay = _FIRST_MISROUTED_DELAY * 2.0 ** min(times - 1, 10)
            return self._jitter.apply(min(_MAX_MISROUTED_DELAY, delay))
        if why.ending == TRANSIENT_ERROR:
            return self._jitter.apply(min(_MAX_DELAY_SECONDS, 2.0 ** min(row["hindered"], 10)))
        if why.charged and why.ending == "fault":
            return float(min(_MAX_DELAY_SECONDS, 2 ** min(row["faults"], 10)))
        return 0.0

    def resend(self, found: Sequence[OpenSubmission]) -> int:
        """Put the same attempts into the outbox again, since the queue has lost them. Returns how many.
        Raises ``UnreadableRows`` with the submissions that must be ended first. The other submissions are
        then in the outbox."""
        try:
            return self._resend(found)
        except CONTENT_ERRORS as error:
            unreadable = find_unreadable(
                (one.id for one in found),
                lambda id: self._resend([one for one in found if one.id == id]),
            )
            raise UnreadableRows(unreadable) from error

    def _resend(self, found: Sequence[OpenSubmission]) -> int:
        with write_transaction(self._engine) as connection:
            count = 0
            for one in sorted(found, key=lambda each: each.id):
                row = _change(connection, _current(one.id, one.attempt), {"sent": False})
                if row is not None:
                    self._enqueue(connection, row)
                    count += 1
            return count

    def mark_sent_by_other_releases(self) -> int:
        """Mark submissions as sent that a process of a release before migration 0011 has sent, since such a
        process only deletes the outbox row. Returns how many."""
        waits = select(outbox.c.submission_id).where(outbox.c.submission_id == submissions.c.id).exists()
        unmarked = and_(OPEN, submissions.c.sent.is_(False), ~waits)
        with read_connection(self._engine) as connection:
            if connection.execute(select(submissions.c.id).where(unmarked).limit(1)).first() is None:
                return 0
        with write_transaction(self._engine) as connection:
            return connection.execute(update(submissions).where(unmarked).values(sent=True)).rowcount

    def open_submissions(self, queued_before: datetime, limit: int = 10_000) -> list[OpenSubmission]:
        """Open submissions that are not in the outbox, oldest first. The queue should have them all. Raises
        ``UnreadableRows`` with the submissions that must be ended first."""
        try:
            return self._open_submissions(queued_before, limit)
        except CONTENT_ERRORS as error:
            unreadable = self._unreadable(queued_before, limit)
            if not unreadable:  # Another dispatcher has ended the unreadable rows.
                return self._open_submissions(queued_before, limit)
            raise UnreadableRows(unreadable) from error

    def _unreadable(self, queued_before: datetime, limit: int) -> dict[str, str]:
        """The unreadable rows among those that :meth:`_open_submissions` reads."""
        query = _oldest_in_flight((submissions.c.id,), queued_before, limit)
        with read_connection(self._engine) as connection:
            ids = connection.execute(query).scalars().all()
            return find_unreadable(ids, lambda id: _read_open(connection, id))

    def _open_submissions(self, queued_before: datetime, limit: int) -> list[OpenSubmission]:
        query = _oldest_in_flight(_OPEN_COLUMNS, queued_before, limit)
        with read_connection(self._engine) as connection:
            rows = connection.execute(query).all()
        return [
            OpenSubmission(id, attempt, Tier(tier), queued_at, language)
            for id, attempt, tier, queued_at, language in rows
        ]


def _oldest_in_flight(
    columns: Sequence[Column[Any]], queued_before: datetime, limit: int
) -> Select[*tuple[Any, ...]]:
    is_due = or_(
        submissions.c.queued_at < queued_before, submissions.c.queued_at > queued_before + MAX_FUTURE
    )
    return select(*columns).where(IN_FLIGHT, is_due).order_by(submissions.c.queued_at).limit(limit)


_OPEN_COLUMNS = (
    submissions.c.id,
    submissions.c.attempt,
    submissions.c.tier,
    submissions.c.queued_at,
    submissions.c.language,
)


def _read_open(connection: Connection, id: str) -> None:
    row = connection.execute(select(*_OPEN_COLUMNS).where(submissions.c.id == id)).one()
    Tier(row.tier)


def _begin(connection: Connection, report: Report) -> None:
    at = from_rfc3339(report.started_at or report.at)
    if _BEGIN.run(connection, {**attempt_parameters(report), "began": at}):
        values = {"worker": report.worker, "started_at": at}
        upsert_attempt(connection, report.submission, report.attempt, values)


_MISROUTED = select(func.count()).where(
    attempts.c.submission_id == bindparam("id"), attempts.c.ending == NO_LANGUAGE
)


def _current(submission: str, attempt: int) -> ColumnElement[bool]:
    return (submissions.c.id == submission) & (submissions.c.attempt == attempt) & submissions.c.open


def _read_for_update(connection: Connection, which: ColumnElement[bool]) -> RowMapping | None:
    try:
        return connection.execute(select(submissions).where(which).with_for_update()).mappings().one_or_none()
    except CONTENT_ERRORS as error:
        raise unreadable_record(error) from error


def _change(connection: Connection, which: ColumnElement[bool], values: dict[str, Any]) -> RowMapping | None:
    statement = update(submissions).where(which).values(values).returning(*submissions.c)
    return connection.execute(statement).mappings().one_or_none()
