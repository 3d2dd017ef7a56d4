"""Who did what to whom: acts of operators and of accounts upon themselves, written and never changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select

from judge_api.store.accounts import utc_now
from judge_api.store.engine import reading, writing
from judge_api.store.tables import audit


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act: ``account`` is the name of who acted, ``subject`` what it was done to."""

    id: int
    at: datetime
    account: str | None
    act: str
    subject: str | None
    detail: dict[str, Any] | None


class AuditLog:
    """Append and read. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def note(self, account: str | None, act: str, subject: str | None = None, **detail: object) -> None:
        """Write one act; ``detail`` holds what JSON can hold, never a secret."""
        values = {
            "at": self._clock(),
            "account": account,
            "act": act,
            "subject": subject,
            "detail": detail or None,
        }
        with writing(self._engine) as connection:
            connection.execute(insert(audit).values(values))

    def page(self, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
        """Newest first; ``before`` is the id of the last entry of the page before."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return [AuditEntry(**{name: row[name] for name in AuditEntry.__slots__}) for row in rows]
