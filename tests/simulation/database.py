"""The simulated database, which is SQLite in memory. Its schema is migrated once and copied for each seed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine

from judge_api.store.engine import open_engine
from judge_api.store.migrate import migrate
from tests.simulation.kernel import Kernel

_WATCHED = {"submissions": "id", "outbox": "submission_id", "event_submissions": "submission_id"}
_NOTE = (
    "CREATE TRIGGER note_{table}_{act} AFTER {act} ON {table} BEGIN SELECT note_change({row}.{column}); END"
)


@dataclass
class DatabaseFaults:
    """How the database behaves now.

    A full database can be read, but not written. In a slow database each use waits up to ``slow``
    seconds. ``lost_commits`` and ``lost_answers`` are the probabilities for one commit, from 0 to 1. A
    lost commit is rolled back. If the answer is lost, the transaction is committed but its writer gets an
    error, as when a connection to PostgreSQL breaks at that moment.
    """

    is_away: bool = False
    is_full: bool = False
    slow: float = 0.0
    lost_commits: float = 0.0
    lost_answers: float = 0.0


class _KeptConnection:
    """One connection for all processes. There is no pool, because it would take a tenth of a run's time."""

    def __init__(self, connection: Connection, raw: sqlite3.Connection) -> None:
        self._connection, self._raw = connection, raw

    def __enter__(self) -> Connection:
        return self._connection

    def __exit__(self, *_error: object) -> None:
        self._connection.rollback()
        if self._raw.in_transaction:  # the commit has failed, but for SQLAlchemy it succeeded
            self._raw.rollback()


@dataclass
class SimulatedDatabase:
    """The database of all runs of a process. It is kept because its engine caches compiled statements.

    ``changed`` has the submissions whose rows were written since it was last cleared. Triggers note them,
    so that the promises are checked for these rows only.
    """

    engine: Engine = field(init=False)
    raw: sqlite3.Connection = field(init=False)
    faults: DatabaseFaults = field(default_factory=DatabaseFaults)
    changed: set[str] = field(default_factory=set)
    slow_at: float = float("-inf")
    _template: bytes = b""
    _connect: Callable[[], Any] = field(init=False)
    _commit: Callable[[Any], None] = field(init=False)
    _kernel: Kernel | None = None
    _after_commit: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        # One connection is enough: an actor never gives up control inside a transaction, so transactions do
        # not overlap.
        self.engine = open_engine("sqlite://").execution_options(writer_lock=None)
        migrate(self.engine)
        with self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert isinstance(raw, sqlite3.Connection)
            self.raw = raw
        self._watch()
        self._template = self.raw.serialize()
        self._connect, self._commit = self.engine.connect, self.engine.dialect.do_commit
        self.engine.connect = self._connect_in_time
        self.engine.dialect.do_commit = self._commit_in_time

    def _watch(self) -> None:
        self.raw.create_function("note_change", 1, lambda id: self.changed.add(str(id)))
        for table, column in _WATCHED.items():
            for act, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                self.raw.execute(_NOTE.format(table=table, act=act, row=row, column=column))

    def begin(self, kernel: Kernel | None, after_commit: Callable[[], None]) -> None:
        """Begin the next run with empty tables. ``after_commit`` is called directly after each
        transaction."""
        self.raw.deserialize(self._template)
        self.faults, self.slow_at = DatabaseFaults(), float("-inf")
        self.changed.clear()
        self._after_commit = after_commit
        self.join(kernel)

    def join(self, kernel: Kernel | None) -> None:
        """Let the faults happen to the processes of this kernel. Without a kernel there are no faults."""
        self._kernel = kernel

    def _connect_in_time(self) -> Any:
        kernel = self._kernel
        if kernel is None:
            return self._connect()
        kernel.touch()
        if self.faults.slow and kernel.process is not None:
            self.slow_at = kernel.seconds
            kernel.sleep(kernel.random.uniform(0.0, self.faults.slow))
        if self.faults.is_away and kernel.process is not None:
            raise sqlite3.OperationalError("database is locked")
        return self._kept

    @cached_property
    def _kept(self) -> _KeptConnection:
        return _KeptConnection(self._connect(), self.raw)

    def _commit_in_time(self, connection: Any) -> None:
        kernel, faults = self._kernel, self.faults
        if kernel is None or kernel.process is None:
            self._commit(connection)
            return
        writes = self.raw.in_transaction
        if writes and faults.is_full:
            raise sqlite3.OperationalError("database or disk is full")
        if writes and kernel.random.random() < faults.lost_commits:
            raise sqlite3.OperationalError("disk I/O error")
        self._commit(connection)
        if writes:
            self._after_commit()
            if kernel.random.random() < faults.lost_answers:
                raise sqlite3.OperationalError("the connection was closed")
