"""Converts between table rows and the records of the model, in both directions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, RowMapping

from judge_api.store.records import NewSubmission
from judge_api.store.tables import submissions
from judge_core.messages import (
    CustomRun,
    JudgeRequest,
    PackageRef,
    Report,
    StatusFields,
    parse_custom_run,
)
from judge_core.model.account import Tier
from judge_core.model.program_files import ProgramFiles, parse_program_files
from judge_core.model.submission import Kind, Outcome, Stage, Status, from_rfc3339, rfc3339
from judge_core.tracing import read_traceparent

Row = RowMapping | Mapping[str, Any]
STATUS_COLUMNS: tuple[Column[Any], ...] = tuple(
    column
    for column in submissions.columns
    if column.name not in ("source", "files", "run", "body_hash", "traceparent")
)
RECORDED_COLUMNS: tuple[Column[Any], ...] = (
    submissions.c.id,
    submissions.c.serial,
    submissions.c.account_id,
    submissions.c.kind,
    submissions.c.tier,
    submissions.c.problem,
    submissions.c.language,
    submissions.c.attempt,
    submissions.c.submitted_at,
    submissions.c.started_at,
    submissions.c.event_id,
)
REQUEST_COLUMNS: tuple[Column[Any], ...] = (
    submissions.c.id,
    submissions.c.attempt,
    submissions.c.tier,
    submissions.c.language,
    submissions.c.source,
    submissions.c.files,
    submissions.c.problem,
    submissions.c.package_hash,
    submissions.c.run,
    submissions.c.run_all,
    submissions.c.samples_only,
    submissions.c.serial,
    submissions.c.account_id,
    submissions.c.kind,
    submissions.c.submitted_at,
    submissions.c.traceparent,
    submissions.c.verdict,
)


_INITIAL_VALUES = {
    "stage": Stage.QUEUED.value,
    "attempt": 1,
    "faults": 0,
    "hindered": 0,
    "open": True,
    "sent": False,
    "tests_done": 0,
    "tests_total": 0,
}
OUTCOME_COLUMNS = (
    "verdict",
    "cpu_ms",
    "wall_ms",
    "memory_kb",
    "score",
    "compile_output",
    "tests",
    "tests_done",
    "tests_total",
    "sandbox",
)
_STORED_OUTCOME = tuple(name for name in OUTCOME_COLUMNS if name != "tests_done")
_COLUMNS_SET_LATER = (*OUTCOME_COLUMNS, "former_hash", "reason", "started_at", "finished_at")
_INITIAL_NULLS = dict.fromkeys(name for name in _COLUMNS_SET_LATER if name not in _INITIAL_VALUES)


_TYPES: dict[str, type] = {
    **dict.fromkeys(("id", "account_id", "kind", "stage", "tier", "language", "problem"), str),
    **dict.fromkeys(("verdict", "reason", "source", "package_hash"), str),
    **dict.fromkeys(("serial", "attempt", "tests_done", "tests_total"), int),
    "open": bool,
}
"""The types of the columns of statuses and requests. The fields of outcomes are not here, since
``Outcome.from_stored`` parses each of them."""


def storable(text: str | None) -> str | None:
    """The text in a form that every database accepts, since PostgreSQL refuses NUL, and lone surrogates
    cannot be encoded."""
    if text is None:
        return None
    return text.replace("\x00", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode("utf-8")


_NUL, _ESCAPE = "\x00", "\U0010ffff"


def escaped_source(source: str) -> str:
    """A source in a form that every database accepts. ``unescaped_source`` is the inverse."""
    if _NUL not in source and _ESCAPE not in source:
        return source
    return source.replace(_ESCAPE, f"{_ESCAPE}1").replace(_NUL, f"{_ESCAPE}0")


def unescaped_source(stored: str) -> str:
    """The source from which ``escaped_source`` made this text."""
    if _ESCAPE not in stored:
        return stored
    return stored.replace(f"{_ESCAPE}0", _NUL).replace(f"{_ESCAPE}1", _ESCAPE)


INSERTED_COLUMNS = tuple(
    column.key
    for column in submissions.columns
    if column.key != "serial" and column.key not in _INITIAL_NULLS
)
"""The columns that an INSERT of a submission fills."""


def submission_values(new: NewSubmission, id: str, at: datetime) -> dict[str, Any]:
    """The ``INSERTED_COLUMNS`` of a new submission."""
    return {
        **_INITIAL_VALUES,
        "id": id,
        "account_id": new.account_id,
        "kind": new.kind.value,
        "problem": new.package.slug if new.package else None,
        "package_hash": new.package.hash if new.package else None,
        "language": new.language,
        "source": escaped_source(new.source),
        "files": new.files.to_json() if new.files else None,
        "run": json.loads(json.dumps(asdict(new.run), allow_nan=False)) if new.run else None,
        "run_all": new.run_all,
        "samples_only": new.samples_only,
        "tier": new.tier.value,
        "priority": new.priority,
        "idempotency_key": new.idempotency_key,
        "body_hash": new.body_hash,
        "submitted_at": at,
        "queued_at": at,
        "traceparent": new.traceparent,
        "event_id": new.event.event_id if new.event else None,
    }


def inserted_row(values: dict[str, Any], serial: int) -> dict[str, Any]:
    """The row that was just inserted, as a query would return it. So no query is needed."""
    return {**_INITIAL_NULLS, **values, "serial": serial}


def outcome_values(outcome: Outcome) -> dict[str, Any]:
    """The values of the ``OUTCOME_COLUMNS``."""
    return {
        "verdict": outcome.verdict.value,
        "cpu_ms": outcome.cpu_ms,
        "wall_ms": outcome.wall_ms,
        "memory_kb": outcome.memory_kb,
        "score": outcome.score,
        "compile_output": storable(outcome.compile_output),
        "tests": [test.to_json() for test in outcome.tests],
        "tests_done": len(outcome.tests),
        "tests_total": outcome.tests_total,
        "sandbox": outcome.sandbox,
    }


def check_types(row: Row) -> None:
    """Raise ``ValueError`` for a value that has another type than its column, since SQLite stores any
    type."""
    for name, kind in _TYPES.items():
        if name in row and (value := row[name]) is not None and value.__class__ is not kind:
            raise ValueError(f"{name} is of type {type(value).__name__}")


def status_from(row: Row) -> Status:
    """The status of a row. Raises one of the ``CONTENT_ERRORS`` if it cannot be read."""
    check_types(row)
    return Status(
        id=row["id"],
        serial=row["serial"],
        owner=row["account_id"],
        kind=Kind(row["kind"]),
        stage=Stage(row["stage"]),
        queue=Tier(row["tier"]),
        problem=row["problem"],
        language=row["language"],
        attempt=row["attempt"],
        submitted_at=row["submitted_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        tests_done=row["tests_done"],
        tests_total=row["tests_total"],
        outcome=_outcome_from(row) if row["verdict"] else None,
        reason=row["reason"],
    )


def recorded_status(row: Row, report: Report) -> Status:
    """The status after a verdict was recorded, from the row's ``RECORDED_COLUMNS`` and the report. So the row
    need not be read again. Raises as ``status_from`` does."""
    check_types(row)
    outcome = report.outcome
    assert outcome is not None
    return Status(
        id=row["id"],
        serial=row["serial"],
        owner=row["account_id"],
        kind=Kind(row["kind"]),
        stage=Stage.DONE,
        queue=Tier(row["tier"]),
        problem=row["problem"],
        language=row["language"],
        attempt=row["attempt"],
        submitted_at=row["submitted_at"],
        started_at=row["started_at"],
        finished_at=from_rfc3339(report.at),
        tests_done=len(outcome.tests),
        tests_total=outcome.tests_total,
        outcome=_as_stored(outcome),
    )


def _as_stored(outcome: Outcome) -> Outcome:
    stored = storable(outcome.compile_output)
    return outcome if stored == outcome.compile_output else replace(outcome, compile_output=stored)


def _outcome_from(row: Row) -> Outcome:
    return Outcome.from_stored({name: row[name] for name in _STORED_OUTCOME})


def request_from(row: Row) -> JudgeRequest:
    """The self-contained request for the row's current attempt. Raises as ``status_from`` does."""
    check_types(row)
    return JudgeRequest(
        submission=row["id"],
        attempt=row["attempt"],
        queue=Tier(row["tier"]),
        language=row["language"],
        source=unescaped_source(row["source"]),
        files=files_from(row),
        package=package_from(row),
        run=run_from(row),
        run_all=row["run_all"],
        traceparent=read_traceparent(given) if (given := row["traceparent"]) else None,
        samples_only=row["samples_only"],
        # A run with all tests of a problem is part of a verification, which only accounts that may edit the
        # problem can begin.
        show_test_names=row["kind"] == Kind.RUN.value and not row["samples_only"],
        status_fields=_status_fields(row),
    )


def _status_fields(row: Row) -> StatusFields | None:
    """The status fields. ``None`` while the submission is judged again: its recorded verdict is still valid,
    so no progress is published."""
    if row["verdict"] is not None:
        return None
    return StatusFields(
        row["serial"], row["account_id"], Kind(row["kind"]), rfc3339(row["submitted_at"]) or ""
    )


def package_from(row: Row) -> PackageRef | None:
    """The package that the submission is judged with; a custom run may have none."""
    if row["package_hash"] is None:
        return None
    return PackageRef(slug=row["problem"], hash=row["package_hash"])


def files_from(row: Row) -> ProgramFiles | None:
    """The files of a row, if its program has several."""
    return parse_program_files(row["files"]) if row["files"] else None


def run_from(row: Row) -> CustomRun | None:
    """The custom run of a row, if it is one."""
    return parse_custom_run(row["run"]) if row["run"] else None
