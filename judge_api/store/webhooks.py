"""Webhooks: the addresses to which an account's verdicts are sent.

A webhook's secret is stored unhashed, since every message is signed with it. It is shown only once, when it
is created.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, func, insert, select

from judge_api.store.account_locks import lock_account
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_each
from judge_api.store.tables import new_id, webhooks
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict

MAX_WEBHOOKS = 10
SECRET_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as its owner sees it later, without the secret."""

    id: str
    url: str
    created_at: datetime


def new_secret() -> str:
    """A secret that signs the messages of one webhook."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


class WebhookStore:
    """Stores webhooks. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, account_id: str, url: str) -> tuple[Webhook, str]:
        """Add a webhook. Returns it with its secret. Raises ``Conflict`` if the account has ``MAX_WEBHOOKS``
        already."""
        secret = new_secret()
        webhook = Webhook(new_id(), url, self._clock())
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            of_account = select(func.count()).where(webhooks.c.account_id == account_id)
            if connection.execute(of_account).scalar_one() >= MAX_WEBHOOKS:
                raise Conflict(f"an account has at most {MAX_WEBHOOKS} webhooks: delete one first")
            connection.execute(
                insert(webhooks).values(
                    id=webhook.id,
                    account_id=account_id,
                    url=url,
                    secret=secret,
                    created_at=webhook.created_at,
                )
            )
        return webhook, secret

    def of(self, account_id: str) -> Sequence[Webhook]:
        """An account's webhooks, newest first."""
        query = select(webhooks.c.id, webhooks.c.url, webhooks.c.created_at)
        query = query.where(webhooks.c.account_id == account_id).order_by(webhooks.c.id.desc())
        with read_connection(self._engine) as connection:
            return read_each(connection, query, lambda row: Webhook(**row))

    def remove(self, account_id: str, id: str) -> bool:
        """Delete a webhook with its deliveries. False if the account has no such webhook."""
        which = (webhooks.c.id == id) & (webhooks.c.account_id == account_id)
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(webhooks).where(which)).rowcount == 1
