"""Personal data with a retention period: network addresses, and entries of the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CursorResult, Engine, Update, delete, func, select, update

from judge_api.store.engine import write_transaction
from judge_api.store.tables import api_keys, audit, event_member_accounts, events

_BATCH = 500


class KeptTraces:
    """Erases in small batches, so that other writers do not wait. Any number of processes may erase at once.
    Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def erase_addresses(self, before: datetime) -> int:
        """Erase the addresses of sessions and keys that were last used before this moment, and of members of
        events that have ended before it. Returns how many were erased."""
        old_keys = (
            select(api_keys.c.id)
            .where(api_keys.c.address.is_not(None))
            .where(func.coalesce(api_keys.c.last_used_at, api_keys.c.created_at) < before)
            .limit(_BATCH)
        )
        ended = select(events.c.id).where(
            func.coalesce(events.c.closes_at, events.c.ends_at) < before, events.c.paused_at.is_(None)
        )
        old_members = (
            select(event_member_accounts.c.member_id)
            .where(event_member_accounts.c.address.is_not(None), event_member_accounts.c.event_id.in_(ended))
            .limit(_BATCH)
        )
        of_keys = update(api_keys).where(api_keys.c.id.in_(old_keys))
        of_members = update(event_member_accounts).where(event_member_accounts.c.member_id.in_(old_members))
        return self._erase(of_keys.values(address=None)) + self._erase(of_members.values(address=None))

    def _erase(self, erasing: Update) -> int:
        count = 0
        while True:
            with write_transaction(self._engine) as connection:
                erased = connection.execute(erasing).rowcount
            if not erased:
                return count
            count += erased

    def delete_audit(self, before: datetime) -> int:
        """Delete the entries of the audit log that were made before this moment. Returns their number."""
        old = select(audit.c.id).where(audit.c.at < before).order_by(audit.c.id).limit(_BATCH)
        count = 0
        while True:
            with write_transaction(self._engine) as connection:
                found: CursorResult[object] = connection.execute(delete(audit).where(audit.c.id.in_(old)))
            if not found.rowcount:
                return count
            count += found.rowcount
