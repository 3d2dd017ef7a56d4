"""Accounts and their API keys. A key is shown once, when it is created. Only its SHA-256 and its first
characters are stored.

SHA-256 needs no salt here: a key has 256 random bits, so it cannot be guessed.

The module has over 500 lines, because a request reads a key together with its account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningUpdate

from judge_api.store.account_locks import lock_account, require_other_admin, require_other_letters
from judge_api.store.audit import audit_row
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.invitations import use_invitation
from judge_api.store.reading import read_each, read_one
from judge_api.store.secret_tokens import KEY_PREFIX, SESSION_PREFIX, hash_secret, new_secret
from judge_api.store.tables import account_groups, accounts, api_keys, audit, new_id, one_time_links
from judge_core.clock import utc_now
from judge_core.model.account import Account, AuthenticatedKey, LinkPurpose, Role, Scope, Tier
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound

key_maker = api_keys.alias("maker")
_PREFIX_LENGTH = 12
_NAMES_AT_ONCE = 500
_MAILED = (LinkPurpose.EMAIL.value, LinkPurpose.PASSWORD.value)
"""The purposes of links that are sent by e-mail."""
_NO_INVITATION = "is wrong, used up or out of date: ask an administrator for a new invitation"


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices of an account; ``locale`` is ``None`` for the browser's language."""

    locale: str | None = None
    notice_mails: bool = True


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to make."""

    name: str
    tier: Tier = Tier.NORMAL
    role: Role = Role.USER
    full_name: str | None = None
    email: str | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its owner sees it later, without the secret."""

    id: str
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    address: str | None
    scopes: tuple[Scope, ...] | None


