"""Failed submissions that an operator has marked as ignored, since they need no attention any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.tables import ignored_failures, submissions
from judge_core.clock import utc_now
from judge_core.model.submission import Stage


class IgnoredFailureStore:
    """Stores the marks of ignored failures. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def ignore(self, submission: str, by: str) -> bool:
        """Mark a failed submission. False when it has not failed, or is being judged again."""
        failed = select(submissions.c.id).where(
            submissions.c.id == submission,
            submissions.c.stage == Stage.FAILED.value,
            submissions.c.open.is_(False),
        )
        values = {"submission_id": submission, "ignored_by": by, "ignored_at": self._clock()}
        with write_transaction(self._engine) as connection:
            if connection.execute(failed.with_for_update()).first() is None:
                return False
            forget_ignored(connection, submission)
            connection.execute(insert(ignored_failures).values(values))
        return True

    def restore(self, submission: str) -> bool:
        """Remove the mark; False when there is none."""
        with write_transaction(self._engine) as connection:
            return forget_ignored(connection, submission)

    def by(self, ids: Iterable[str]) -> dict[str, str]:
        """The name of the operator who marked each of these submissions. Submissions without a mark are left
        out."""
        query = select(ignored_failures.c.submission_id, ignored_failures.c.ignored_by)
        query = query.where(ignored_failures.c.submission_id.in_(list(ids)))
        with read_connection(self._engine) as connection:
            return {row.submission_id: row.ignored_by for row in connection.execute(query)}


def forget_ignored(connection: Connection, submission: str) -> bool:
    """Remove the mark of a submission, inside a transaction. Returns whether there was one."""
    of_this = ignored_failures.c.submission_id == submission
    return connection.execute(delete(ignored_failures).where(of_this)).rowcount > 0
