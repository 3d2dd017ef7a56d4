"""Opens the database, and gives connections to read and transactions to write, within the time of a request.

SQLite's pragmas, its way to begin a write, and PostgreSQL's timeouts are here. Both run nearly the same
statements. A module whose statements differ, for example because only PostgreSQL needs a lock, looks at
``dialect.name``.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any, NoReturn

import gevent
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    PendingRollbackError,
    ResourceClosedError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from judge_api.store.compiled_statements import BY_CORE
from judge_api.store.reading import (
    CONTENT_ERRORS,
    UNFIT_ERRORS,
    UnreadableText,
    describe,
    is_unreadable,
)
from judge_core.logging import ThrottledWarning, get_logger
from judge_core.model.errors import (
    FieldFault,
    GavelError,
    StoreUnavailable,
    UnreadableRecord,
    UnstorableValue,
)

_logger = get_logger(__name__)
_unreadable = ThrottledWarning(_logger, "A record of the database cannot be read")
_RECORD_UNREADABLE = (
    "a record that this request needs cannot be read: ask an operator. The log has the reason"
)
_UNSTORABLE = "cannot be stored: it has a character such as NUL, or a size, that the database does not accept"
_BUSY_MS = 5_000
_SHORT_POLLS, _SHORT_POLL_SECONDS, _MAX_POLL_SECONDS = 100, 0.0003, 0.01
_AWAY = (
    OperationalError,
    InterfaceError,
    InternalError,
    PoolTimeout,
    PendingRollbackError,
    ResourceClosedError,
)
"""Errors of a database that fails for some time. The same request succeeds once the database works again.
PostgreSQL raises ``InternalError`` when it is read-only, in an aborted transaction, and after a session was
idle for too long."""
_NO_LIMIT = nullcontext()
_ODD = (ValueError, LookupError)
"""Errors inside a write that come from an unreadable row. Other errors come from a value to be written: they
are faults of the code."""
_OUTDATED_STATES = ("0A000", "26000")
"""PostgreSQL's states for a prepared statement that does not fit the tables any more, or is gone. The next
execution prepares a statement that fits."""
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={_BUSY_MS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-16000",
)


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """Limits of one process. It holds at most ``connections`` connections. A caller that needs a further one
    waits up to ``wait_seconds``. All processes together must stay below the server's ``max_connections``."""

    connections: int = 20
    wait_seconds: float = 5.0
    statement_seconds: float = 15.0
    lock_seconds: float = 5.0


class TimeBudgetSpent(gevent.Timeout):  # type: ignore[misc]
    """The request has no time left for the database.

    It is a ``BaseException``, because SQLAlchemy then closes the connection, which is in the middle of a
    statement.
    """


