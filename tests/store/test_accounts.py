"""Accounts, keys and the audit log on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from judge_api.store.accounts import SESSION_PREFIX, AccountStore
from judge_api.store.audit import AuditLog
from judge_core.model.account import Role, Tier
from judge_core.model.errors import Conflict, NotFound


def test_a_key_opens_until_it_is_revoked_or_over(engine: Engine) -> None:
    now = [datetime.now(UTC)]
    store = AccountStore(engine, clock=lambda: now[0])
    ada = store.add("ada", Tier.NORMAL, Role.USER)
    key_id, secret = store.issue_key(ada.id, "laptop", now[0] + timedelta(hours=1))
    assert store.by_key(secret) == store.get(ada.id) == store.by_name("ada")
    assert store.by_key(secret + "x") is None
    assert not store.revoke_key("somebody", key_id)
    now[0] += timedelta(hours=2)
    assert (store.by_key(secret), list(store.keys(ada.id))) == (None, [])
    other_id, other = store.issue_key(ada.id, "desk")
    assert [store.revoke_key(ada.id, other_id) for _ in range(2)] == [True, False]
    assert store.by_key(other) is None


def test_a_disabled_account_opens_nothing_and_changes_are_kept(engine: Engine) -> None:
    store = AccountStore(engine)
    ada = store.add("ada", Tier.NORMAL, Role.USER, "a hash")
    secret = store.issue_key(ada.id, "laptop")[1]
    session = store.issue_key(ada.id, "session", prefix=SESSION_PREFIX)[1]
    assert len(store.keys(ada.id)) == 1
    assert store.revoke_all(ada.id) == 1
    assert store.by_key(session) is None
    assert store.set_tier(ada.id, Tier.PREMIUM).tier is Tier.PREMIUM
    assert store.set_role(ada.id, Role.AUTHOR).may_add_problems
    assert store.set_disabled(ada.id, True).disabled
    assert store.by_key(secret) is None
    found = store.password_hash("ada")
    assert found is not None and found[1] == "a hash"


def test_names_are_taken_once_and_listed_page_by_page(engine: Engine) -> None:
    store = AccountStore(engine)
    for name in ("carol", "ada", "bob"):
        store.add(name, Tier.NORMAL, Role.USER)
    with pytest.raises(Conflict):
        store.add("ada", Tier.NORMAL, Role.USER)
    with pytest.raises(NotFound):
        store.set_tier("nobody", Tier.PREMIUM)
    assert [one.name for one in store.page(limit=2)] == ["ada", "bob"]
    assert [one.name for one in store.page("bob")] == ["carol"]


def test_acts_are_read_newest_first(engine: Engine) -> None:
    log = AuditLog(engine)
    for number in range(5):
        log.record("ada", "act", f"subject {number}", number=number)
    newest = log.page(limit=2)
    assert [one.detail for one in newest] == [{"number": 4}, {"number": 3}]
    assert [one.subject for one in log.page(newest[-1].id, 10)] == ["subject 2", "subject 1", "subject 0"]
