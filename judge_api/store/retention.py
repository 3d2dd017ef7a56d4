"""Deletes submissions that ended long ago. Only ``gavel purge`` calls it; nothing is deleted by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Engine, delete, func, select

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.tables import attempts, submissions

_BATCH = 500


class Retention:
    """Deletes only submissions that have ended; an open one stays, however old it is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count(self, ended_before: datetime) -> int:
        """How many submissions would be deleted."""
        query = select(func.count()).select_from(submissions).where(_ended(ended_before))
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def purge(self, ended_before: datetime) -> int:
        """Delete them with their attempts, in small batches so that other writers do not wait. Returns how
        many."""
        deleted = 0
        while batch := self._purge_batch(ended_before):
            deleted += batch
        return deleted

    def _purge_batch(self, ended_before: datetime) -> int:
        query = select(submissions.c.id).where(_ended(ended_before)).limit(_BATCH).with_for_update()
        with write_transaction(self._engine) as connection:
            ids = list(connection.execute(query).scalars())
            connection.execute(delete(attempts).where(attempts.c.submission_id.in_(ids)))
            connection.execute(delete(submissions).where(submissions.c.id.in_(ids)))
            return len(ids)


def _ended(before: datetime) -> ColumnElement[bool]:
    return submissions.c.open.is_(False) & (submissions.c.finished_at < before)
