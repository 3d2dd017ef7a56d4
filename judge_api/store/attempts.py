"""The life of attempts: begun, recorded once, given back, counted.

Every write is conditional on the submission *and* the attempt, and on a verdict being owed (``open``).
Whatever is delivered twice, late, or out of order therefore changes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
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

from judge_api.store.compiled_statements import Prepared, Row
from judge_api.store.engine import reading, writing
from judge_api.store.fair_order import next_turn
from judge_api.store.models import REJUDGING, OpenSubmission
from judge_api.store.row_mapping import (
    OUTCOME_COLUMNS,
    RECORDED_COLUMNS,
    outcome_values,
    recorded_status,
    status_from,
    storable,
)
from judge_api.store.submissions import FAR, Clock, utc_now
from judge_api.store.tables import IN_FLIGHT, OPEN, attempts, outbox, submissions
from judge_api.store.webhook_deliveries import owe
from judge_core.messages import Report
from judge_core.model.account import Tier
from judge_core.model.submission import Stage, Status, from_rfc3339

# Recording is the dispatcher's hottest write.
_OURS = (
    submissions.c.id == bindparam("of_submission"),
    submissions.c.attempt == bindparam("of_attempt"),
    submissions.c.open,
)
_BEGAN: BindParameter[datetime] = bindparam("began", type_=submissions.c.started_at.type)
_RECORD = Prepared(
    update(submissions)
    .where(*_OURS)
    .values(
        stage=Stage.DONE.value,
        open=False,
        former_hash=None,
        reason=None,
        # A worker that forgot to say must not wipe out what we know.
        started_at=func.coalesce(_BEGAN, submissions.c.started_at),
    )
    .returning(*RECORDED_COLUMNS),
    fills=("finished_at", *OUTCOME_COLUMNS),
)
_BEGIN = Prepared(
    update(submissions)
    .where(*_OURS, submissions.c.finished_at.is_(None))
    .values(stage=Stage.RUNNING.value, started_at=_BEGAN)
)
_SENT = Prepared(delete(outbox).where(outbox.c.submission_id == bindparam("recorded")))


HINDERED = "hindered"
"""The ending of an attempt that could not be judged for a reason which passes: see ``MOST_HINDRANCES``."""
MOST_HINDRANCES = 100
"""Some bound there must be, or what can never be judged would go round for ever; with the pauses this is
more than an hour of trouble."""
_LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Retreat:
    """Why an attempt was given back; ``charged`` counts against the submission's number of attempts."""

    reason: str
    worker: str | None = None
    charged: bool = True
    ending: str = "fault"


