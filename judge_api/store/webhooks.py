"""Addresses that an account wants told of its verdicts.

The secret is kept as it is, since every message is signed with it; it is told once, when it is made.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, func, insert, select

from judge_api.store.engine import reading, writing
from judge_api.store.ids import new_id, utc_now
from judge_api.store.tables import webhooks
from judge_core.model.errors import Conflict

MOST = 10
SECRET_MARK = "whsec_"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address as its owner sees it later: without the secret."""

    id: str
    url: str
    created_at: datetime


class WebhookStore:
    """The truth about webhooks. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, account_id: str, url: str) -> tuple[Webhook, str]:
        """A new one with its secret. Raises ``Conflict`` when the account has ``MOST`` already."""
        secret = SECRET_MARK + base64.b64encode(secrets.token_bytes(24)).decode()
        made = Webhook(new_id(), url, self._clock())
        with writing(self._engine) as connection:
            mine = select(func.count()).where(webhooks.c.account_id == account_id)
            if connection.execute(mine).scalar_one() >= MOST:
                raise Conflict(f"an account has at most {MOST} webhooks: delete one first")
            connection.execute(
                insert(webhooks).values(
                    id=made.id, account_id=account_id, url=url, secret=secret, created_at=made.created_at
                )
            )
        return made, secret

    def of(self, account_id: str) -> Sequence[Webhook]:
        """An account's, newest first."""
        query = select(webhooks.c.id, webhooks.c.url, webhooks.c.created_at)
        query = query.where(webhooks.c.account_id == account_id).order_by(webhooks.c.id.desc())
        with reading(self._engine) as connection:
            return [Webhook(*row) for row in connection.execute(query)]

    def remove(self, account_id: str, id: str) -> bool:
        """End it, with whatever it is still owed; False when the account has no such webhook."""
        which = (webhooks.c.id == id) & (webhooks.c.account_id == account_id)
        with writing(self._engine) as connection:
            return connection.execute(delete(webhooks).where(which)).rowcount == 1
