"""What the store knows of submissions that have no verdict yet: for operators who ask why."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Engine, select

from judge_api.store.engine import reading
from judge_api.store.tables import attempts, outbox


class HoldupStore:
    """Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def unsent(self, ids: Collection[str]) -> set[str]:
        """Those of them that are kept here and not in the queue."""
        query = select(outbox.c.submission_id).where(outbox.c.submission_id.in_(ids))
        with reading(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def last_faults(self, ids: Collection[str]) -> dict[str, str]:
        """Why the latest attempt ended that did not lead to a verdict, for those that have had one."""
        query = (
            select(attempts.c.submission_id, attempts.c.reason)
            .where(attempts.c.submission_id.in_(ids), attempts.c.reason.is_not(None))
            .order_by(attempts.c.number)
        )
        with reading(self._engine) as connection:
            return {row.submission_id: row.reason for row in connection.execute(query)}
