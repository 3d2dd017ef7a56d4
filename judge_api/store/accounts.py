"""Accounts and their keys. A key is shown once, when it is made; only its SHA-256 is kept.

SHA-256 without a salt is right here: a key has 256 bits of chance, so there is nothing to guess.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, RowMapping, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from judge_api.store.engine import reading, writing
from judge_api.store.ids import hash_key, new_id, utc_now
from judge_api.store.invitations import spend
from judge_api.store.tables import accounts, api_keys
from judge_core.model.account import Account, Role, Tier
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound

__all__ = ["AccountStore", "ApiKey", "Bearer", "hash_key", "utc_now"]
KEY_MARK = "gvl_"
SESSION_MARK = "gvs_"
_PREFIX_LENGTH = 12
_NO_INVITATION = "is wrong, used up or out of date: ask an administrator for one"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its owner sees it later: everything but the secret."""

    id: str
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who came with a key, and with which."""

    account: Account
    key_id: str
    last_used_at: datetime | None
    expires_at: datetime | None


class AccountStore:
    """The truth about accounts. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(
        self,
        name: str,
        tier: Tier,
        role: Role,
        password: str | None = None,
        invitation: str | None = None,
    ) -> Account:
        """A new account; ``password`` is the *hash* of one.

        An ``invitation`` is used up in the same transaction. Raises ``Conflict`` when the name is taken,
        which leaves the invitation as it was, and ``Invalid`` when the invitation is not good any more.
        """
        account = Account(new_id(), name, tier, role, self._clock())
        values = {
            "id": account.id,
            "name": name,
            "tier": tier.value,
            "role": role.value,
            "created_at": account.created_at,
            "disabled": False,
            "password_hash": password,
        }
        try:
            with writing(self._engine) as connection:
                connection.execute(insert(accounts).values(values))
                if invitation is not None and not spend(connection, invitation, name, account.created_at):
                    raise Invalid(FieldFault("invitation", _NO_INVITATION))
        except IntegrityError as error:
            raise Conflict(f"the name {name!r} is taken: choose another") from error
        return account

    def get(self, id: str) -> Account | None:
        return self._one(accounts.c.id == id)

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The names of these accounts, in one question; unknown ids are left out."""
        query = select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(list(ids)))
        with reading(self._engine) as connection:
            return {row.id: row.name for row in connection.execute(query)}

    def by_name(self, name: str) -> Account | None:
        return self._one(accounts.c.name == name)

    def password_hash(self, name: str) -> tuple[Account, str] | None:
        """Account and password hash for signing in; ``None`` when it has no password or is not there."""
        query = select(accounts).where(accounts.c.name == name, accounts.c.password_hash.is_not(None))
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        return (_account(row), row["password_hash"]) if row else None

    def page(
        self, after: str | None = None, limit: int = 100, search: str | None = None
    ) -> Sequence[Account]:
        """By name; ``after`` is the last name of the page before, ``search`` a part of the name."""
        query = select(accounts).order_by(accounts.c.name).limit(limit)
        if after is not None:
            query = query.where(accounts.c.name > after)
        if search:
            query = query.where(accounts.c.name.icontains(search, autoescape=True))
        with reading(self._engine) as connection:
            return [_account(row) for row in connection.execute(query).mappings()]

    def list(self) -> Sequence[Account]:
        """All of them, by name."""
        return self.page(limit=1_000_000)

    def set_tier(self, id: str, tier: Tier) -> Account:
        """From now on; what waits already stays in the queue it was put in."""
        return self._change(id, tier=tier.value)

    def set_role(self, id: str, role: Role) -> Account:
        return self._change(id, role=role.value)

    def set_disabled(self, id: str, disabled: bool) -> Account:
        """A disabled account's keys stop working; its submissions stay."""
        return self._change(id, disabled=disabled)

    def set_password(self, id: str, password_hash: str) -> Account:
        return self._change(id, password_hash=password_hash)

    def issue_key(
        self, account_id: str, name: str, expires: datetime | None = None, mark: str = KEY_MARK
    ) -> tuple[str, str]:
        """A new key as (its id, its secret): the only time that the secret is seen."""
        key_id, secret = new_id(), mark + secrets.token_urlsafe(32)
        values = {
            "id": key_id,
            "account_id": account_id,
            "name": name,
            "prefix": secret[:_PREFIX_LENGTH],
            "hash": hash_key(secret),
            "created_at": self._clock(),
            "expires_at": expires,
        }
        with writing(self._engine) as connection:
            connection.execute(insert(api_keys).values(values))
        return key_id, secret

    def by_key(self, secret: str) -> Account | None:
        """Whose key it is; ``None`` when unknown, revoked, expired, or the account is disabled."""
        bearer = self.bearer(secret)
        return bearer.account if bearer else None

    def bearer(self, secret: str) -> Bearer | None:
        """As :meth:`by_key`, with the key's id and when it was last used."""
        query = (
            select(accounts, api_keys.c.id.label("key_id"), api_keys.c.last_used_at, api_keys.c.expires_at)
            .join(api_keys, api_keys.c.account_id == accounts.c.id)
            .where(api_keys.c.hash == hash_key(secret), accounts.c.disabled.is_(False), self._valid())
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        return Bearer(_account(row), row["key_id"], row["last_used_at"], row["expires_at"]) if row else None

    def keys(self, account_id: str) -> Sequence[ApiKey]:
        """The keys that work, newest first; sessions are not among them."""
        query = (
            select(api_keys)
            .where(api_keys.c.account_id == account_id, api_keys.c.prefix.like(f"{KEY_MARK}%"), self._valid())
            .order_by(api_keys.c.id.desc())
        )
        with reading(self._engine) as connection:
            return [_key(row) for row in connection.execute(query).mappings()]

    def revoke_key(self, account_id: str, key_id: str) -> bool:
        """End a key of this account; False when there is no such key that works."""
        change = (
            update(api_keys)
            .where(
                api_keys.c.id == key_id, api_keys.c.account_id == account_id, api_keys.c.revoked_at.is_(None)
            )
            .values(revoked_at=self._clock())
        )
        with writing(self._engine) as connection:
            return connection.execute(change).rowcount == 1

    def revoke_all(self, account_id: str, mark: str = SESSION_MARK) -> int:
        """End all keys of one kind: every session, say, when the password changes."""
        change = (
            update(api_keys)
            .where(api_keys.c.account_id == account_id, api_keys.c.revoked_at.is_(None))
            .where(api_keys.c.prefix.like(f"{mark}%"))
            .values(revoked_at=self._clock())
        )
        with writing(self._engine) as connection:
            return connection.execute(change).rowcount

    def key_used(self, key_id: str) -> None:
        """Note that a key is in use; callers say so rarely, not at each request."""
        with writing(self._engine) as connection:
            change = update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=self._clock())
            connection.execute(change)

    def _valid(self) -> ColumnElement[bool]:
        lives = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > self._clock())
        return api_keys.c.revoked_at.is_(None) & lives

    def _one(self, condition: ColumnElement[bool]) -> Account | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(accounts).where(condition)).mappings().one_or_none()
        return _account(row) if row else None

    def _change(self, id: str, **values: object) -> Account:
        change = update(accounts).where(accounts.c.id == id).values(**values).returning(*accounts.c)
        with writing(self._engine) as connection:
            row = connection.execute(change).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no account {id}")
        return _account(row)


def _account(row: RowMapping) -> Account:
    return Account(
        id=row["id"],
        name=row["name"],
        tier=Tier(row["tier"]),
        role=Role(row["role"]),
        created_at=row["created_at"],
        disabled=row["disabled"],
    )


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        prefix=row["prefix"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
