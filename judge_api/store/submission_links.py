"""Public links by which the owners of submissions show them to others. A submission has at most one link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from judge_api.store.account_locks import lock_account
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.secret_tokens import SHARE_PREFIX, new_secret
from judge_api.store.tables import accounts, submission_links
from judge_core.clock import utc_now_ms


@dataclass(frozen=True, slots=True)
class SubmissionLink:
    submission_id: str
    token: str
    made_at: datetime


_COLUMNS = tuple(submission_links.c[name] for name in ("submission_id", "token", "made_at"))


class SubmissionLinkStore:
    """Stores links. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now_ms) -> None:
        self._engine = engine
        self._clock = clock

    def of(self, submission: str) -> SubmissionLink | None:
        with read_connection(self._engine) as connection:
            return _link_of(connection, submission)

    def of_account(self, account_id: str) -> list[SubmissionLink]:
        """The links that an account has made, the oldest first."""
        query = select(*_COLUMNS).where(submission_links.c.account_id == account_id)
        with read_connection(self._engine) as connection:
            rows = connection.execute(query.order_by(submission_links.c.made_at)).mappings()
            return [SubmissionLink(**row) for row in rows]

    def make(self, submission: str, account_id: str) -> SubmissionLink:
        """The link of a submission. It is made if the submission has none. Raises ``NotFound`` if the account
        was deleted."""
        row = {
            "submission_id": submission,
            "account_id": account_id,
            "token": new_secret(SHARE_PREFIX),
            "made_at": self._clock(),
        }
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            # Two requests may make the link at the same moment.
            insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            connection.execute(insert(submission_links).values(**row).on_conflict_do_nothing())
            made = _link_of(connection, submission)
        assert made is not None
        return made

    def revoke(self, submission: str) -> bool:
        """Delete the link of a submission. Returns whether there was one."""
        of_this = submission_links.c.submission_id == submission
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(submission_links).where(of_this)).rowcount == 1

    def find(self, token: str) -> str | None:
        """The submission that a link opens. ``None`` if the link was revoked, or if the account that made it
        is disabled."""
        query = (
            select(submission_links.c.submission_id)
            .join(accounts, accounts.c.id == submission_links.c.account_id)
            .where(submission_links.c.token == token, accounts.c.disabled.is_(False))
        )
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()


def _link_of(connection: Connection, submission: str) -> SubmissionLink | None:
    query = select(*_COLUMNS).where(submission_links.c.submission_id == submission)
    row = connection.execute(query).mappings().first()
    return SubmissionLink(**row) if row else None
