"""Groups of accounts, such as a class. A group exists as long as it has members."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, func, insert, select

from judge_api.store.account_locks import lock_account
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_each
from judge_api.store.tables import account_groups
from judge_core.clock import utc_now


@dataclass(frozen=True, slots=True)
class Group:
    """A group and the number of its members."""

    name: str
    members: int


class GroupStore:
    """Stores groups. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def all(self) -> list[Group]:
        """All groups by name."""
        query = (
            select(account_groups.c.name, func.count().label("members"))
            .group_by(account_groups.c.name)
            .order_by(account_groups.c.name)
        )
        with read_connection(self._engine) as connection:
            return read_each(connection, query, lambda row: Group(**row))

    def of(self, account_ids: Collection[str]) -> Mapping[str, list[str]]:
        """The groups of each of these accounts, by name."""
        query = (
            select(account_groups.c.account_id, account_groups.c.name)
            .where(account_groups.c.account_id.in_(account_ids))
            .order_by(account_groups.c.name, account_groups.c.account_id)
        )
        found: dict[str, list[str]] = {id: [] for id in account_ids}
        with read_connection(self._engine) as connection:
            for id, name in read_each(connection, query, lambda row: (row["account_id"], row["name"])):
                found[id].append(name)
        return found

    def add(self, name: str, account_id: str) -> None:
        """Make the account a member. Nothing changes if it is a member already."""
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            row = {"name": name, "account_id": account_id}
            if connection.execute(select(account_groups.c.name).filter_by(**row)).first() is None:
                connection.execute(insert(account_groups).values({**row, "added_at": self._clock()}))

    def remove(self, name: str, account_id: str) -> None:
        """End the account's membership, if it is a member."""
        with write_transaction(self._engine) as connection:
            connection.execute(delete(account_groups).filter_by(name=name, account_id=account_id))

    def delete(self, name: str) -> int:
        """Delete the group; its accounts stay. Returns how many members it had."""
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(account_groups).filter_by(name=name)).rowcount