class AccountStore:
    """Stores accounts and keys. Every method may raise ``StoreUnavailable``."""

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
        """Add an account. ``password`` is the *hash* of a password.

        An ``invitation`` is used up in the same transaction. Raises ``Conflict`` if the name is taken (the
        invitation stays unused then), and ``Invalid`` if the invitation is not valid any more.
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
            with write_transaction(self._engine) as connection:
                require_other_letters(connection, [name])
                connection.execute(insert(accounts).values(values))
                if invitation is not None and not use_invitation(
                    connection, invitation, name, account.created_at
                ):
                    raise Invalid(FieldFault("invitation", _NO_INVITATION))
        except IntegrityError as error:
            raise Conflict(f"the name {name!r} is taken: choose another") from error
        return account

    def get(self, id: str) -> Account | None:
        """The account of this id; ``None`` for a deleted one."""
        return self._one(and_(accounts.c.id == id, accounts.c.deleted_at.is_(None)))

    def taken(self, names: Iterable[str]) -> dict[str, str]:
        """The names of accounts that are equal to some of these, or differ in capitals only. The result has
        them by their form in small letters."""
        asked = list({name.lower() for name in names})
        found: dict[str, str] = {}
        lowered = func.lower(accounts.c.name)
        with read_connection(self._engine) as connection:
            for start in range(0, len(asked), _NAMES_AT_ONCE):
                query = select(accounts.c.name).where(lowered.in_(asked[start : start + _NAMES_AT_ONCE]))
                found |= {name.lower(): name for name in connection.execute(query).scalars()}
        return found

    def add_many(self, new: Sequence[NewAccount], password_hashes: Sequence[str], by: str) -> None:
        """Add accounts with their groups, all or none. Raises ``Conflict`` when a name is taken.

        The same transaction records in the audit log that ``by`` added them. If only a part were added, their
        passwords would be lost: passwords are shown only at the end.
        """
        now = self._clock()
        rows = [_new_row(one, now, hashed) for one, hashed in zip(new, password_hashes, strict=True)]
        members = [
            {"name": group, "account_id": row["id"], "added_at": now}
            for one, row in zip(new, rows, strict=True)
            for group in one.groups
        ]
        try:
            with write_transaction(self._engine) as connection:
                require_other_letters(connection, [one.name for one in new])
                connection.execute(insert(accounts), rows)
                if members:
                    connection.execute(insert(account_groups), members)
                connection.execute(insert(audit), [_added(one, now, by) for one in new])
        except IntegrityError as error:
            raise Conflict("a name was taken meanwhile: check the file again") from error

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The names of these accounts, in one query; unknown ids are left out."""
        query = select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(list(ids)))
        with read_connection(self._engine) as connection:
            rows = read_each(connection, query.order_by(accounts.c.id), lambda row: (row["id"], row["name"]))
        return dict(rows)

    def by_name(self, name: str) -> Account | None:
        return self._one(accounts.c.name == name)

    def password_hash(self, name: str) -> tuple[Account, str] | None:
        """Account and password hash for signing in; ``None`` when there is no such account or it has no
        password."""
        query = select(accounts).where(accounts.c.name == name, accounts.c.password_hash.is_not(None))
        with read_connection(self._engine) as connection:
            return read_one(connection, query, lambda row: (account_of(row), str(row["password_hash"])))

    def page(
        self,
        after: str | None = None,
        limit: int = 100,
        search: str | None = None,
        group: str | None = None,
    ) -> Sequence[Account]:
        """A page of the accounts by name, without deleted ones; ``after`` is the last name of the page
        before.

        ``search`` is a part of the name or the full name, ``group`` a group of the accounts.
        """
        query = select(accounts).where(accounts.c.deleted_at.is_(None)).order_by(accounts.c.name).limit(limit)
        if group is not None:
            members = select(account_groups.c.account_id).where(account_groups.c.name == group)
            query = query.where(accounts.c.id.in_(members))
        if after is not None:
            query = query.where(accounts.c.name > after)
        if search:
            in_name, in_full_name = (
                column.icontains(search, autoescape=True)
                for column in (accounts.c.name, accounts.c.full_name)
            )
            query = query.where(or_(in_name, in_full_name))
        with read_connection(self._engine) as connection:
            return read_each(connection, query, account_of)

    def list(self) -> Sequence[Account]:
        """All accounts by name, without deleted ones."""
        return self.page(limit=1_000_000)

    def count_admins(self) -> int:
        """The number of administrators that are not disabled."""
        query = select(func.count()).where(
            accounts.c.role == Role.ADMIN.value, accounts.c.disabled.is_(False)
        )
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def set_tier(self, id: str, tier: Tier) -> Account:
        """Change the tier of later submissions; those that wait stay in their queue."""
        return self._change(id, tier=tier.value)

    def set_role(self, id: str, role: Role) -> Account:
        """Change the role. Raises ``Conflict`` if no administrator would be left."""
        return self._change(id, role is not Role.ADMIN, role=role.value)

    def set_disabled(self, id: str, disabled: bool) -> Account:
        """Disable or enable the account. Its keys stop working while it is disabled; its submissions stay.
        Raises ``Conflict`` if no administrator would be left."""
        return self._change(id, disabled, disabled=disabled)

    def set_email(self, id: str, address: str | None) -> Account:
        """Set the address, which is not verified yet. Links that were sent to the previous address stop
        working."""
        links = (one_time_links.c.account_id == id) & one_time_links.c.purpose.in_(_MAILED)
        change = _changed(id, email=address, email_verified_at=None)
        with write_transaction(self._engine) as connection:
            # In one transaction: otherwise a link to the previous address could be made in between.
            lock_account(connection, id)
            connection.execute(delete(one_time_links).where(links))
            return _only_account(connection, change, id)

    def verify_email(self, id: str, address: str) -> None:
        """Mark the address as verified, if it is still the account's."""
        change = update(accounts).where(accounts.c.id == id, accounts.c.email == address)
        with write_transaction(self._engine) as connection:
            connection.execute(change.values(email_verified_at=self._clock()))

    def by_verified_email(self, address: str) -> Sequence[Account]:
        """The accounts with this verified address that are not disabled. Upper and lower case are equal."""
        query = select(accounts).where(
            func.lower(accounts.c.email) == address.lower(),
            accounts.c.email_verified_at.is_not(None),
            accounts.c.disabled.is_(False),
        )
        with read_connection(self._engine) as connection:
            return read_each(connection, query.order_by(accounts.c.id), account_of)

    def issue_key(
        self,
        account_id: str,
        name: str,
        expires: datetime | None = None,
        scopes: Iterable[Scope] | None = None,
        most: int | None = None,
    ) -> tuple[str, str]:
        """Create a key, with all scopes or some. Returns its id and its secret, which is shown only now.

        Raises ``Conflict`` if the account has ``most`` valid keys already.
        """
        secret = new_secret(KEY_PREFIX)
        values = secret_row(account_id, name, secret, self._clock(), expires)
        values["scopes"] = scopes_text(scopes)
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            if most is not None and self._count_keys(connection, account_id) >= most:
                raise Conflict(f"an account has at most {most} keys: revoke one first")
            connection.execute(insert(api_keys).values(values))
        return values["id"], secret

    def _count_keys(self, connection: Connection, account_id: str) -> int:
        count = select(func.count()).select_from(api_keys)
        return connection.execute(count.where(*_keys_of(account_id, self._clock()))).scalar_one()

    def by_key(self, secret: str) -> Account | None:
        """The account of a key; ``None`` when it is unknown, revoked or expired, or the account is
        disabled."""
        key = self.authenticate(secret)
        return key.account if key else None

    def authenticate(self, secret: str) -> AuthenticatedKey | None:
        """The account of a key as in :meth:`by_key`, with the key's id and when it was last used."""
        query = (
            select(accounts, *_AUTHENTICATED_KEY_COLUMNS)
            .join(api_keys, api_keys.c.account_id == accounts.c.id)
            .outerjoin(key_maker, key_maker.c.id == api_keys.c.made_from)
            .where(api_keys.c.hash == hash_secret(secret), accounts.c.disabled.is_(False))
            .where(*is_valid(self._clock()))
        )
        with read_connection(self._engine) as connection:
            return read_one(connection, query, _authenticated_key)

    def keys(self, account_id: str) -> Sequence[ApiKey]:
        """The valid keys, newest first, without sessions."""
        query = select(api_keys).where(*_keys_of(account_id, self._clock())).order_by(api_keys.c.id.desc())
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _key)

    def key(self, account_id: str, key_id: str) -> ApiKey:
        """One key of this account. Raises ``NotFound``."""
        found = next((key for key in self.keys(account_id) if key.id == key_id), None)
        if found is None:
            raise NotFound(f"there is no key {key_id}")
        return found

    def revoke_keys(self, account_id: str, keep: str) -> int:
        """Revoke every key of this account but ``keep``. Returns how many."""
        change = (
            update(api_keys)
            .where(api_keys.c.account_id == account_id, api_keys.c.prefix.like(f"{KEY_PREFIX}%"))
            .where(api_keys.c.revoked_at.is_(None), api_keys.c.id != keep)
            .values(revoked_at=self._clock())
        )
        with write_transaction(self._engine) as connection:
            return connection.execute(change).rowcount

    def revoke_key(self, account_id: str, key_id: str) -> bool:
        """Revoke a key of this account. False if it has no such key, or if the key was revoked already."""
        change = (
            update(api_keys)
            .where(
                api_keys.c.id == key_id, api_keys.c.account_id == account_id, api_keys.c.revoked_at.is_(None)
            )
            .values(revoked_at=self._clock())
        )
        with write_transaction(self._engine) as connection:
            return connection.execute(change).rowcount == 1

    def preferences(self, id: str) -> Preferences:
        """The language of an account, and whether it gets e-mails about notices."""
        query = select(accounts.c.locale, accounts.c.notice_mails).where(accounts.c.id == id)
        with read_connection(self._engine) as connection:
            row = connection.execute(query).first()
        return Preferences(row.locale, row.notice_mails is not False) if row else Preferences()

    def set_locale(self, id: str, locale: str | None) -> None:
        """Set the language of the pages; ``None`` means the browser's."""
        with write_transaction(self._engine) as connection:
            connection.execute(update(accounts).where(accounts.c.id == id).values(locale=locale))

    def set_notice_mails(self, id: str, on: bool) -> None:
        """Set whether notices are sent by e-mail too."""
        with write_transaction(self._engine) as connection:
            connection.execute(update(accounts).where(accounts.c.id == id).values(notice_mails=on))

    def record_key_use(self, key_id: str, address: str | None = None) -> None:
        """Record the use of a key, and its address. Callers do so rarely, not at each request."""
        known = {} if address is None else {"address": address[:64]}
        change = update(api_keys).where(api_keys.c.id == key_id)
        with write_transaction(self._engine) as connection:
            connection.execute(change.values(last_used_at=self._clock(), **known))

    def _one(self, condition: ColumnElement[bool]) -> Account | None:
        with read_connection(self._engine) as connection:
            return read_one(connection, select(accounts).where(condition), account_of)

    def _change(self, id: str, ends_admin: bool = False, /, **values: object) -> Account:
        with write_transaction(self._engine) as connection:
            if ends_admin:
                require_other_admin(connection, id)
            return _only_account(connection, _changed(id, **values), id)


