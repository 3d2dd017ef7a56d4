"""Favourites of accounts, on both databases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from judge_api.store.accounts import AccountStore, NewAccount
from judge_api.store.favorites import FavoriteStore
from judge_core.clock import utc_now_ms


def test_a_problem_that_two_requests_mark_at_once_is_marked_once(engine: Engine) -> None:
    AccountStore(engine).add_many([NewAccount("ada")], ["a hash"], "admin")
    account = AccountStore(engine).by_name("ada")
    assert account is not None

    def mark_meanwhile() -> datetime:
        """The other request comes between the look and the write. SQLite lets no other write then."""
        if engine.dialect.name == "postgresql":
            FavoriteStore(engine).add(account.id, "sum")
        return utc_now_ms()

    FavoriteStore(engine, mark_meanwhile).add(account.id, "sum")
    assert FavoriteStore(engine).of(account.id) == ["sum"]
