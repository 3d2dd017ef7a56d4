"""The simulated database: SQLite in memory, whose schema is migrated once and copied for each seed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from judge_api.store.engine import open_engine
from judge_api.store.migrate import migrate
from tests.simulation.kernel import Kernel


@dataclass
class DatabaseFaults:
    """How the database behaves now. The rates are chances of one commit, from 0 to 1.

    After ``lost_commits`` the transaction is rolled back; after ``lost_answers`` it is done, and its writer
    does not learn it, as when a connection to PostgreSQL breaks at that moment.
    """

    is_away: bool = False
    lost_commits: float = 0.0
    lost_answers: float = 0.0


@dataclass
class SimulatedDatabase:
    """One for all runs of a process: its engine keeps the statements that it has compiled."""

    engine: Engine = field(init=False)
    raw: sqlite3.Connection = field(init=False)
    faults: DatabaseFaults = field(default_factory=DatabaseFaults)
    _template: bytes = b""
    _connect: Callable[[], Any] = field(init=False)
    _commit: Callable[[Any], None] = field(init=False)
    _kernel: Kernel | None = None
    _after_commit: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        # One connection: an actor never gives up control inside a transaction, so they never overlap.
        self.engine = open_engine("sqlite://").execution_options(writer_lock=None)
        migrate(self.engine)
        with self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert isinstance(raw, sqlite3.Connection)
            self.raw = raw
        self._template = self.raw.serialize()
        self._connect, self._commit = self.engine.connect, self.engine.dialect.do_commit
        self.engine.connect = self._connect_in_time
        self.engine.dialect.do_commit = self._commit_in_time

    def begin(self, kernel: Kernel, after_commit: Callable[[], None]) -> None:
        """Empty tables for the next run. ``after_commit`` is called at once after each transaction."""
        self.raw.deserialize(self._template)
        self.faults = DatabaseFaults()
        self._kernel, self._after_commit = kernel, after_commit

    def _connect_in_time(self) -> Any:
        kernel = self._kernel
        if kernel is not None:
            kernel.touch()
            if self.faults.is_away and kernel.process is not None:
                raise sqlite3.OperationalError("database is locked")
        return self._connect()

    def _commit_in_time(self, connection: Any) -> None:
        kernel, faults = self._kernel, self.faults
        if kernel is None or kernel.process is None:
            self._commit(connection)
            return
        writes = self.raw.in_transaction
        if writes and kernel.random.random() < faults.lost_commits:
            raise sqlite3.OperationalError("disk I/O error")
        self._commit(connection)
        if writes:
            self._after_commit()
            if kernel.random.random() < faults.lost_answers:
                raise sqlite3.OperationalError("the connection was closed")
