"""The sources of alerts to operators: submissions that could not be judged, and rejudgings under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, RowMapping, select

from judge_api.store.engine import read_connection
from judge_api.store.reading import read_each
from judge_api.store.records import REJUDGE_PRIORITY
from judge_api.store.tables import OPEN, submissions
from judge_core.model.submission import Kind, Stage

_MOST_FAILURES = 200


@dataclass(frozen=True, slots=True)
class FailedSubmission:
    """A submission that could not be judged."""

    id: str
    attempt: int
    reason: str | None


class AlertSources:
    """Reads the sources of alerts. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def failed_since(self, since: datetime) -> list[FailedSubmission]:
        """The first ``_MOST_FAILURES`` submissions that failed since then, oldest first."""
        query = (
            select(submissions.c.id, submissions.c.attempt, submissions.c.reason)
            .where(submissions.c.finished_at >= since, submissions.c.stage == Stage.FAILED.value)
            .order_by(submissions.c.finished_at)
            .limit(_MOST_FAILURES)
        )
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _failed)

    def rejudged_problems(self) -> list[str]:
        """The problems of which submissions are being judged once more."""
        query = (
            select(submissions.c.problem)
            .where(OPEN, submissions.c.priority == REJUDGE_PRIORITY)
            .where(submissions.c.kind == Kind.SUBMISSION.value, submissions.c.problem.is_not(None))
            .distinct()
        )
        with read_connection(self._engine) as connection:
            return [str(slug) for slug in connection.execute(query).scalars()]


def _failed(row: RowMapping) -> FailedSubmission:
    return FailedSubmission(row["id"], row["attempt"], row["reason"])
