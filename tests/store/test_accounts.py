"""Accounts, API keys and the audit log work on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from judge_api.store.accounts import AccountStore, NewAccount
from judge_api.store.audit import AuditLog
from judge_api.store.sessions import SessionStore
from judge_core.model.account import Role, Tier
from judge_core.model.errors import Conflict, NotFound


def test_a_key_works_until_it_is_revoked_or_expired(engine: Engine) -> None:
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


def test_the_keys_of_a_disabled_account_stop_working(engine: Engine) -> None:
    store = AccountStore(engine)
    ada = store.add("ada", Tier.NORMAL, Role.USER, "a hash")
    secret = store.issue_key(ada.id, "laptop")[1]
    sessions = SessionStore(engine)
    session = sessions.start(ada.id, datetime.now(UTC) + timedelta(days=1))
    assert len(store.keys(ada.id)) == 1
    assert sessions.end_all(ada.id) == 1
    assert store.by_key(session) is None
    assert store.set_tier(ada.id, Tier.PREMIUM).tier == Tier.PREMIUM
    assert store.set_role(ada.id, Role.AUTHOR).may_add_problems
    assert store.set_disabled(ada.id, True).disabled
    assert store.by_key(secret) is None
    found = store.password_hash("ada")
    assert found is not None and found[1] == "a hash"


def test_a_session_ends_with_the_key_that_opened_the_session(engine: Engine) -> None:
    now = [datetime.now(UTC)]
    keys = AccountStore(engine, clock=lambda: now[0])
    sessions = SessionStore(engine, clock=lambda: now[0])
    ada = keys.add("ada", Tier.NORMAL, Role.USER)
    expiring, revoked = (
        keys.issue_key(ada.id, "a", now[0] + timedelta(hours=1))[0],
        keys.issue_key(ada.id, "b")[0],
    )
    late = now[0] + timedelta(days=14)
    made = [sessions.start(ada.id, late, key) for key in (expiring, revoked, None)]
    assert {one.key_name for one in sessions.list(ada.id)} == {None, "b", "a"}
    assert keys.revoke_key(ada.id, revoked)
    assert [keys.by_key(secret) is not None for secret in made] == [True, False, True]
    now[0] += timedelta(hours=2)
    assert [keys.by_key(secret) is not None for secret in made] == [False, False, True]
    assert [one.key_name for one in sessions.list(ada.id)] == [None]


def test_an_account_can_end_all_its_sessions_but_the_current_session(engine: Engine) -> None:
    keys, sessions = AccountStore(engine), SessionStore(engine)
    ada, bob = (keys.add(name, Tier.NORMAL, Role.USER) for name in ("ada", "bob"))
    later = datetime.now(UTC) + timedelta(days=1)
    kept, _, of_bob = (sessions.start(one.id, later) for one in (ada, ada, bob))
    key = keys.issue_key(ada.id, "laptop")[1]
    session = keys.authenticate(kept)
    assert session is not None
    assert sessions.end_all(ada.id, keep=session.key_id) == 1
    assert [one.id for one in sessions.list(ada.id)] == [session.key_id]
    assert not sessions.end(bob.id, session.key_id)
    assert all(keys.by_key(secret) for secret in (kept, of_bob, key))


def test_account_names_are_unique_and_listed_page_by_page(engine: Engine) -> None:
    store = AccountStore(engine)
    for name in ("carol", "ada", "bob"):
        store.add(name, Tier.NORMAL, Role.USER)
    with pytest.raises(Conflict):
        store.add("ada", Tier.NORMAL, Role.USER)
    with pytest.raises(NotFound):
        store.set_tier("nobody", Tier.PREMIUM)
    assert [one.name for one in store.page(limit=2)] == ["ada", "bob"]
    assert [one.name for one in store.page("bob")] == ["carol"]


def test_the_audit_log_is_read_newest_first(engine: Engine) -> None:
    log = AuditLog(engine)
    for number in range(5):
        log.record("ada", "act", f"subject {number}", number=number)
    newest = log.page(limit=2)
    assert [one.detail for one in newest] == [{"number": 4}, {"number": 3}]
    assert [one.subject for one in log.page(newest[-1].id, 10)] == ["subject 2", "subject 1", "subject 0"]


def test_an_account_name_that_differs_only_in_capitals_is_refused(engine: Engine) -> None:
    store = AccountStore(engine)
    store.add("Ada", Tier.NORMAL, Role.ADMIN)
    for name in ("ada", "ADA", "aDa"):
        with pytest.raises(Conflict, match="'Ada' differs in capitals only"):
            store.add(name, Tier.NORMAL, Role.USER)
    store.add("ada2", Tier.NORMAL, Role.USER)


def test_many_accounts_and_their_audit_entries_are_added_together_or_not_at_all(engine: Engine) -> None:
    store, log = AccountStore(engine), AuditLog(engine)
    store.add("bob", Tier.NORMAL, Role.USER)
    with pytest.raises(Conflict):
        store.add_many([NewAccount("ada"), NewAccount("bob")], ["one", "two"], "admin")
    assert ([one.name for one in store.page()], log.page()) == (["bob"], [])
    store.add_many([NewAccount("ada", groups=("10a",)), NewAccount("carol")], ["one", "two"], "admin")
    assert [one.name for one in store.page()] == ["ada", "bob", "carol"]
    assert [(one.account, one.act, one.subject) for one in log.page()] == [
        ("admin", "account.add", "carol"),
        ("admin", "account.add", "ada"),
    ]


def test_an_import_with_two_names_that_differ_only_in_capitals_adds_no_account(engine: Engine) -> None:
    store = AccountStore(engine)
    with pytest.raises(Conflict, match="capitals"):
        store.add_many([NewAccount("Anna"), NewAccount("anna")], ["a hash", "a hash"], "admin")
    assert (store.by_name("Anna"), store.by_name("anna")) == (None, None)
