"""Stores password hashes. A new password ends the account's one-time links and its sessions, apart from a
session to keep, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from judge_api.store.account_locks import lock_account
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.one_time_links import drop_links, use_link
from judge_api.store.sessions import end_sessions
from judge_api.store.tables import accounts
from judge_core.clock import utc_now
from judge_core.model.account import LinkPurpose


class PasswordStore:
    """Reads and changes passwords. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def hash_of(self, account_id: str) -> str | None:
        """The stored hash; ``None`` for an account without a password."""
        query = select(accounts.c.password_hash).where(accounts.c.id == account_id)
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def set(self, account_id: str, password_hash: str, keep_session: str | None = None) -> int:
        """Set the password and end every session but ``keep_session``. Returns how many ended."""
        with write_transaction(self._engine) as connection:
            return self._set(connection, account_id, password_hash, keep_session)

    def reset(self, token: str, account_id: str, password_hash: str) -> bool:
        """Use up a link, set the password and end every session. False if the link was used or has
        expired."""
        with write_transaction(self._engine) as connection:
            # Lock the account first, as when a link is made. If the two transactions took their locks in
            # another order, each could wait for the other.
            lock_account(connection, account_id)
            if not use_link(connection, token, self._clock()):
                return False
            self._set(connection, account_id, password_hash, None)
            return True

    def _set(
        self, connection: Connection, account_id: str, password_hash: str, keep_session: str | None
    ) -> int:
        of_account = (accounts.c.id == account_id) & accounts.c.deleted_at.is_(None)
        connection.execute(update(accounts).where(of_account).values(password_hash=password_hash))
        for purpose in LinkPurpose:
            drop_links(connection, account_id, purpose)
        return end_sessions(connection, account_id, self._clock(), keep_session)
