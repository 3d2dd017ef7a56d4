"""Identities of single sign-on: which person of which provider belongs to which account.

The provider's issuer and the subject identify a person and never change. The e-mail address does not identify
a person, because it can be given to somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, RowMapping, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from judge_api.store.account_locks import lock_account, require_other_letters
from judge_api.store.accounts import NewAccount, account_of
from judge_api.store.audit import audit_row
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_each, read_one
from judge_api.store.tables import account_groups, accounts, audit, identities, new_id
from judge_core.clock import utc_now
from judge_core.model.account import Account
from judge_core.model.errors import Conflict


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """A person of a provider, who is to be linked to an account."""

    issuer: str
    subject: str
    provider: str
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A person of a provider, as the owner of the account sees it."""

    id: str
    provider: str
    subject: str
    created_at: datetime
    last_used_at: datetime | None


class IdentityStore:
    """Stores identities. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def account_of(self, issuer: str, subject: str) -> Account | None:
        """The account of this person, or ``None`` if the person has none."""
        query = (
            select(accounts)
            .join(identities, identities.c.account_id == accounts.c.id)
            .where(identities.c.issuer == issuer, identities.c.subject == subject)
        )
        with read_connection(self._engine) as connection:
            return read_one(connection, query, account_of)

    def of(self, account_id: str) -> Sequence[Identity]:
        """The identities of an account, oldest first."""
        query = select(identities).where(identities.c.account_id == account_id).order_by(identities.c.id)
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _identity)

    def of_each(self, account_ids: Sequence[str]) -> dict[str, list[Identity]]:
        """The identities of each of these accounts, oldest first."""
        query = select(identities).where(identities.c.account_id.in_(account_ids)).order_by(identities.c.id)
        found: dict[str, list[Identity]] = {id: [] for id in account_ids}
        with read_connection(self._engine) as connection:
            for account_id, identity in read_each(connection, query, _owned):
                found[account_id].append(identity)
        return found

    def free_name(self, names: Sequence[str]) -> str | None:
        """The first of these names that no account has. Upper and lower case are equal."""
        lowered = func.lower(accounts.c.name)
        query = select(lowered).where(lowered.in_([name.lower() for name in names]))
        with read_connection(self._engine) as connection:
            taken = set(connection.execute(query).scalars())
        return next((name for name in names if name.lower() not in taken), None)

    def is_verified_address(self, address: str) -> bool:
        """Whether an account, disabled or not, has this verified e-mail address."""
        query = select(accounts.c.id).where(
            func.lower(accounts.c.email) == address.lower(), accounts.c.email_verified_at.is_not(None)
        )
        with read_connection(self._engine) as connection:
            return connection.execute(query.limit(1)).first() is not None

    def add_account(self, new: NewAccount, identity: NewIdentity) -> Account:
        """Add an account without a password for this person. Its e-mail address counts as verified.

        Raises ``Conflict`` if the name was taken, or the person got an account, meanwhile.
        """
        now, id = self._clock(), new_id()
        detail = {"provider": identity.provider, "tier": new.tier.value, "role": new.role.value}
        try:
            with write_transaction(self._engine) as connection:
                require_other_letters(connection, [new.name])
                connection.execute(insert(accounts).values(_account_row(id, new, now)))
                connection.execute(insert(identities).values(_identity_row(id, identity, now)))
                members = [{"name": group, "account_id": id, "added_at": now} for group in new.groups]
                if members:
                    connection.execute(insert(account_groups), members)
                row = audit_row(now, new.name, "account.sign-up", new.name, detail)
                connection.execute(insert(audit).values(row))
        except IntegrityError as error:
            raise Conflict("the account was made meanwhile: sign in again") from error
        return Account(
            id,
            new.name,
            new.tier,
            new.role,
            now,
            full_name=new.full_name,
            email=new.email,
            email_verified=new.email is not None,
        )

    def link(self, account_id: str, identity: NewIdentity) -> None:
        """Let this person sign in to the account. Raises ``Conflict`` if an account has the person
        already."""
        try:
            with write_transaction(self._engine) as connection:
                lock_account(connection, account_id)
                connection.execute(
                    insert(identities).values(_identity_row(account_id, identity, self._clock()))
                )
        except IntegrityError as error:
            raise Conflict("this person belongs to an account already: unlink it there first") from error

    def unlink(self, account_id: str, id: str) -> bool:
        """Remove this identity from the account. False if the account has no other way to sign in."""
        other = select(identities.c.id).where(identities.c.account_id == account_id, identities.c.id != id)
        has_way = select(accounts.c.id).where(
            accounts.c.id == account_id, or_(accounts.c.password_hash.is_not(None), other.exists())
        )
        change = delete(identities).where(identities.c.id == id, identities.c.account_id == account_id)
        with write_transaction(self._engine) as connection:
            # Two requests may each remove one of two identities at once. The later request must see the
            # removal.
            lock_account(connection, account_id)
            if connection.execute(has_way).first() is None:
                return False
            connection.execute(change)
        return True

    def groups_of(self, identity: NewIdentity) -> tuple[str, ...]:
        """The groups that came with the previous sign-in."""
        query = select(identities.c.groups).where(*_same(identity))
        with read_connection(self._engine) as connection:
            return tuple(connection.execute(query).scalar() or ())

    def record_use(self, identity: NewIdentity) -> None:
        """Record a sign-in and the groups that came with it."""
        values: dict[str, Any] = {"last_used_at": self._clock()}
        if identity.groups is not None:
            values["groups"] = list(identity.groups)
        with write_transaction(self._engine) as connection:
            connection.execute(update(identities).where(*_same(identity)).values(values))


def _same(identity: NewIdentity) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return identities.c.issuer == identity.issuer, identities.c.subject == identity.subject


def _account_row(id: str, new: NewAccount, now: datetime) -> dict[str, Any]:
    return {
        "id": id,
        "name": new.name,
        "tier": new.tier.value,
        "role": new.role.value,
        "created_at": now,
        "disabled": False,
        "full_name": new.full_name,
        "email": new.email,
        "email_verified_at": now if new.email is not None else None,
    }


def _identity_row(account_id: str, identity: NewIdentity, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "account_id": account_id,
        "issuer": identity.issuer,
        "subject": identity.subject,
        "provider": identity.provider,
        "created_at": now,
        "last_used_at": now,
        "groups": None if identity.groups is None else list(identity.groups),
    }


def _identity(row: RowMapping) -> Identity:
    return Identity(**{name: row[name] for name in Identity.__slots__})


def _owned(row: RowMapping) -> tuple[str, Identity]:
    return row["account_id"], _identity(row)
