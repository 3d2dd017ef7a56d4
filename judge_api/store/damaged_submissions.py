"""The status of a submission whose record can be read only in part. It has the columns that can be read.

A verdict that can be read is kept. If the stage, the verdict or the mark ``open`` cannot be read, an ended
submission is shown as FAILED. In both cases the reason names the columns.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, select

from judge_api.store.reading import CONTENT_ERRORS
from judge_api.store.row_mapping import STATUS_COLUMNS, check_types, status_from
from judge_core.model.account import Tier
from judge_core.model.submission import Kind, Stage, Status, Verdict

_DEFAULTS: dict[str, Any] = {
    "kind": Kind.SUBMISSION.value,
    "tier": Tier.NORMAL.value,
    "stage": Stage.FAILED.value,
    "language": "",
    "attempt": 1,
    "open": False,
    "tests_done": 0,
    "tests_total": 0,
}
_PARSERS: dict[str, Callable[[Any], object]] = {
    "kind": Kind,
    "tier": Tier,
    "stage": Stage,
    "verdict": Verdict,
}
_KEYS = ("id", "serial", "account_id")
_DECIDING = {"stage", "verdict", "open"}


def damaged_status(connection: Connection, which: ColumnElement[bool]) -> Status | None:
    """The status of one submission; ``None`` if there is none, or if its ids or its owner cannot be read."""
    values: dict[str, Any] = {}
    odd: list[str] = []
    for column in STATUS_COLUMNS:
        try:
            values[column.name] = read_alone(connection, column, which)
        except CONTENT_ERRORS:
            odd.append(column.name)
            values[column.name] = _DEFAULTS.get(column.name)
    if any(values[name] is None for name in _KEYS):
        return None
    values["submitted_at"] = values["submitted_at"] or _created_at(values["id"])
    return status_from(values | _end(values, odd))


def read_alone(connection: Connection, column: Column[Any], which: ColumnElement[bool]) -> Any:
    """One column of one submission. Raises one of the ``CONTENT_ERRORS`` if it cannot be read."""
    value = connection.execute(select(column).where(which)).scalar_one_or_none()
    check_types({column.name: value})
    if value is not None and column.name in _PARSERS:
        _PARSERS[column.name](value)
    return value


def _end(values: dict[str, Any], odd: list[str]) -> dict[str, Any]:
    """The stage and reason of a damaged submission. An open submission keeps its stage, or is shown as QUEUED
    if its stage or verdict cannot be read. The dispatcher ends it if it cannot be judged."""
    if values["open"]:
        return {"stage": Stage.QUEUED.value, "verdict": None} if _DECIDING & {*odd} else {}
    named = ", ".join(odd)
    reason = f"parts of its record in the database cannot be read ({named}); an operator finds it by its id"
    return {"reason": reason} | ({"stage": Stage.FAILED.value, "verdict": None} if _DECIDING & {*odd} else {})


def _created_at(id: str) -> datetime:
    """The time in an id that is a UUIDv7, or the epoch for any other id."""
    try:
        found = uuid.UUID(id)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return datetime.fromtimestamp((found.int >> 80) / 1000 if found.version == 7 else 0, UTC)
