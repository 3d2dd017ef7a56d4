"""The audit log: the acts of operators, authors and juries, and what accounts did to themselves. Entries are
deleted after ``GAVEL_LOG_DAYS``. An entry changes only if an account is deleted: the name becomes anonymous,
and entries about the account lose their details."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, RowMapping, insert, or_, select

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_each
from judge_api.store.tables import audit
from judge_core.clock import utc_now

_ON_ACCOUNTS = (
    "account.%",
    "password.%",
    "session.%",
    "key.%",
    "email.%",
    "second-factor.%",
    "identity.%",
)
"""Acts whose object is an account."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act: ``account`` is the name of the acting account, ``subject`` the object of the act."""

    id: int
    at: datetime
    account: str | None
    act: str
    subject: str | None
    detail: dict[str, Any] | None


class AuditLog:
    """Appends and reads entries. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def record(self, account: str | None, act: str, subject: str | None = None, **detail: object) -> None:
        """Append one act; ``detail`` must be JSON and hold no secret."""
        with write_transaction(self._engine) as connection:
            connection.execute(insert(audit).values(audit_row(self._clock(), account, act, subject, detail)))

    def latest(self, act: str) -> AuditEntry | None:
        """The last entry of this act."""
        query = select(audit).where(audit.c.act == act).order_by(audit.c.id.desc()).limit(1)
        with read_connection(self._engine) as connection:
            return next(iter(read_each(connection, query, _entry)), None)

    def since(self, moment: datetime, acts: Collection[str], limit: int = 200) -> list[AuditEntry]:
        """The latest entries of these acts since ``moment``, oldest first."""
        query = (
            select(audit)
            .where(audit.c.at >= moment, audit.c.act.in_(acts))
            .order_by(audit.c.id.desc())
            .limit(limit)
        )
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _entry)[::-1]

    def of(self, account: str) -> list[AuditEntry]:
        """The entries that an account made or that name it as their object, oldest first."""
        names = or_(audit.c.account == account, has_as_subject(account))
        with read_connection(self._engine) as connection:
            return read_each(connection, select(audit).where(names).order_by(audit.c.id), _entry)

    def page(self, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
        """A page of entries, newest first; ``before`` is the id of the last entry of the page before."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _entry)


def has_as_subject(account: str) -> ColumnElement[bool]:
    """Selects the entries whose object is this account, by its name. A problem or an event may have the same
    name."""
    return (audit.c.subject == account) & or_(*(audit.c.act.like(acts) for acts in _ON_ACCOUNTS))


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(**{name: row[name] for name in AuditEntry.__slots__})


def audit_row(
    at: datetime, account: str | None, act: str, subject: str | None, detail: dict[str, Any]
) -> dict[str, Any]:
    """A row of the audit log, for a transaction that has more to write."""
    return {"at": at, "account": account, "act": act, "subject": subject, "detail": detail or None}
