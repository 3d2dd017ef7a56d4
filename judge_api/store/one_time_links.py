"""One-time links. A person with a link may do one act for one account, once. Only the hash of a link's token
is stored.

A new link ends the earlier ones of the same account and purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update

from judge_api.store.account_locks import lock_account
from judge_api.store.accounts import account_of
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_one
from judge_api.store.secret_tokens import LINK_PREFIX, hash_secret, new_secret
from judge_api.store.tables import accounts, one_time_links
from judge_core.clock import utc_now
from judge_core.model.account import Account, LinkPurpose
from judge_core.model.errors import Conflict

_LINK_COLUMNS = ("purpose", "expires_at", "provider", "provider_session")


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """A sign-in at a provider. ``id`` is the provider's own name for its session, if it gives one."""

    provider: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link that can still be used. ``origin`` is the single sign-on that made the link, or ``None``."""

    account: Account
    purpose: LinkPurpose
    expires_at: datetime
    origin: ProviderSession | None = None


class OneTimeLinkStore:
    """Stores one-time links. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def create(
        self,
        account_id: str,
        purpose: LinkPurpose,
        by: str,
        expires: datetime,
        origin: ProviderSession | None = None,
    ) -> str:
        """A new token, which is shown only now. ``by`` is the name of the account that makes the link."""
        values = {
            "provider": origin.provider if origin else None,
            "provider_session": origin.id if origin else None,
            **self._values(account_id, purpose, by, expires),
        }
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            return _replace_link(connection, values)

    def create_for_address(
        self, account: Account, address: str, purpose: LinkPurpose, expires: datetime
    ) -> str:
        """A new token to be sent to this e-mail address of the account. Raises ``Conflict`` if the account
        has another address by now: the link would act on that address."""
        address_now = select(accounts.c.email).where(accounts.c.id == account.id)
        with write_transaction(self._engine) as connection:
            lock_account(connection, account.id)
            if connection.execute(address_now).scalar_one_or_none() != address:
                raise Conflict("the e-mail address has just been changed: load the page again")
            return _replace_link(connection, self._values(account.id, purpose, account.name, expires))

    def _values(self, account_id: str, purpose: LinkPurpose, by: str, expires: datetime) -> dict[str, Any]:
        return {
            "account_id": account_id,
            "purpose": purpose.value,
            "made_by": by,
            "created_at": self._clock(),
            "expires_at": expires,
        }

    def find(self, token: str) -> OneTimeLink | None:
        """The link of this token. ``None`` if the token is unknown, used or expired, or the account is
        disabled."""
        query = (
            select(accounts, *(one_time_links.c[name] for name in _LINK_COLUMNS))
            .join(one_time_links, one_time_links.c.account_id == accounts.c.id)
            .where(one_time_links.c.hash == hash_secret(token), one_time_links.c.used_at.is_(None))
            .where(one_time_links.c.expires_at > self._clock(), accounts.c.disabled.is_(False))
        )
        with read_connection(self._engine) as connection:
            return read_one(connection, query, _link)

    def use(self, token: str, purpose: LinkPurpose) -> Account | None:
        """Use up the link. Returns its account, or ``None`` if the link cannot be used for this purpose."""
        link = self.find(token)
        if link is None or link.purpose is not purpose:
            return None
        with write_transaction(self._engine) as connection:
            return link.account if use_link(connection, token, self._clock()) else None


def _replace_link(connection: Connection, values: Mapping[str, Any]) -> str:
    """Store a link in the place of the account's other links of its purpose. Returns its token."""
    token = new_secret(LINK_PREFIX)
    drop_links(connection, values["account_id"], LinkPurpose(values["purpose"]))
    connection.execute(insert(one_time_links).values(hash=hash_secret(token), **values))
    return token


def _link(row: RowMapping) -> OneTimeLink:
    provider = row["provider"]
    origin = ProviderSession(provider, row["provider_session"]) if provider else None
    return OneTimeLink(account_of(row), LinkPurpose(row["purpose"]), row["expires_at"], origin)


def use_link(connection: Connection, token: str, now: datetime) -> bool:
    """Use up a link inside a transaction. False if another request has used it first, or if it has
    expired."""
    change = (
        update(one_time_links)
        .where(one_time_links.c.hash == hash_secret(token), one_time_links.c.used_at.is_(None))
        .where(one_time_links.c.expires_at > now)
        .values(used_at=now)
    )
    return connection.execute(change).rowcount == 1


def drop_links(connection: Connection, account_id: str, purpose: LinkPurpose) -> None:
    """Delete an account's links of one purpose."""
    connection.execute(
        delete(one_time_links).where(
            one_time_links.c.account_id == account_id, one_time_links.c.purpose == purpose.value
        )
    )
