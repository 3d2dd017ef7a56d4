"""The settings limit PostgreSQL's connections, and the time for a lock, a statement and a connection."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from judge_api.settings import Settings
from judge_api.store.engine import DatabaseLimits, open_engine, read_connection, write_transaction
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_core.model.errors import StoreUnavailable
from tests.support.records import add_account, new_submission

WIDE = DatabaseLimits(connections=2, wait_seconds=60, statement_seconds=60, lock_seconds=60)
"""Two connections, and times that no test reaches. Each test lowers the time that it tests."""


def test_the_database_limits_are_read_from_the_settings() -> None:
    env = {"GAVEL_DATABASE_CONNECTIONS": "7", "GAVEL_DATABASE_LOCK_SECONDS": "0.5"}
    assert Settings.from_env(env).database_limits == DatabaseLimits(connections=7, lock_seconds=0.5)


def test_a_process_holds_no_more_database_connections_than_its_limit(postgres_url: str) -> None:
    engine = open_engine(postgres_url, replace(WIDE, wait_seconds=0.3))
    with (
        read_connection(engine),
        read_connection(engine),
        pytest.raises(StoreUnavailable),
        read_connection(engine),
    ):
        pass
    with read_connection(engine) as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def test_a_database_statement_is_ended_at_its_time_limit(postgres_url: str) -> None:
    engine = open_engine(postgres_url, replace(WIDE, statement_seconds=0.3))
    with pytest.raises(StoreUnavailable, match="statement timeout"), read_connection(engine) as connection:
        connection.execute(text("SELECT pg_sleep(30)"))
    engine.dispose()


def test_a_transaction_fails_if_a_lock_is_not_free_within_the_limit(postgres_url: str) -> None:
    engine = open_engine(postgres_url, replace(WIDE, lock_seconds=0.3))
    with write_transaction(engine) as holder:
        holder.execute(text("SELECT pg_advisory_xact_lock(4711)"))
        with pytest.raises(StoreUnavailable, match="lock timeout"), write_transaction(engine) as other:
            other.execute(text("SELECT pg_advisory_xact_lock(4711)"))
    engine.dispose()


def test_relays_that_claim_at_the_same_time_get_different_rows(engine: Engine) -> None:
    """Eight relays claim at once. Each row goes to a single relay."""
    account = add_account(engine, name="skipper")
    store, outbox = SubmissionStore(engine), Outbox(engine)
    ids = {store.accept(new_submission(account), send_now=False).status.id for _ in range(64)}
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: outbox.claim(8, f"relay {n}", 30.0), range(8)))
    found = [row.id for claim in claims for row in claim]
    assert len(found) == len(set(found))
    assert set(found) == ids
