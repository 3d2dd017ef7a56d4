"""Deletes submissions that have ended, for ``gavel purge`` and for administrators who use Judge0's API. No
other submissions are deleted, except the runs of a deleted account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, select

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.tables import attempts, submissions
from judge_core.model.submission import Kind

_BATCH = 500


class Retention:
    """Deletes only submissions that have ended. An open submission stays, however old it is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count(self, ended_before: datetime) -> int:
        """How many submissions would be deleted."""
        query = select(func.count()).select_from(submissions).where(_ended(ended_before))
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def purge(self, ended_before: datetime) -> int:
        """Delete the submissions that ended before this time, with their attempts. Returns how many. It
        deletes in small batches, so that other writers do not wait."""
        deleted = 0
        while batch := self._purge_batch(ended_before):
            deleted += batch
        return deleted

    def delete_run(self, id: str) -> bool:
        """Delete a run that has ended. Returns whether it was there."""
        is_run = (submissions.c.id == id) & (submissions.c.kind == Kind.RUN.value)
        query = select(submissions.c.id).where(is_run & submissions.c.open.is_(False)).with_for_update()
        with write_transaction(self._engine) as connection:
            return _delete(connection, list(connection.execute(query).scalars())) > 0

    def _purge_batch(self, ended_before: datetime) -> int:
        query = select(submissions.c.id).where(_ended(ended_before)).limit(_BATCH).with_for_update()
        with write_transaction(self._engine) as connection:
            return _delete(connection, list(connection.execute(query).scalars()))


def _delete(connection: Connection, ids: Sequence[str]) -> int:
    connection.execute(delete(attempts).where(attempts.c.submission_id.in_(ids)))
    connection.execute(delete(submissions).where(submissions.c.id.in_(ids)))
    return len(ids)


def _ended(before: datetime) -> ColumnElement[bool]:
    return submissions.c.open.is_(False) & (submissions.c.finished_at < before)
