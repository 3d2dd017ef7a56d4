"""Favourites: the problems that an account has marked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, delete, func, insert, select

from judge_api.store.account_locks import lock_account
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.tables import favorites
from judge_core.clock import utc_now_ms
from judge_core.model.errors import Conflict

MOST_FAVORITES = 2000


class FavoriteStore:
    """Stores favourites. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now_ms) -> None:
        self._engine = engine
        self._clock = clock

    def of(self, account_id: str) -> list[str]:
        """The slugs of an account's favourites, sorted."""
        query = select(favorites.c.problem).where(favorites.c.account_id == account_id)
        with read_connection(self._engine) as connection:
            return list(connection.execute(query.order_by(favorites.c.problem)).scalars())

    def add(self, account_id: str, problem: str) -> None:
        """Mark a problem. It may be marked already. Raises ``Conflict`` if the account has
        ``MOST_FAVORITES``."""
        of_account = favorites.c.account_id == account_id
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            if connection.execute(select(favorites.c.problem).where(_which(account_id, problem))).first():
                return
            count = connection.execute(select(func.count()).where(of_account)).scalar_one()
            if count >= MOST_FAVORITES:
                raise Conflict(f"an account has at most {MOST_FAVORITES} favourites: remove one first")
            row = {"account_id": account_id, "problem": problem, "saved_at": self._clock()}
            connection.execute(insert(favorites).values(**row))

    def remove(self, account_id: str, problem: str) -> None:
        """Remove a mark, if there is one."""
        with write_transaction(self._engine) as connection:
            connection.execute(delete(favorites).where(_which(account_id, problem)))


def _which(account_id: str, problem: str) -> ColumnElement[bool]:
    return (favorites.c.account_id == account_id) & (favorites.c.problem == problem)
