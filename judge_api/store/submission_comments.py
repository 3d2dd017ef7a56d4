"""Comments on submissions, about one line or about all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, func, insert, select

from judge_api.store.account_locks import lock_account
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.tables import accounts, new_id, submission_comments, submissions
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict

MOST = 500


@dataclass(frozen=True, slots=True)
class SubmissionComment:
    """A comment with the name of the person who wrote it. ``line`` counts from 1; ``None`` means all of the
    source."""

    id: str
    line: int | None
    text: str
    author: str | None
    created_at: datetime


class SubmissionCommentStore:
    """Stores comments. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def of(self, submission: str) -> list[SubmissionComment]:
        """The comments on a submission by line, after those about the whole source."""
        query = (
            select(
                *(submission_comments.c[name] for name in ("id", "line", "text")),
                accounts.c.name.label("author"),
                submission_comments.c.created_at,
            )
            .outerjoin(accounts, accounts.c.id == submission_comments.c.author_id)
            .where(submission_comments.c.submission_id == submission)
        )
        with read_connection(self._engine) as connection:
            found = [SubmissionComment(**row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda each: (each.line or 0, each.id))

    def add(self, submission: str, line: int | None, text: str, author_id: str) -> str:
        """Add a comment. Returns its id. Raises ``Conflict`` if the submission has ``MOST`` comments
        already, and ``NotFound`` if the author's account was deleted."""
        id = new_id()
        values = {"id": id, "submission_id": submission, "line": line, "text": text, "author_id": author_id}
        of_this = submission_comments.c.submission_id == submission
        with write_transaction(self._engine) as connection:
            lock_account(connection, author_id)
            # Otherwise two authors could pass the limit together.
            this = select(submissions.c.id).where(submissions.c.id == submission)
            connection.execute(this.with_for_update(key_share=True))
            count = connection.execute(select(func.count()).where(of_this)).scalar_one()
            if count >= MOST:
                raise Conflict(f"a submission has at most {MOST} comments: remove one first")
            connection.execute(insert(submission_comments).values(**values, created_at=self._clock()))
        return id

    def remove(self, submission: str, comment: str) -> bool:
        of_this = (submission_comments.c.submission_id == submission) & (submission_comments.c.id == comment)
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(submission_comments).where(of_this)).rowcount == 1
