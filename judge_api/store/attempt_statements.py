"""Statements that the stores of attempts and of verdicts share; they run inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from judge_api.store.compiled_statements import CompiledStatement
from judge_api.store.tables import attempts, submissions
from judge_core.messages import Report
from judge_core.model.submission import from_rfc3339

_KEY = ("submission_id", "number")
CURRENT_ATTEMPT = (
    submissions.c.id == bindparam("of_submission"),
    submissions.c.attempt == bindparam("of_attempt"),
    submissions.c.open,
)
"""The submission is open, and this is its current attempt; see :func:`attempt_parameters`."""
BEGAN: BindParameter[datetime] = bindparam("began", type_=submissions.c.started_at.type)


def attempt_parameters(report: Report) -> dict[str, Any]:
    """The parameters of ``CURRENT_ATTEMPT`` for the attempt that a report is about."""
    return {"of_submission": report.submission, "of_attempt": report.attempt}


def lock_order(report: Report) -> str:
    """Transactions that write several submissions lock them in the order of their ids, and each submission
    before its outbox row. In another order two transactions could wait for each other."""
    return report.submission


def upsert_attempt(connection: Connection, submission: str, number: int, values: dict[str, Any]) -> None:
    """Write these columns of one attempt; ``None`` leaves a column as it is."""
    known = {name: value for name, value in values.items() if value is not None}
    row = {"submission_id": submission, "number": number, **known}
    _upsert(connection.dialect.name, tuple(row)).run(connection, row)


def upsert_finished_attempts(connection: Connection, reports: Sequence[Report]) -> None:
    """Write the attempts of these reports. Those with the same known columns go in one statement."""
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
    """One statement for each set of columns, the key among them."""
    make: Callable[[Table], postgresql.Insert | sqlite.Insert]
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(attempts)
    given = {name: statement.excluded[name] for name in columns if name not in _KEY}
    if not given:
        return CompiledStatement(statement.on_conflict_do_nothing(index_elements=_KEY), columns=columns)
    return CompiledStatement(
        statement.on_conflict_do_update(index_elements=_KEY, set_=given), columns=columns
    )