def _changed(id: str, **values: object) -> ReturningUpdate[Any]:
    of_account = (accounts.c.id == id) & accounts.c.deleted_at.is_(None)
    return update(accounts).where(of_account).values(**values).returning(*accounts.c)


def _only_account(connection: Connection, change: ReturningUpdate[Any], id: str) -> Account:
    row = connection.execute(change).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no account {id}")
    return account_of(row)


def _added(new: NewAccount, now: datetime, by: str) -> dict[str, Any]:
    detail = {"tier": new.tier.value, "role": new.role.value, "groups": list(new.groups), "imported": True}
    return audit_row(now, by, "account.add", new.name, detail)


def _new_row(new: NewAccount, now: datetime, password_hash: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": new.name,
        "tier": new.tier.value,
        "role": new.role.value,
        "created_at": now,
        "disabled": False,
        "password_hash": password_hash,
        "full_name": new.full_name,
        "email": new.email,
    }


def secret_row(
    account_id: str, name: str, secret: str, now: datetime, expires: datetime | None
) -> dict[str, Any]:
    """The row of a new key or session. It has the secret's hash and first characters, but not the secret."""
    return {
        "id": new_id(),
        "account_id": account_id,
        "name": name,
        "prefix": secret[:_PREFIX_LENGTH],
        "hash": hash_secret(secret),
        "created_at": now,
        "expires_at": expires,
    }


