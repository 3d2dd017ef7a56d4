"""Invitations to sign up. Each can be used for one account. Only a hash is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, update

from judge_api.store.engine import write_transaction
from judge_api.store.secret_tokens import INVITATION_PREFIX, hash_secret, new_secret
from judge_api.store.tables import invitations
from judge_core.clock import utc_now


class InvitationStore:
    """Stores invitations. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def create(self, by: str, expires: datetime) -> str:
        """Add an invitation. Returns its secret, which is shown only now. ``by`` is the name of the inviting
        account."""
        secret = new_secret(INVITATION_PREFIX)
        values = {
            "hash": hash_secret(secret),
            "made_by": by,
            "created_at": self._clock(),
            "expires_at": expires,
        }
        with write_transaction(self._engine) as connection:
            connection.execute(insert(invitations).values(values))
        return secret


def use_invitation(connection: Connection, invitation: str, name: str, at: datetime) -> bool:
    """Use an invitation for a new account, in the transaction that adds the account. False if the invitation
    is unknown, expired or used."""
    change = (
        update(invitations)
        .where(invitations.c.hash == hash_secret(invitation), invitations.c.used_at.is_(None))
        .where(invitations.c.expires_at > at)
        .values(used_at=at, used_by=name)
    )
    return connection.execute(change).rowcount == 1
