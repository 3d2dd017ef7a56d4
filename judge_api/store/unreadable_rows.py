"""Rows that cannot be read. The submission of such a row is ended, and its row is made readable.

A row can be unreadable after an operator's own SQL, a damaged file, or a mistake of another release. If
it stayed, a loop would fail at it in every round and do nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Text,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.event_results import void_event_submission
from judge_api.store.reading import CONTENT_ERRORS, describe
from judge_api.store.row_mapping import storable
from judge_api.store.tables import outbox, submissions
from judge_api.store.webhook_deliveries import enqueue_deliveries
from judge_core.clock import utc_now_ms
from judge_core.messages import parse_custom_run
from judge_core.model.account import Tier
from judge_core.model.program_files import parse_program_files
from judge_core.model.submission import Kind, Stage, Verdict

REASON = "its record in the database cannot be read; an operator finds what it held by the submission's id"
_KEPT_CHARACTERS = 200
_READ_AT_ONCE = 500
Id = TypeVar("Id", str, int)
_OPTIONAL = (
    *("files", "run", "tests", "sandbox", "problem", "package_hash", "former_hash", "compile_output"),
    *("idempotency_key", "body_hash", "cpu_ms", "wall_ms", "memory_kb", "score"),
)


class UnreadableRows(Exception):
    """These submissions cannot be read; ``errors`` has the error of each."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(f"{len(errors)} rows cannot be read")
        self.errors = errors


def find_unreadable(ids: Iterable[str], read: Callable[[str], object]) -> dict[str, str]:
    """The ids that ``read`` fails for, each with its error."""
    errors = {}
    for id in ids:
        try:
            read(id)
        except CONTENT_ERRORS as error:
            errors[id] = describe(error)
    return errors


def find_unreadable_among(ids: Sequence[Id], read: Callable[[Sequence[Id]], object]) -> dict[Id, str]:
    """The same as :func:`find_unreadable`, for many ids. ``read`` gets many ids at once. If it fails, it gets
    each half of them, and so on."""
    errors: dict[Id, str] = {}
    parts = [ids[start : start + _READ_AT_ONCE] for start in range(0, len(ids), _READ_AT_ONCE)]
    while parts:
        part = parts.pop()
        try:
            read(part)
        except CONTENT_ERRORS as error:
            middle = len(part) // 2
            if middle == 0:
                errors[part[0]] = describe(error)
            else:
                parts += [part[:middle], part[middle:]]
    return errors


def end_unreadable(
    engine: Engine, submission: str, error: str, clock: Callable[[], datetime] = utc_now_ms
) -> str | None:
    """End a submission as FAILED, and replace its unreadable values by readable ones. A submission that is
    judged again keeps its verdict, if the verdict can be read.

    Returns what the unreadable values held, for operators, or ``None`` if the submission is not open. Raises
    ``StoreUnavailable``.
    """
    which = submissions.c.id == submission
    with write_transaction(engine) as connection:
        connection.execute(delete(outbox).where(outbox.c.submission_id == submission))
        has_ended = submissions.c.finished_at.is_not(None)
        query = select(has_ended).where(which, submissions.c.open).with_for_update()
        ended_before = connection.execute(query).scalar_one_or_none()
        if ended_before is None:
            return None
        now = clock()
        odd = {
            column.name: default
            for column, default in _defaults(now)
            if _is_odd(connection, column, submission)
        }
        held = {name: _text_of(connection, submissions.c[name], submission) for name in odd}
        if "problem" in odd:  # No worker could read a request with a hash and no problem.
            odd["package_hash"] = None
        ended: dict[str, Any] = {"open": False}
        if not ended_before or "verdict" in odd:
            ended |= {"stage": Stage.FAILED.value, "finished_at": now, "reason": storable(REASON)}
            void_event_submission(connection, submission)
            enqueue_deliveries(connection, [submission], now)
        connection.execute(update(submissions).where(which).values({**odd, **ended}))
    return f"{error}; {held}"


def end_nameless(engine: Engine, clock: Callable[[], datetime] = utc_now_ms) -> int:
    """End open submissions whose own id cannot be read. Returns how many. The dispatcher's loops find
    submissions by id, so they cannot end these.

    Only SQLite can hold such rows. Raises ``StoreUnavailable``.
    """
    if engine.dialect.name != "sqlite":
        return 0
    odd = submissions.c.open & _is_no_id(submissions.c.id)
    with read_connection(engine) as connection:
        if not connection.execute(select(func.count()).where(odd)).scalar_one():
            return 0
    ended = {"open": False, "stage": Stage.FAILED.value, "finished_at": clock(), "reason": REASON}
    with write_transaction(engine) as connection:
        connection.execute(delete(outbox).where(_is_no_id(outbox.c.submission_id)))
        return connection.execute(update(submissions).where(odd).values(ended)).rowcount


def _is_no_id(column: Column[Any]) -> ColumnElement[bool]:
    return or_(func.typeof(column) != "text", column.op("GLOB")("*[^0-9a-f-]*"))


def _defaults(now: datetime) -> list[tuple[Column[Any], Any]]:
    columns = submissions.c
    return [
        (columns.kind, Kind.SUBMISSION.value),
        (columns.tier, Tier.NORMAL.value),
        (columns.verdict, None),
        (columns.submitted_at, now),
        (columns.queued_at, now),
        (columns.started_at, None),
        (columns.language, ""),
        (columns.attempt, 1),
        (columns.source, ""),
        *((columns[name], 0) for name in ("priority", "faults", "hindered", "tests_done", "tests_total")),
        *((columns[name], None) for name in _OPTIONAL),
    ]


_PARSERS: dict[str, Callable[[Any], object]] = {
    "kind": Kind,
    "tier": Tier,
    "verdict": Verdict,
    "files": parse_program_files,
    "run": parse_custom_run,
}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "tests": list,
    "sandbox": dict,
    **dict.fromkeys(("attempt", "faults", "hindered", "tests_done", "tests_total"), int),
    **dict.fromkeys(("cpu_ms", "wall_ms", "memory_kb", "priority"), int),
    "score": (int, float),
}


def _is_odd(connection: Connection, column: Column[Any], submission: str) -> bool:
    try:
        value = connection.execute(select(column).where(submissions.c.id == submission)).scalar_one()
        if value is not None and column.name in _PARSERS:
            _PARSERS[column.name](value)
    except CONTENT_ERRORS:
        return True
    expected = _TYPES.get(column.name)
    is_other = expected is not None and not isinstance(value, expected)
    return value is not None and (is_other or isinstance(value, bytes))


def _text_of(connection: Connection, column: Column[Any], submission: str) -> str:
    query = select(cast(column, Text)).where(submissions.c.id == submission)
    try:
        return str(connection.execute(query).scalar_one())[:_KEPT_CHARACTERS]
    except CONTENT_ERRORS:
        as_hex = select(func.hex(column)).where(submissions.c.id == submission)
        return f"hex {connection.execute(as_hex).scalar_one()}"[:_KEPT_CHARACTERS]
