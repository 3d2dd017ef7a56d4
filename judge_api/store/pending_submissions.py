"""Finds in the database why submissions have no verdict yet."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Engine, select

from judge_api.store.engine import read_connection
from judge_api.store.reading import read_each
from judge_api.store.tables import attempts, outbox


class PendingSubmissionStore:
    """Finds the reasons. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def unsent(self, ids: Collection[str]) -> set[str]:
        """Submissions that wait in the outbox and not in the queue."""
        query = select(outbox.c.submission_id).where(outbox.c.submission_id.in_(ids))
        with read_connection(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def last_reasons(self, ids: Collection[str]) -> dict[str, str]:
        """The reason of each submission's latest attempt that ended without a verdict."""
        query = (
            select(attempts.c.submission_id, attempts.c.reason)
            .where(attempts.c.submission_id.in_(ids), attempts.c.reason.is_not(None))
            .order_by(attempts.c.number, attempts.c.submission_id)
        )
        with read_connection(self._engine) as connection:
            return dict(read_each(connection, query, lambda row: (row["submission_id"], row["reason"])))
