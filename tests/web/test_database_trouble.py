"""While the database fails, answers are 503 with ``Retry-After``, in time, and never 500."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from judge_api.store.engine import (
    TimeBudgetSpent,
    open_engine,
    read_connection,
    within_time_budget,
    write_transaction,
)
from judge_core.model.errors import StoreUnavailable
from tests.support.postgres import OwnPostgres, own_postgres
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import SUM, AppFixture, build_app
from tests.web.served import Served, end, serve

ANSWER_SECONDS = 20.0
"""On a quiet machine an answer takes less than 5 s. A wait without a limit would take the whole test."""
PASSING_STATES = (
    "08006",  # connection failure
    "0A000",  # the result type of a cached plan has changed
    "25006",  # the transaction is read-only
    "25P03",  # the session was idle in a transaction for too long
    "26000",  # a prepared statement does not exist any more
    "40001",  # serialization failure
    "40P01",  # deadlock
    "53100",  # disk full
    "53200",  # out of memory
    "53300",  # too many connections
    "55P03",  # lock not available
    "57014",  # cancelled, or a timeout
    "57P01",  # shut down by the operator
    "58030",  # I/O error
    "XX000",  # an internal error
)


@pytest.fixture(scope="module")
def postgres(shared_folder: Path) -> Iterator[OwnPostgres]:
    folder = shared_folder / "troubled"
    folder.mkdir()
    with own_postgres(folder) as server:
        yield server


@pytest.fixture(scope="module")
def served(postgres: OwnPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    redis = RedisServer(tmp_path_factory.mktemp("redis"))
    redis.start()
    url = postgres.url
    app = build_app(tmp_path_factory.mktemp("data"), redis, GAVEL_DATABASE_URL=url)
    running = serve(app, tmp_path_factory.mktemp("log") / "api.log", GAVEL_DATABASE_URL=url)
    yield running
    end(running)
    app.services.status_subscriptions.close()
    app.services.engine.dispose()
    redis.stop()


@contextmanager
def raise_state(server: OwnPostgres, state: str) -> Iterator[None]:
    """Lets the insertion of every new submission fail with this SQLSTATE, during the block."""
    function = f"BEGIN RAISE EXCEPTION 'made for a test' USING ERRCODE = '{state}'; END"
    _run(server, f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $${function}$$")
    _run(server, "CREATE TRIGGER fail BEFORE INSERT ON submissions EXECUTE FUNCTION fail()")
    try:
        yield
    finally:
        _run(server, "DROP FUNCTION fail() CASCADE")


@contextmanager
def too_many_connections(server: OwnPostgres) -> Iterator[None]:
    _run(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    engine = create_engine(server.driver_url, pool_size=200)
    held = []
    with pytest.raises(Exception, match=r"too many clients|reserved"):
        while True:
            held.append(engine.connect())
    try:
        yield
    finally:
        for connection in held:
            connection.close()
        engine.dispose()


@contextmanager
def read_only(server: OwnPostgres) -> Iterator[None]:
    _run(server, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    _await(server, "SHOW default_transaction_read_only", "on")
    try:
        yield
    finally:
        _run(server, "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
        _await(server, "SHOW default_transaction_read_only", "off")


@contextmanager
def restarted(server: OwnPostgres) -> Iterator[None]:
    server.crash()
    try:
        yield
    finally:
        server.start()


@contextmanager
def locked(server: OwnPostgres) -> Iterator[None]:
    with _holding(server, "LOCK TABLE submissions, outbox, accounts"):
        yield


@contextmanager
def slow(server: OwnPostgres, seconds: str) -> Iterator[None]:
    function = f"BEGIN PERFORM pg_sleep({seconds}); RETURN NEW; END"
    _run(server, f"CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $${function}$$")
    for table in ("submissions", "outbox"):
        _run(server, f"CREATE TRIGGER wait BEFORE INSERT ON {table} EXECUTE FUNCTION wait()")
    _run(server, "CREATE TRIGGER later BEFORE UPDATE ON submissions EXECUTE FUNCTION wait()")
    try:
        yield
    finally:
        _run(server, "DROP FUNCTION wait() CASCADE")


TROUBLES = (too_many_connections, read_only, restarted, locked)


@pytest.mark.parametrize("state", PASSING_STATES)
def test_a_temporary_database_error_gets_503_with_retry_after(
    served: Served, postgres: OwnPostgres, state: str
) -> None:
    with raise_state(postgres, state):
        _check_refusal(_post(served))
    _check_recovery(served)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_post_during_database_trouble_is_refused_in_time_and_accepted_later(
    served: Served,
    postgres: OwnPostgres,
    trouble: Callable[[OwnPostgres], AbstractContextManager[None]],
) -> None:
    with trouble(postgres):
        for answer in _post_many(served, 8):
            _check_refusal(answer)
    _check_recovery(served)


@pytest.mark.slow_on("each")
@pytest.mark.parametrize(("seconds", "number"), [("2", 8), ("random()", 16)], ids=["each", "some"])
def test_a_request_to_a_slow_database_is_answered_within_the_time_limit(
    served: Served, postgres: OwnPostgres, seconds: str, number: int
) -> None:
    """If some writes are slow, the time of a request can run out in any statement, even in a statement of the
    pool."""
    with slow(postgres, seconds):
        answers = _post_many(served, number)
    assert {answer.status_code for answer in answers} <= {202, 503}
    assert max(answer.elapsed.total_seconds() for answer in answers) < ANSWER_SECONDS
    _check_recovery(served)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/judge0/submissions", {"source_code": SUM, "language_id": 71}),
        ("/runs", {"source": SUM, "language": "python3"}),
        ("/me/keys", {"name": "k"}),
    ],
)
def test_each_api_says_when_to_try_again_while_the_database_fails(
    served: Served, postgres: OwnPostgres, path: str, body: dict[str, object]
) -> None:
    with read_only(postgres):
        headers = served.app.headers() | {"X-Auth-Token": served.app.accounts["ada"].key}
        answer = requests.post(f"{served.url}{path}", json=body, headers=headers, timeout=30)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2"), answer.text


@pytest.mark.slow
def test_requests_that_wait_for_a_locked_sqlite_database_are_answered_in_time(
    app: AppFixture, tmp_path: Any
) -> None:
    running = serve(app, tmp_path / "api.log")
    try:
        with _held_sqlite(app.services.engine):
            answers = _post_many(running, 4)
        for answer in answers:
            _check_refusal(answer)
        assert _post(running).status_code == 202
    finally:
        end(running)


def test_a_time_budget_allows_several_uses_of_the_database(engine: Engine) -> None:
    with within_time_budget(60.0):
        for _ in range(3):
            with read_connection(engine) as connection, write_transaction(engine):
                connection.execute(text("SELECT 1"))


@pytest.mark.parametrize("use", [read_connection, write_transaction])
def test_a_request_without_time_left_gets_no_database_connection(
    engine: Engine, use: Callable[[Engine], AbstractContextManager[Connection]]
) -> None:
    with (
        within_time_budget(0.0),
        pytest.raises(StoreUnavailable, match="time that a request has"),
        use(engine),
    ):
        raise AssertionError("it got a connection")
    with use(engine) as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_an_interrupted_driver_is_reported_as_an_unavailable_database(engine: Engine) -> None:
    """psycopg raises this error if the time runs out while the pool checks whether a connection still
    works."""
    with pytest.raises(StoreUnavailable, match="time that a request has"), read_connection(engine):
        try:
            try:
                raise TimeBudgetSpent
            except TimeBudgetSpent:
                raise RuntimeError("can't change 'autocommit' now: transaction status ACTIVE") from None
        except RuntimeError as met:
            raise ProgrammingError("SELECT 1", {}, met) from met


def test_a_damaged_sqlite_file_is_reported_as_an_unavailable_database(tmp_path: Any) -> None:
    (tmp_path / "gavel.db").write_bytes(b"this is no database" * 300)
    engine = open_engine(f"sqlite:///{tmp_path}/gavel.db")
    with pytest.raises(StoreUnavailable), read_connection(engine) as connection:
        connection.execute(text("SELECT 1"))


def _post(served: Served) -> requests.Response:
    body = {"problem": "aplusb", "language": "python3", "source": SUM}
    return requests.post(f"{served.url}/submissions", json=body, headers=served.app.headers(), timeout=60)


def _post_many(served: Served, number: int) -> list[requests.Response]:
    answers: list[requests.Response] = []
    clients = [threading.Thread(target=lambda: answers.append(_post(served))) for _ in range(number)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return answers


def _check_refusal(answer: requests.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["Retry-After"] == "2"
    assert answer.json()["type"] == "/errors/store-unavailable"
    assert answer.elapsed.total_seconds() < ANSWER_SECONDS


def _check_recovery(served: Served) -> None:
    """Wait until the same server accepts a submission again, which it does when it has replaced the bad
    connections."""
    deadline = time.monotonic() + 60
    while (answer := _post(served)).status_code != 202:
        assert answer.status_code == 503, answer.text
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.1)


def _run(server: OwnPostgres, *statements: str) -> None:
    """Run these statements as the superuser, for whom PostgreSQL reserves some connections."""
    engine = create_engine(server.driver_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET default_transaction_read_only = off"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _await(server: OwnPostgres, question: str, answer: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        engine = create_engine(server.driver_url)
        with engine.connect() as connection:
            found = connection.execute(text(question)).scalar_one()
        engine.dispose()
        if found == answer:
            return
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def _holding(server: OwnPostgres, statement: str) -> Iterator[None]:
    engine = create_engine(server.driver_url)
    with engine.connect() as connection, connection.begin():
        connection.execute(text(statement))
        yield
    engine.dispose()


@contextmanager
def _held_sqlite(engine: Engine) -> Iterator[None]:
    with write_transaction(engine):
        yield