def scopes_text(scopes: Iterable[Scope] | None) -> str | None:
    """The scopes as they are stored, always with ``read``; ``None`` for all scopes."""
    return (
        None if scopes is None else " ".join(scope.value for scope in Scope if scope in {*scopes, Scope.READ})
    )


def _scopes(text: str | None) -> tuple[Scope, ...] | None:
    """The scopes in a stored text. A scope of a later release is left out."""
    return None if text is None else tuple(scope for scope in Scope if scope.value in text.split())


def is_valid(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions for a valid key or session. A session that was made from a key is valid only as long as
    the key.

    The query must join ``key_maker``.
    """
    without_maker = api_keys.c.made_from.is_(None)
    return _lives(api_keys, now), or_(
        without_maker, and_(key_maker.c.id.is_not(None), _lives(key_maker, now))
    )


def _keys_of(account_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions for the valid keys of an account, without sessions."""
    is_key = api_keys.c.prefix.like(f"{KEY_PREFIX}%")
    return api_keys.c.account_id == account_id, is_key, _lives(api_keys, now)


def _lives(keys: FromClause, now: datetime) -> ColumnElement[bool]:
    return and_(keys.c.revoked_at.is_(None), or_(keys.c.expires_at.is_(None), keys.c.expires_at > now))


def account_of(row: RowMapping) -> Account:
    """The account of a row that has every column of ``accounts``."""
    return Account(
        id=row["id"],
        name=row["name"],
        tier=Tier(row["tier"]),
        role=Role(row["role"]),
        created_at=row["created_at"],
        disabled=row["disabled"],
        full_name=row["full_name"],
        email=row["email"],
        email_verified=row["email_verified_at"] is not None,
        deletion_due=row["deletion_due"],
        event=row["event"],
    )


_AUTHENTICATED_KEY_COLUMNS = (
    api_keys.c.id.label("key_id"),
    api_keys.c.last_used_at,
    api_keys.c.expires_at,
    api_keys.c.made_from,
    api_keys.c.scopes,
    api_keys.c.prefix,
)


def _authenticated_key(row: RowMapping) -> AuthenticatedKey:
    return AuthenticatedKey(
        account=account_of(row),
        key_id=row["key_id"],
        last_used_at=row["last_used_at"],
        expires_at=row["expires_at"],
        made_from=row["made_from"],
        scopes=_scopes(row["scopes"]),
        is_session=row["prefix"].startswith(SESSION_PREFIX),
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
        address=row["address"],
        scopes=_scopes(row["scopes"]),
    )
