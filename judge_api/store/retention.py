"""Forgetting what is older than an operator wants to keep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Engine, delete, func, select

from judge_api.store.engine import reading, writing
from judge_api.store.tables import attempts, submissions

_BATCH = 500


class Retention:
    """Only what has ended is ever forgotten; an open submission stays, however old it is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count(self, ended_before: datetime) -> int:
        """How many submissions would go."""
        query = select(func.count()).select_from(submissions).where(_ended(ended_before))
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def purge(self, ended_before: datetime) -> int:
        """Delete them with their attempts, a few at a time so that nobody waits behind it; how many."""
        gone = 0
        while batch := self._purge_batch(ended_before):
            gone += batch
        return gone

    def _purge_batch(self, ended_before: datetime) -> int:
        chosen = select(submissions.c.id).where(_ended(ended_before)).limit(_BATCH).with_for_update()
        with writing(self._engine) as connection:
            ids = list(connection.execute(chosen).scalars())
            connection.execute(delete(attempts).where(attempts.c.submission_id.in_(ids)))
            connection.execute(delete(submissions).where(submissions.c.id.in_(ids)))
            return len(ids)


def _ended(before: datetime) -> ColumnElement[bool]:
    return submissions.c.open.is_(False) & (submissions.c.finished_at < before)