class TimeBudget:
    """The seconds that one request may still spend on the database, over all its statements and all waiting.

    Each limit of ``DatabaseLimits`` is for one step. A request takes several steps, and the sum of their
    limits is longer than a client waits for an answer. ``TimeBudgetSpent`` is raised inside a ``with`` block
    once the seconds are used up. Successive blocks share the seconds; a block inside another block counts
    once. Only gevent can interrupt a block: in a plain thread the block goes on.
    """

    __slots__ = ("_began", "_depth", "_left", "_timeout")

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._depth = 0

    def __enter__(self) -> None:
        if not self._depth:
            # Raise now: a timeout in the middle of a statement would close a connection of the pool.
            if self._left <= 0.0:
                raise TimeBudgetSpent
            self._began = time.monotonic()
            self._timeout = TimeBudgetSpent(self._left)
            self._timeout.start()
        self._depth += 1

    def __exit__(self, *_error: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._timeout.close()
            self._left -= time.monotonic() - self._began


_current: ContextVar[TimeBudget | None] = ContextVar("database_time_budget", default=None)


def current_budget() -> TimeBudget | None:
    """The budget of the request that runs now; ``None`` without a limit."""
    return _current.get()


@contextmanager
def within_time_budget(seconds: float) -> Iterator[None]:
    """Limit the time that the block and all that it calls may spend on the database."""
    token = _current.set(TimeBudget(seconds))
    try:
        yield
    finally:
        _current.reset(token)


def open_engine(url: str, limits: DatabaseLimits | None = None, compiled_statements: bool = True) -> Engine:
    """An engine for ``sqlite:///…`` or ``postgresql://…``; it connects on first use.

    ``limits`` apply to PostgreSQL only. For SQLite the wait for its lock is limited by ``_BUSY_MS``. Without
    ``compiled_statements`` Core executes the frequent statements too.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _open_sqlite(url)
    elif parsed.get_backend_name() == "postgresql":
        engine = _open_postgres(url, limits or DatabaseLimits())
    else:
        raise ValueError(
            f"GAVEL_DATABASE_URL: {parsed.drivername!r} is not known; use sqlite:/// or postgresql://"
        )
    return engine if compiled_statements else engine.execution_options(**{BY_CORE: True})


def _open_sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000},
        execution_options={"writer_lock": threading.Lock()},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "handle_error", _set_unreadable_apart)
    return engine


def _set_unreadable_apart(context: ExceptionContext) -> None:
    """Raise ``UnreadableText`` for one unreadable value, so that it does not count as an unreachable
    database."""
    if is_unreadable(context.original_exception):
        raise UnreadableText(str(context.original_exception)) from context.original_exception


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN would come too late to take the write lock; see _begin_immediate.
    connection.isolation_level = None
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_immediate(connection: Connection, durable: bool) -> None:
    """Take the write lock before the first statement, and wait until it is free. Each transaction sets again
    whether its commit is synced to the disk.

    A transaction that begins deferred and writes later can fail with SQLITE_BUSY without waiting. SQLite's
    own waiting also sleeps inside C, where gevent cannot serve other requests.
    """
    raw: Any = connection.connection.dbapi_connection
    raw.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    raw.execute("PRAGMA busy_timeout=0")
    try:
        if not _poll_for_write_lock(raw):
            # This raises the error, which is translated like any other.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout={_BUSY_MS}")


def _poll_for_write_lock(raw: Any) -> bool:
    """Begin to write as soon as the other writer is done. False if that takes too long, or cannot succeed.

    It polls often at first. SQLite's own waiting polls after 1, 3, 8 and 18 ms. So a POST could wait several
    milliseconds longer than the write of a verdict takes.
    """
    ends = time.monotonic() + _BUSY_MS / 1000
    for pause in _poll_intervals():
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                return False
            time.sleep(pause)
        else:
            return True
    return False


def _poll_intervals() -> Iterator[float]:
    yield from repeat(_SHORT_POLL_SECONDS, _SHORT_POLLS)
    pause = _SHORT_POLL_SECONDS
    while True:
        yield pause
        pause = min(pause * 1.5, _MAX_POLL_SECONDS)


def _open_postgres(url: str, limits: DatabaseLimits) -> Engine:
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(
        parsed,
        pool_size=limits.connections,
        max_overflow=0,
        pool_timeout=limits.wait_seconds,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 3,
            "options": _postgres_options(limits),
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
        },
    )
    event.listen(engine, "handle_error", _set_unreadable_apart)
    return engine


def _postgres_options(limits: DatabaseLimits) -> str:
    statement, lock = int(limits.statement_seconds * 1000), int(limits.lock_seconds * 1000)
    return f"-c statement_timeout={statement} -c lock_timeout={lock} -c timezone=UTC"


@contextmanager
def write_transaction(engine: Engine, durable: bool = True) -> Iterator[Connection]:
    """A transaction for writes, which are stored all or not at all. Raises ``StoreUnavailable``,
    ``UnstorableValue`` and ``UnreadableRecord``.

    Without ``durable``, SQLite does not wait for the disk. A power cut may then undo these writes, but only
    together with all that was written after them: the next durable commit makes them durable too. Use it
    for writes that are repeated after a power cut anyway. PostgreSQL always waits.
    """
    with (
        _translated_errors(engine, _ODD),
        _writer_lock(engine),
        engine.connect() as connection,
        connection.begin(),
    ):
        if engine.dialect.name == "sqlite":
            _begin_immediate(connection, durable)
        yield connection


@contextmanager
def _writer_lock(engine: Engine) -> Iterator[None]:
    """Let the writers of one process wait for each other, because SQLite has one writer at a time. So only
    one of them polls for the database's lock, and one connection with its cache serves all writers."""
    lock: threading.Lock | None = engine.get_execution_options().get("writer_lock")
    if lock is None:
        yield
        return
    if not lock.acquire(timeout=_BUSY_MS / 1000):
        raise StoreUnavailable(f"the database does not answer: other requests have written for {_BUSY_MS} ms")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def read_connection(engine: Engine) -> Iterator[Connection]:
    """A connection for reads, in which each statement is its own transaction.

    Raises ``StoreUnavailable``, ``UnstorableValue`` and ``UnreadableRecord``. Parse the rows inside the
    block: only then does a row that cannot be read raise ``UnreadableRecord``.
    """
    with _translated_errors(engine, CONTENT_ERRORS), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


@contextmanager
def _translated_errors(engine: Engine, odd: tuple[type[Exception], ...]) -> Iterator[None]:
    """Raise ``StoreUnavailable`` for a temporary error, and when the request's time is up. Other errors
    become ``UnstorableValue`` or ``UnreadableRecord``, if a value is the cause."""
    try:
        with current_budget() or _NO_LIMIT:
            yield
    except _AWAY as error:
        raise StoreUnavailable(f"the database does not answer: {_cause(error)}") from error
    except TimeBudgetSpent as spent:
        raise StoreUnavailable("the database did not answer in the time that a request has") from spent
    except (StatementError, *UNFIT_ERRORS) as error:
        _raise_translated(error)
    except GavelError:
        raise
    except odd as error:
        raise unreadable_record(error) from error
    # The driver raised it while a connection was being opened.
    except engine.dialect.loaded_dbapi.Error as error:
        raise StoreUnavailable(f"the database cannot be reached: {_cause(error)}") from error


def unreadable_record(error: Exception) -> UnreadableRecord:
    """The error for a caller that needs a record that cannot be read. The cause is logged."""
    _unreadable.log(describe(error))
    return UnreadableRecord(_RECORD_UNREADABLE)


def _raise_translated(error: Exception) -> NoReturn:
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _is_passing(error.orig)):
        raise StoreUnavailable(f"the database closed the connection: {_cause(error)}") from error
    if _is_of_an_interruption(error):
        raise StoreUnavailable("the database did not answer in the time that a request has") from error
    if not _is_unfit(error):
        raise error
    _logger.warning("The database cannot store a value", reason=_cause(error))
    raise UnstorableValue(FieldFault("value", _UNSTORABLE)) from error


def _is_of_an_interruption(error: BaseException | None) -> bool:
    """Whether the request's time was up, and another error came when the connection was put back in the
    middle of a statement."""
    while error is not None:
        if isinstance(error, TimeBudgetSpent):
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_passing(cause: object) -> bool:
    """Whether the driver's error comes from a damaged or busy SQLite file, or from an outdated statement."""
    return type(cause) is sqlite3.DatabaseError or getattr(cause, "sqlstate", None) in _OUTDATED_STATES


def _is_unfit(error: Exception) -> bool:
    return isinstance(error, (DataError, *UNFIT_ERRORS)) or isinstance(
        getattr(error, "orig", None), UNFIT_ERRORS
    )


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().split("\n")[0]
