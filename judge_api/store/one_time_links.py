"""One-time links. A person who has one may do one act for one account, once. Only a hash is stored.

A new link ends the earlier ones of the same account and purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update

from judge_api.store.account_locks import lock_account
from judge_api.store.accounts import account_of
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_one
from judge_api.store.secret_tokens import LINK_PREFIX, hash_secret, new_secret
from judge_api.store.tables import accounts, one_time_links
from judge_core.clock import utc_now
from judge_core.model.account import Account, LinkPurpose

_LINK_COLUMNS = ("purpose", "expires_at", "provider", "provider_session")


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """A sign-in at a provider. ``id`` is the provider's own name for its session, if it gives one."""

    provider: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link that can still be used. ``origin`` is the single sign-on that made it, if one did."""

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
        token = new_secret(LINK_PREFIX)
        values = {
            "provider": origin.provider if origin else None,
            "provider_session": origin.id if origin else None,
            "hash": hash_secret(token),
            "account_id": account_id,
            "purpose": purpose.value,
            "made_by": by,
            "created_at": self._clock(),
            "expires_at": expires,
        }
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            drop_links(connection, account_id, purpose)
            connection.execute(insert(one_time_links).values(values))
        return token

    def find(self, token: str) -> OneTimeLink | None:
        """The link of this token; ``None`` when it is unknown, used or expired, or the account disabled."""
        query = (
            select(accounts, *(one_time_links.c[name] for name in _LINK_COLUMNS))
            .join(one_time_links, one_time_links.c.account_id == accounts.c.id)
            .where(one_time_links.c.hash == hash_secret(token), one_time_links.c.used_at.is_(None))
            .where(one_time_links.c.expires_at > self._clock(), accounts.c.disabled.is_(False))
        )
        with read_connection(self._engine) as connection:
            return read_one(connection, query, _link)

    def use(self, token: str, purpose: LinkPurpose) -> Account | None:
        """Use the link up. Returns its account, or ``None`` when it cannot be used for this."""
        link = self.find(token)
        if link is None or link.purpose is not purpose:
            return None
        with write_transaction(self._engine) as connection:
            return link.account if use_link(connection, token, self._clock()) else None


def _link(row: RowMapping) -> OneTimeLink:
    provider = row["provider"]
    origin = ProviderSession(provider, row["provider_session"]) if provider else None
    return OneTimeLink(account_of(row), LinkPurpose(row["purpose"]), row["expires_at"], origin)


def use_link(connection: Connection, token: str, now: datetime) -> bool:
    """Use a link up inside a transaction; False when another request has used it first."""
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
