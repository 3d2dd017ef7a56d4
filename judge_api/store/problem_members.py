"""The accounts, apart from administrators, that may edit a problem. A problem has one owner or none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine, delete, insert, select

from judge_api.store.account_locks import lock_account
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_each
from judge_api.store.tables import accounts, problem_members, problems
from judge_core.clock import utc_now


class MemberRole(StrEnum):
    """The role of an account on a problem. Further roles may be added; each of them may edit the problem."""

    OWNER = "owner"
    CO_AUTHOR = "co-author"


def is_member(connection: Connection, slug: str, account_id: str) -> bool:
    """Whether this account may edit the problem without being an administrator."""
    query = select(problem_members.c.role).filter_by(slug=slug, account_id=account_id)
    return connection.execute(query).first() is not None


def set_owner(connection: Connection, slug: str, account_id: str | None, by: str, at: datetime) -> None:
    """Make this account the problem's only owner. ``None`` leaves the problem to administrators."""
    # Two requests may each set an owner at once. The later request must see the owner of the first.
    connection.execute(select(problems.c.slug).where(problems.c.slug == slug).with_for_update(key_share=True))
    connection.execute(delete(problem_members).filter_by(slug=slug, role=MemberRole.OWNER.value))
    if account_id is None:
        return
    connection.execute(delete(problem_members).filter_by(slug=slug, account_id=account_id))
    values = {"slug": slug, "account_id": account_id, "role": MemberRole.OWNER.value}
    connection.execute(insert(problem_members).values({**values, "added_at": at, "added_by": by}))


class ProblemMemberStore:
    """Stores owners and co-authors. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def slugs_of(self, account_id: str) -> set[str]:
        """The problems of which this account is the owner or a co-author."""
        query = select(problem_members.c.slug).where(problem_members.c.account_id == account_id)
        with read_connection(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def is_member(self, slug: str, account_id: str) -> bool:
        with read_connection(self._engine) as connection:
            return is_member(connection, slug, account_id)

    def is_owner(self, slug: str, account_id: str) -> bool:
        query = select(problem_members.c.role).filter_by(
            slug=slug, account_id=account_id, role=MemberRole.OWNER.value
        )
        with read_connection(self._engine) as connection:
            return connection.execute(query).first() is not None

    def owners(self) -> dict[str, str]:
        """The name of each problem's owner, by slug."""
        query = (
            select(problem_members.c.slug, accounts.c.name)
            .join(accounts, accounts.c.id == problem_members.c.account_id)
            .where(problem_members.c.role == MemberRole.OWNER.value)
            .order_by(problem_members.c.slug)
        )
        with read_connection(self._engine) as connection:
            return dict(read_each(connection, query, lambda row: (row["slug"], row["name"])))

    def names_of(self, slug: str) -> tuple[str | None, list[str]]:
        """The names of a problem's owner, if it has one, and of its co-authors."""
        query = (
            select(problem_members.c.role, accounts.c.name)
            .join(accounts, accounts.c.id == problem_members.c.account_id)
            .where(problem_members.c.slug == slug)
            .order_by(accounts.c.name)
        )
        with read_connection(self._engine) as connection:
            rows = connection.execute(query).all()
        owner = next((row.name for row in rows if row.role == MemberRole.OWNER.value), None)
        return owner, [row.name for row in rows if row.role != MemberRole.OWNER.value]

    def add_co_author(self, slug: str, account_id: str, by: str) -> None:
        """Let another account edit the problem. The role of an account that may edit it already does not
        change."""
        values = {"slug": slug, "account_id": account_id, "role": MemberRole.CO_AUTHOR.value}
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            if not is_member(connection, slug, account_id):
                added = {**values, "added_at": self._clock(), "added_by": by}
                connection.execute(insert(problem_members).values(added))

    def remove_co_author(self, slug: str, account_id: str) -> bool:
        """Stop letting a co-author edit the problem. False if the account is no co-author."""
        which = {"slug": slug, "account_id": account_id, "role": MemberRole.CO_AUTHOR.value}
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(problem_members).filter_by(**which)).rowcount > 0

    def set_owner(self, slug: str, account_id: str | None, by: str) -> None:
        """Make this account the problem's only owner. ``None`` leaves the problem to administrators."""
        with write_transaction(self._engine) as connection:
            set_owner(connection, slug, account_id, by, self._clock())
