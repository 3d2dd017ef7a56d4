"""Addresses, entries of the audit log and rotated log files are erased after their periods."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update

from judge_api.dispatch.trace_eraser import RetentionPeriods, TraceEraser
from judge_api.events.rules import EventRules, Joining, Visibility
from judge_api.events.windows import EventTimes
from judge_api.store.accounts import AccountStore
from judge_api.store.audit import AuditLog
from judge_api.store.events import EventStore, NewMember, StoredEvent
from judge_api.store.kept_traces import KeptTraces
from judge_api.store.tables import api_keys, audit, event_member_accounts, new_id
from judge_core.clock import Clock
from tests.support.records import add_account

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _eraser(engine: Engine, folder: Path, addresses: int = 30, logs: int = 60) -> TraceEraser:
    return TraceEraser(KeptTraces(engine), RetentionPeriods(addresses, logs), folder, Clock(now=lambda: NOW))


def _key_used(engine: Engine, account: str, days: int) -> str:
    key = AccountStore(engine).issue_key(account, f"{days} days")[0]
    with engine.begin() as connection:
        used = update(api_keys).where(api_keys.c.id == key)
        connection.execute(used.values(address="192.0.2.7", last_used_at=NOW - days * DAY))
    return key


def _member_of_event(engine: Engine, account: str, ended: int) -> str:
    times = EventTimes(NOW - (ended + 1) * DAY, NOW - ended * DAY)
    event = StoredEvent(
        id=new_id(),
        slug=f"ended-{ended}",
        title="x",
        description="",
        times=times,
        rules=EventRules(one_address=True),
        visibility=Visibility.MEMBERS,
        joining=Joining.CLOSED,
        password_hash=None,
        created_by=account,
    )
    events = EventStore(engine)
    events.add(event)
    events.add_members(event.id, [NewMember("one", (account,))])
    events.bind_address(event.id, account, "192.0.2.7")
    return event.id


def test_addresses_are_erased_30_days_after_their_last_use_or_the_event(
    engine: Engine, tmp_path: Path
) -> None:
    account = add_account(engine)
    old, fresh = _key_used(engine, account, 31), _key_used(engine, account, 29)
    over, recent = _member_of_event(engine, account, 31), _member_of_event(engine, account, 29)
    _eraser(engine, tmp_path).erase_once()
    with engine.connect() as connection:
        keys = {row.id: row.address for row in connection.execute(select(api_keys))}
        members = {row.event_id: row.address for row in connection.execute(select(event_member_accounts))}
    assert (keys[old], keys[fresh]) == (None, "192.0.2.7")
    assert (members[over], members[recent]) == (None, "192.0.2.7")


def test_entries_of_the_audit_log_are_deleted_after_60_days(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        rows = [{"at": NOW - days * DAY, "act": f"{days}"} for days in (61, *([70] * 600), 59)]
        connection.execute(insert(audit), rows)
    _eraser(engine, tmp_path).erase_once()
    assert [each.act for each in AuditLog(engine).page()] == ["59"]


def test_old_rotated_log_files_are_deleted_and_current_files_stay(engine: Engine, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name, days in (("api.old.log", 61), ("redis.old.log", 59), ("api.log", 61)):
        file = logs / name
        file.write_text("x")
        changed = (NOW - days * DAY).timestamp()
        os.utime(file, (changed, changed))
    _eraser(engine, logs).erase_once()
    assert sorted(file.name for file in logs.iterdir()) == ["api.log", "redis.old.log"]


@pytest.mark.parametrize("folder", ["logs", "none"])
def test_with_a_period_of_0_an_address_is_not_erased(engine: Engine, tmp_path: Path, folder: str) -> None:
    account = add_account(engine)
    key = _key_used(engine, account, 10_000)
    _eraser(engine, tmp_path / folder, 0, 0).erase_once()
    with engine.connect() as connection:
        query = select(api_keys.c.address).where(api_keys.c.id == key)
        assert connection.execute(query).scalar_one() == "192.0.2.7"
