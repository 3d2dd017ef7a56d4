"""One door to the database: opens it, brings its schema up to date, and names its failures.

SQLite and PostgreSQL run the same statements. What differs stands here and nowhere else: SQLite's
pragmas, its way to begin a write, and PostgreSQL's timeouts.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from judge_core.logging import get_logger
from judge_core.model.errors import FieldFault, StoreUnavailable, Unstorable

_logger = get_logger(__name__)
_BUSY_MS = 5_000
_GLANCES, _GLANCE_SECONDS, _LONGEST_PAUSE_SECONDS = 100, 0.0003, 0.01
_UNFIT = (UnicodeEncodeError, OverflowError)
"""What drivers raise themselves for a value that they cannot write."""
_MIGRATION_LOCK = 0x67617665
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={_BUSY_MS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-16000",
)


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """``connections`` is the most that one process holds; whoever wants one more waits ``wait_seconds``.

    All processes together must stay below the server's ``max_connections``.
    """

    connections: int = 20
    wait_seconds: float = 5.0
    statement_seconds: float = 15.0
    lock_seconds: float = 5.0


def open_engine(url: str, limits: DatabaseLimits | None = None) -> Engine:
    """An engine for ``sqlite:///…`` or ``postgresql://…``; connects on first use, not here.

    ``limits`` are for PostgreSQL; SQLite waits for its lock and has no server to hold back.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgres(url, limits or DatabaseLimits())
    raise ValueError(
        f"GAVEL_DATABASE_URL: {parsed.drivername!r} is not known; use sqlite:/// or postgresql://"
    )


def _open_sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000},
        execution_options={"turn": threading.Lock()},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN would come too late to take the write lock; see _begin_to_write.
    connection.isolation_level = None
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_to_write(connection: Connection) -> None:
    """Say first that this will write, and wait until it may.

    SQLite's deferred BEGIN that later writes can fail with SQLITE_BUSY without waiting. And its own waiting
    sleeps inside C, where nobody else of the process is served meanwhile.
    """
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        if not _glance_for_the_write_lock(raw):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails by the name that failures have here
    finally:
        raw.execute(f"PRAGMA busy_timeout={_BUSY_MS}")


def _glance_for_the_write_lock(raw: Any) -> bool:
    """Begin to write as soon as the other writer is done; False when it takes too long, or never will.

    Looks often at first: SQLite's own waiting looks after 1, 3, 8, 18 ms, and a commit here takes two. It
    would sleep through most of the time in which the lock is free, and a POST that met another's verdict
    would be 5 ms late.
    """
    ends = time.monotonic() + _BUSY_MS / 1000
    for pause in _pauses():
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                return False
            time.sleep(pause)
        else:
            return True
    return False


def _pauses() -> Iterator[float]:
    yield from repeat(_GLANCE_SECONDS, _GLANCES)
    pause = _GLANCE_SECONDS
    while True:
        yield pause
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)


def _open_postgres(url: str, limits: DatabaseLimits) -> Engine:
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(
        parsed,
        pool_size=limits.connections,
        max_overflow=0,
        pool_timeout=limits.wait_seconds,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 3,
            "options": _postgres_options(limits),
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
        },
    )


def _postgres_options(limits: DatabaseLimits) -> str:
    statement, lock = int(limits.statement_seconds * 1000), int(limits.lock_seconds * 1000)
    return f"-c statement_timeout={statement} -c lock_timeout={lock} -c timezone=UTC"


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: all of it or nothing. Raises ``StoreUnavailable``, and ``Unstorable``."""
    with _named_failures(), _turn(engine), engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            _begin_to_write(connection)
        yield connection


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """SQLite has one writer at a time. Those of one process wait for each other here, in order, so that only
    the first of them looks for the lock, and one connection with its cache does for them all."""
    turn: threading.Lock | None = engine.get_execution_options().get("turn")
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=_BUSY_MS / 1000):
        raise StoreUnavailable(f"the database does not answer: others have written for {_BUSY_MS} ms")
    try:
        yield
    finally:
        turn.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for reads, each statement on its own. Raises ``StoreUnavailable``, and ``Unstorable``."""
    with _named_failures(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise StoreUnavailable(f"the database does not answer: {_cause(error)}") from error
    except (StatementError, *_UNFIT) as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise StoreUnavailable(f"the database hung up: {_cause(error)}") from error
        if not _is_unfit(error):
            raise
        _logger.warning("The database cannot keep a value", error=_cause(error))
        raise Unstorable(FieldFault("value", f"cannot be kept by the database: {_cause(error)}")) from error


def _is_unfit(error: Exception) -> bool:
    return isinstance(error, (DataError, *_UNFIT)) or isinstance(getattr(error, "orig", None), _UNFIT)


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().split("\n")[0]


def migrate(engine: Engine) -> None:
    """Bring the schema to this release's version; safe when several processes start at once.

    A schema of a later release is left as it is: its migrations only add, so that a process of this release
    can still be started beside later ones while they take over.
    """
    while _migrate_further(engine):
        pass


def _migrate_further(engine: Engine) -> bool:
    """By one revision, in a transaction of its own: what one of them locks is not locked while the next makes
    its indexes. An empty database takes all at once."""
    with _migrating(engine) as config:
        if not _is_known(config):
            _logger.warning("The database is of a later release; its schema is left as it is")
            return False
        now = _present(config)
        missing = list(ScriptDirectory.from_config(config).iterate_revisions("head", now or "base"))
        if missing:
            command.upgrade(config, missing[-1].revision if now else "head")
        return now is not None and len(missing) > 1


def roll_back(engine: Engine, revision: str) -> None:
    """Take the schema back to an earlier revision, with what only later ones can keep. Raises
    ``UnknownRevision``."""
    with _migrating(engine) as config:
        try:
            command.downgrade(config, revision)
        except CommandError as error:
            raise UnknownRevision(str(error)) from error


def schema_revisions(engine: Engine) -> list[tuple[str, str, bool]]:
    """Every revision that this release knows, the oldest first: its name, what it brought, if it is there."""
    with _migrating(engine) as config:
        script = ScriptDirectory.from_config(config)
        now = _present(config)
        known = list(script.walk_revisions())
        there = {one.revision for one in script.iterate_revisions(now, "base")} if now else set()
    return [(one.revision, one.doc or "", one.revision in there) for one in reversed(known)]


class UnknownRevision(Exception):
    """No such revision of the schema, or one that cannot be reached."""


@contextmanager
def _migrating(engine: Engine) -> Iterator[Config]:
    """Alembic on one connection, in one transaction, one process at a time."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # a large table takes its time
        config.attributes["connection"] = connection
        yield config


def _present(config: Config) -> str | None:
    return MigrationContext.configure(config.attributes["connection"]).get_current_revision()


def _is_known(config: Config) -> bool:
    known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
    return _present(config) in known | {None}
