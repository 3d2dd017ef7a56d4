"""Drafts: programs that an account is writing, one for each problem and language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, delete, func, insert, select, update

from judge_api.store.account_locks import lock_account
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_each
from judge_api.store.tables import drafts
from judge_core.clock import utc_now_ms

MOST_DRAFTS = 200
"""An account's drafts beyond this number are deleted, the oldest first."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of one draft, and when it was last saved."""

    problem: str
    language: str
    source: str
    saved_at: datetime


class DraftStore:
    """Stores drafts. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now_ms) -> None:
        self._engine = engine
        self._clock = clock

    def of(self, account_id: str, problem: str | None = None) -> Sequence[Draft]:
        """An account's drafts, all or those of one problem."""
        query = select(drafts).where(drafts.c.account_id == account_id)
        if problem is not None:
            query = query.where(drafts.c.problem == problem)
        with read_connection(self._engine) as connection:
            return read_each(
                connection,
                query.order_by(drafts.c.problem, drafts.c.language),
                lambda row: Draft(row["problem"], row["language"], row["source"], row["saved_at"]),
            )

    def save(self, account_id: str, problem: str, language: str, source: str) -> Draft:
        """Store a draft. It replaces the previous draft for the same problem and language."""
        saved = Draft(problem, language, source, self._clock())
        which = _which(account_id, problem, language)
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            change = update(drafts).where(which).values(source=source, saved_at=saved.saved_at)
            if connection.execute(change).rowcount == 0:
                of_account = drafts.c.account_id == account_id
                count = connection.execute(select(func.count()).where(of_account)).scalar_one()
                if count >= MOST_DRAFTS:
                    oldest = select(drafts.c.id).where(of_account).order_by(drafts.c.saved_at).limit(1)
                    connection.execute(delete(drafts).where(drafts.c.id.in_(oldest)))
                row = {"account_id": account_id, "problem": problem, "language": language}
                connection.execute(insert(drafts).values(**row, source=source, saved_at=saved.saved_at))
        return saved

    def remove(self, account_id: str, problem: str, language: str) -> None:
        """Delete a draft, if there is one."""
        with write_transaction(self._engine) as connection:
            connection.execute(delete(drafts).where(_which(account_id, problem, language)))


def _which(account_id: str, problem: str, language: str) -> ColumnElement[bool]:
    return (
        (drafts.c.account_id == account_id) & (drafts.c.problem == problem) & (drafts.c.language == language)
    )