class AttemptStore:
    """What dispatch writes about attempts. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, max_attempts: int = 3, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._max_attempts = max_attempts
        self._clock = clock

    def begin(self, reports: Sequence[Report]) -> None:
        """Note that workers have begun; only the current attempt of an open submission moves on."""
        with writing(self._engine) as connection:
            for report in sorted(reports, key=_by_submission):
                self._begin(connection, report)

    def _begin(self, connection: Connection, report: Report) -> None:
        at = from_rfc3339(report.started_at or report.at)
        if _BEGIN.run(connection, {**_ours(report), "began": at}):
            known = {"worker": report.worker, "started_at": at}
            _upsert_attempt(connection, report.submission, report.attempt, known)

    def record(self, report: Report) -> Status | None:
        """Write a verdict; the new status exactly once, ``None`` when it was not this report's to write."""
        return self.record_all([report])[0]

    def record_all(self, reports: Sequence[Report]) -> list[Status | None]:
        """Many verdicts in one commit: all or none."""
        rows: list[Row | None] = [None] * len(reports)
        recorded = []
        with writing(self._engine) as connection:
            for place, report in sorted(enumerate(reports), key=lambda each: _by_submission(each[1])):
                rows[place] = _record(connection, report)
                if rows[place] is not None:
                    recorded.append(report)
            if recorded:
                ids = [report.submission for report in recorded]
                _note_attempts(connection, recorded)
                _SENT.run_each(connection, [{"recorded": id} for id in ids])
                owe(connection, ids, self._clock())
            return [
                recorded_status(row, report) if row is not None else None
                for row, report in zip(rows, reports, strict=True)
            ]

    def give_back(self, submission: str, attempt: int, why: Retreat) -> Status | None:
        """End this attempt without a verdict: the next one goes to the outbox, or, when the submission
        has used up its attempts, it is FAILED with the reason. ``None`` when it changed nothing."""
        with writing(self._engine) as connection:
            query = select(submissions).where(_current(submission, attempt)).with_for_update()
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                return None
            self._note_retreat(connection, row, why)
            if why.charged and row["faults"] + 1 >= self._max_attempts:
                return self._fail(connection, row, f"after {row['faults'] + 1} attempts", why)
            if why.ending == HINDERED and row["hindered"] + 1 >= MOST_HINDRANCES:
                return self._fail(connection, row, f"after it was hindered {MOST_HINDRANCES} times", why)
            return self._try_again(connection, row, why)

    def rejudge(self, submission: str, package_hash: str | None = None) -> Status | None:
        """Judge what has ended once more, with its problem's present tests if their hash is given.

        It waits behind all live work. The verdict stands until the new one is recorded. ``None`` when it
        is not there or is being judged.
        """
        with writing(self._engine) as connection:
            ended = (submissions.c.id == submission) & submissions.c.open.is_(False)
            row = (
                connection.execute(select(submissions).where(ended).with_for_update())
                .mappings()
                .one_or_none()
            )
            if row is None:
                return None
            values: dict[str, Any] = {
                "attempt": row["attempt"] + 1,
                "open": True,
                "faults": 0,
                "hindered": 0,
                "former_hash": row["package_hash"],
                "sent": False,
                "priority": REJUDGING,
                "queued_at": self._clock(),
            }
            if package_hash is not None and row["package_hash"] is not None:
                values["package_hash"] = package_hash
            changed = _change(connection, submissions.c.id == submission, values)
            assert changed is not None
            self._enqueue(connection, changed)
            return status_from(changed)

    def _note_retreat(self, connection: Connection, row: RowMapping, why: Retreat) -> None:
        values = {"ended_at": self._clock(), "ending": why.ending, "reason": storable(why.reason)}
        if why.worker:
            values["worker"] = why.worker
        _upsert_attempt(connection, row["id"], row["attempt"], values)

    def _fail(self, connection: Connection, row: RowMapping, when: str, why: Retreat) -> Status:
        values: dict[str, Any] = {"open": False, "faults": row["faults"] + int(why.charged)}
        is_first = row["finished_at"] is None
        if is_first:
            reason = storable(f"given up {when}; the last one: {why.reason}")
            values |= {"stage": Stage.FAILED.value, "finished_at": self._clock(), "reason": reason}
        else:  # a failed rejudging leaves the old verdict standing, and says by which tests
            values |= {"package_hash": row["former_hash"] or row["package_hash"], "former_hash": None}
        connection.execute(delete(outbox).where(outbox.c.submission_id == row["id"]))
        changed = _change(connection, submissions.c.id == row["id"], values)
        assert changed is not None
        owe(connection, [row["id"]] if is_first else [], self._clock())
        return status_from(changed)

    def _try_again(self, connection: Connection, row: RowMapping, why: Retreat) -> Status:
        values: dict[str, Any] = {
            "attempt": row["attempt"] + 1,
            "faults": row["faults"] + int(why.charged),
            "hindered": row["hindered"] + int(why.ending == HINDERED),
            "sent": False,
            "queued_at": self._clock(),
        }
        if row["finished_at"] is None:
            values |= {"stage": Stage.QUEUED.value, "tests_done": 0, "started_at": None}
        changed = _change(connection, submissions.c.id == row["id"], values)
        assert changed is not None
        self._enqueue(connection, changed, _pause(changed, why))
        return status_from(changed)

    def _enqueue(self, connection: Connection, row: RowMapping, pause: float = 0.0) -> None:
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
                # A second attempt has waited once already: it goes to the front.
                turn=next_turn(connection, row["id"], tier, row["priority"]),
                created_at=at,
                not_before=at + timedelta(seconds=pause),
            )
        )

    def send_again(self, found: Sequence[OpenSubmission]) -> int:
        """The queue has lost these: the same attempts go to the outbox again. How many it were."""
        with writing(self._engine) as connection:
            count = 0
            for one in sorted(found, key=lambda each: each.id):
                row = _change(connection, _current(one.id, one.attempt), {"sent": False})
                if row is not None:
                    self._enqueue(connection, row)
                    count += 1
            return count

    def note_sent_elsewhere(self) -> int:
        """Mark what a process of a release before 0011 has sent: it tells the outbox alone. How many."""
        waits = select(outbox.c.submission_id).where(outbox.c.submission_id == submissions.c.id).exists()
        unmarked = and_(OPEN, submissions.c.sent.is_(False), ~waits)
        with reading(self._engine) as connection:
            if connection.execute(select(submissions.c.id).where(unmarked).limit(1)).first() is None:
                return 0
        with writing(self._engine) as connection:
            return connection.execute(update(submissions).where(unmarked).values(sent=True)).rowcount

    def open_submissions(self, queued_before: datetime, limit: int = 10_000) -> list[OpenSubmission]:
        """Those owed a verdict and not in the outbox, oldest first: the queue should know them all."""
        columns = (submissions.c.id, submissions.c.attempt, submissions.c.tier, submissions.c.queued_at)
        query = (
            select(*columns)
            .where(
                IN_FLIGHT,
                or_(submissions.c.queued_at < queued_before, submissions.c.queued_at > queued_before + FAR),
            )
            .order_by(submissions.c.queued_at)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [OpenSubmission(id, attempt, Tier(tier), queued_at) for id, attempt, tier, queued_at in rows]


def _pause(row: RowMapping, why: Retreat) -> float:
    """Seconds until the next attempt: what met this one would often meet that one too. Jitter keeps many
    from coming back at once."""
    if why.ending == HINDERED:
        longest: float = min(_LONGEST_PAUSE, 2.0 ** min(row["hindered"], 10))
        return longest * random.uniform(0.5, 1.0)
    return float(2 ** row["faults"]) if why.charged and why.ending == "fault" else 0.0


def _current(submission: str, attempt: int) -> ColumnElement[bool]:
    return (submissions.c.id == submission) & (submissions.c.attempt == attempt) & submissions.c.open


def _verdict_values(report: Report) -> dict[str, Any]:
    """What ``_RECORD`` needs."""
    if report.outcome is None:
        raise ValueError(f"a finished report needs an outcome: {report.submission}")
    return {
        **_ours(report),
        "began": from_rfc3339(report.started_at),
        "finished_at": from_rfc3339(report.at),
        **outcome_values(report.outcome),
    }


def _by_submission(report: Report) -> str:
    """Whoever writes several submissions in one transaction takes them by their ids, and of each first the
    submission and then its outbox row: two who meet would else wait for each other."""
    return report.submission


def _ours(report: Report) -> dict[str, Any]:
    """Which attempt it speaks of."""
    return {"of_submission": report.submission, "of_attempt": report.attempt}


def _record(connection: Connection, report: Report) -> Row | None:
    return _RECORD.one(connection, _verdict_values(report))


def _note_attempts(connection: Connection, recorded: Sequence[Report]) -> None:
    """Those that say as much as each other go into the table together."""
    rows: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for report in recorded:
        noted = {
            "submission_id": report.submission,
            "number": report.attempt,
            "worker": report.worker,
            "started_at": from_rfc3339(report.started_at),
            "ended_at": from_rfc3339(report.at),
            "timings": report.timings,
            "ending": "finished",
        }
        known = {name: value for name, value in noted.items() if value is not None}
        rows.setdefault(tuple(known), []).append(known)
    for columns, alike in rows.items():
        _upsert(connection.dialect.name, columns).run_each(connection, alike)


def _change(connection: Connection, which: ColumnElement[bool], values: dict[str, Any]) -> RowMapping | None:
    statement = update(submissions).where(which).values(values).returning(*submissions.c)
    return connection.execute(statement).mappings().one_or_none()


def _upsert_attempt(connection: Connection, submission: str, number: int, values: dict[str, Any]) -> None:
    known = {key: value for key, value in values.items() if value is not None}
    row = {"submission_id": submission, "number": number, **known}
    _upsert(connection.dialect.name, tuple(row)).run(connection, row)


@cache
def _upsert(dialect: str, columns: tuple[str, ...]) -> Prepared:
    """One for each set of columns, the key among them."""
    make: Callable[[Table], postgresql.Insert | sqlite.Insert]
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(attempts)
    given = {name: statement.excluded[name] for name in columns if name not in _ATTEMPT_KEY}
    if not given:
        return Prepared(statement.on_conflict_do_nothing(index_elements=_ATTEMPT_KEY), fills=columns)
    return Prepared(statement.on_conflict_do_update(index_elements=_ATTEMPT_KEY, set_=given), fills=columns)


_ATTEMPT_KEY = ("submission_id", "number")
