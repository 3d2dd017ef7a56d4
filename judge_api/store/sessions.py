"""Sessions of browsers. A session is a row of ``api_keys`` with a prefix of its own.

A session that was made from an API key ends when that key is revoked or expires.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Table, insert, or_, select, update

from judge_api.store.account_locks import lock_account
from judge_api.store.accounts import is_valid, key_maker, scopes_text, secret_row
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.one_time_links import ProviderSession
from judge_api.store.reading import read_each
from judge_api.store.secret_tokens import SESSION_PREFIX, new_secret
from judge_api.store.tables import api_keys, one_time_links
from judge_core.clock import utc_now
from judge_core.model.account import Scope

MOST_LISTED = 200
_OF = ":"
"""Separates the method and the provider in a session's name."""


class SignInMethod(StrEnum):
    """The proof by which a session was started."""

    PASSWORD = "password"
    KEY = "key"
    LINK = "link"
    SSO = "sso"


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its owner sees it. ``key_id`` and ``key_name`` belong to the key from which the session
    was made, and are ``None`` without such a key.

    ``provider`` is the name of the provider of a single sign-on.
    """

    id: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    key_id: str | None
    key_name: str | None
    method: SignInMethod
    address: str | None
    provider: str | None = None


class SessionStore:
    """Makes, lists and ends sessions. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def start(
        self,
        account_id: str,
        expires: datetime,
        made_from: str | None = None,
        method: SignInMethod = SignInMethod.PASSWORD,
        scopes: Iterable[Scope] | None = None,
    ) -> str:
        """Start a session and return its secret.

        ``made_from`` is the id of the key from which it is made, and ``scopes`` are the scopes of that key.
        Raises ``NotFound`` if the account was deleted.
        """
        name = (SignInMethod.KEY if made_from else method).value
        return self._start(account_id, name, expires, {"made_from": made_from, "scopes": scopes_text(scopes)})

    def start_sso(self, account_id: str, expires: datetime, origin: ProviderSession) -> str:
        """Start a session of a single sign-on and return its secret. Raises ``NotFound`` if the account was
        deleted."""
        return self._start(account_id, _sso_name(origin.provider), expires, {"provider_session": origin.id})

    def end_sso(self, ended: ProviderSession, account_id: str | None, before: datetime) -> int:
        """End sessions that were started by sign-ins at this provider up to ``before``. Returns how many.

        ``ended.id`` selects the sessions of one session of the provider, ``account_id`` those of one account.
        With both, the account's sessions whose provider session is unknown end too. With neither, none ends.
        Sign-ins that wait for the second factor end too, and are not counted.
        """
        if ended.id is None and account_id is None:
            return 0
        sessions = (
            api_keys.c.prefix.like(f"{SESSION_PREFIX}%"),
            api_keys.c.name == _sso_name(ended.provider),
            *_began_by(api_keys, ended, account_id, before),
        )
        # A sign-in that still waits for its second factor must not become a session later.
        waiting = (one_time_links.c.provider == ended.provider, one_time_links.c.used_at.is_(None))
        now = self._clock()
        links = update(one_time_links).where(*waiting, *_began_by(one_time_links, ended, account_id, before))
        with write_transaction(self._engine) as connection:
            connection.execute(links.values(used_at=now))
            return _revoke(connection, now, *sessions)

    def _start(self, account_id: str, name: str, expires: datetime, more: dict[str, str | None]) -> str:
        secret = new_secret(SESSION_PREFIX)
        values = secret_row(account_id, name, secret, self._clock(), expires)
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            connection.execute(insert(api_keys).values({**values, **more}))
        return secret

    def provider_of(self, session_id: str) -> str | None:
        """The provider of a session of a single sign-on; ``None`` for any other session."""
        query = select(api_keys.c.name).where(api_keys.c.id == session_id)
        with read_connection(self._engine) as connection:
            return _provider(connection.execute(query).scalar() or "")

    def list(self, account_id: str) -> Sequence[Session]:
        """The valid sessions, newest first, at most ``MOST_LISTED``."""
        names = ("id", "name", "created_at", "last_used_at", "expires_at", "address")
        query = (
            select(
                *(api_keys.c[name] for name in names),
                key_maker.c.id.label("key_id"),
                key_maker.c.name.label("key_name"),
            )
            .outerjoin(key_maker, key_maker.c.id == api_keys.c.made_from)
            .where(*_sessions_of(account_id), *is_valid(self._clock()))
            .order_by(api_keys.c.created_at.desc(), api_keys.c.id.desc())
            .limit(MOST_LISTED)
        )
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _session)

    def end(self, account_id: str, session_id: str) -> bool:
        """End a session of this account. False if the account has no such session, or it has ended."""
        with write_transaction(self._engine) as connection:
            return _end(connection, self._clock(), account_id, api_keys.c.id == session_id) == 1

    def end_all(self, account_id: str, keep: str | None = None) -> int:
        """End every session of this account but ``keep``. Returns how many ended."""
        with write_transaction(self._engine) as connection:
            return end_sessions(connection, account_id, self._clock(), keep)


def end_sessions(connection: Connection, account_id: str, now: datetime, keep: str | None = None) -> int:
    """End every session of an account but ``keep``, inside a transaction. Returns how many ended."""
    others = () if keep is None else (api_keys.c.id != keep,)
    return _end(connection, now, account_id, *others)


def _end(connection: Connection, now: datetime, account_id: str, *conditions: ColumnElement[bool]) -> int:
    return _revoke(connection, now, *_sessions_of(account_id), *conditions)


def _revoke(connection: Connection, now: datetime, *conditions: ColumnElement[bool]) -> int:
    change = update(api_keys).where(*conditions, api_keys.c.revoked_at.is_(None)).values(revoked_at=now)
    return connection.execute(change).rowcount


def _began_by(
    table: Table, ended: ProviderSession, account_id: str | None, before: datetime
) -> list[ColumnElement[bool]]:
    """The conditions for rows of the provider's session, of the account, or of both, that were made up to
    ``before``."""
    conditions = [table.c.created_at <= before]
    if account_id is not None:
        conditions.append(table.c.account_id == account_id)
    if ended.id is not None:
        same = table.c.provider_session == ended.id
        conditions.append(same if account_id is None else or_(same, table.c.provider_session.is_(None)))
    return conditions


def _sso_name(provider: str) -> str:
    """The name of a session of this provider."""
    return f"{SignInMethod.SSO.value}{_OF}{provider}"


def _session(row: RowMapping) -> Session:
    values = {name: row[name] for name in Session.__slots__ if name not in ("method", "provider")}
    return Session(**values, method=_method(row), provider=_provider(row["name"]))


def _provider(name: str) -> str | None:
    """The provider in the name of a session, such as ``sso:school``."""
    method, _, provider = name.partition(_OF)
    return provider if method == SignInMethod.SSO.value and provider else None


def _method(row: RowMapping) -> SignInMethod:
    """The method in a session's name. Sessions of release 0.2.0 are all named "session"."""
    if row["key_id"] is not None:
        return SignInMethod.KEY
    known = [one.value for one in SignInMethod]
    method = row["name"].partition(_OF)[0]
    return SignInMethod(method) if method in known else SignInMethod.PASSWORD


def _sessions_of(account_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return api_keys.c.account_id == account_id, api_keys.c.prefix.like(f"{SESSION_PREFIX}%")
