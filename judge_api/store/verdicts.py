"""Records verdicts. Only this module writes a verdict of a submission; :mod:`judge_api.store.unreadable_rows`
may delete one.

The write is conditional on the submission, on its current attempt, and on the submission being open. So a
report that is delivered twice, late, or out of order changes nothing, and each attempt gets at most one
verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, func, update

from judge_api.store.attempts import (
    BEGAN,
    CURRENT_ATTEMPT,
    attempt_parameters,
    lock_order,
    upsert_finished_attempts,
)
from judge_api.store.compiled_statements import CompiledStatement, Row
from judge_api.store.engine import write_transaction
from judge_api.store.event_results import record_event_results
from judge_api.store.row_mapping import (
    OUTCOME_COLUMNS,
    RECORDED_COLUMNS,
    outcome_values,
    recorded_status,
)
from judge_api.store.tables import outbox, submissions
from judge_api.store.webhook_deliveries import enqueue_deliveries
from judge_core.clock import utc_now_ms
from judge_core.messages import Report
from judge_core.model.submission import Stage, Status, from_rfc3339

# Compiled once, because recording is the dispatcher's most frequent write.
_RECORD = CompiledStatement(
    update(submissions)
    .where(*CURRENT_ATTEMPT)
    .values(
        stage=Stage.DONE.value,
        open=False,
        former_hash=None,
        reason=None,
        # A report without a start must not delete the start of an earlier report.
        started_at=func.coalesce(BEGAN, submissions.c.started_at),
    )
    .returning(*RECORDED_COLUMNS),
    columns=("finished_at", *OUTCOME_COLUMNS),
)
_DELETE_OUTBOX_ROW = CompiledStatement(delete(outbox).where(outbox.c.submission_id == bindparam("recorded")))


class VerdictStore:
    """Writes the verdicts that workers report. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now_ms) -> None:
        self._engine = engine
        self._clock = clock

    def record(self, report: Report) -> Status | None:
        """Write a verdict. Returns the new status, or ``None`` if nothing changed, as when a report comes
        again."""
        return self.record_all([report])[0]

    def record_all(self, reports: Sequence[Report]) -> list[Status | None]:
        """Write many verdicts in one transaction: all or none."""
        with write_transaction(self._engine) as connection:
            rows = _record_rows(connection, reports)
            recorded = [report for report, row in zip(reports, rows, strict=True) if row is not None]
            if recorded:
                self._finish(connection, sorted(recorded, key=lock_order))
                _record_in_events(connection, rows, reports)
            return [
                recorded_status(row, report) if row is not None else None
                for row, report in zip(rows, reports, strict=True)
            ]

    def _finish(self, connection: Connection, recorded: Sequence[Report]) -> None:
        ids = [report.submission for report in recorded]
        upsert_finished_attempts(connection, recorded)
        _DELETE_OUTBOX_ROW.run_each(connection, [{"recorded": id} for id in ids])
        enqueue_deliveries(connection, ids, self._clock())


def _record_in_events(connection: Connection, rows: Sequence[Row | None], reports: Sequence[Report]) -> None:
    """Record the results of submissions to events. Most submissions are in no event and need no query."""
    of_events = [
        (row["event_id"], report)
        for row, report in zip(rows, reports, strict=True)
        if row is not None and row["event_id"] is not None
    ]
    if of_events:
        record_event_results(connection, of_events)


def _record_rows(connection: Connection, reports: Sequence[Report]) -> list[Row | None]:
    rows: list[Row | None] = [None] * len(reports)
    for place, report in sorted(enumerate(reports), key=lambda each: lock_order(each[1])):
        rows[place] = _RECORD.one(connection, _verdict_values(report))
    return rows


def _verdict_values(report: Report) -> dict[str, Any]:
    """The parameters of ``_RECORD``."""
    if report.outcome is None:
        raise ValueError(f"a finished report needs an outcome: {report.submission}")
    return {
        **attempt_parameters(report),
        "began": from_rfc3339(report.started_at),
        "finished_at": from_rfc3339(report.at),
        **outcome_values(report.outcome),
    }
