"""Invitations to sign up, each good for one account; as with keys, only a hash is kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, update

from judge_api.store.engine import writing
from judge_api.store.ids import hash_key, utc_now
from judge_api.store.tables import invitations

MARK = "gvi_"


class InvitationStore:
    """The truth about invitations. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def make(self, by: str, expires: datetime) -> str:
        """A new invitation: the only time that it is seen. ``by`` is the name of who invites."""
        secret = MARK + secrets.token_urlsafe(24)
        values = {
            "hash": hash_key(secret),
            "made_by": by,
            "created_at": self._clock(),
            "expires_at": expires,
        }
        with writing(self._engine) as connection:
            connection.execute(insert(invitations).values(values))
        return secret


def spend(connection: Connection, invitation: str, name: str, at: datetime) -> bool:
    """Use it up for this new account, inside its transaction; False when it is unknown, old or used."""
    change = (
        update(invitations)
        .where(invitations.c.hash == hash_key(invitation), invitations.c.used_at.is_(None))
        .where(invitations.c.expires_at > at)
        .values(used_at=at, used_by=name)
    )
    return connection.execute(change).rowcount == 1
