"""Starts a stack of Gavel for one benchmark, as an operator would, and ends it by pid."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import redis
import requests

TREE = Path(__file__).resolve().parent.parent
READY_SECONDS = 180.0
IDLE_SHARE = 0.9


class StackFailed(Exception):
    """The stack did not start, or it cannot be measured. The message has the reason or the end of a log."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack: its URL, the API keys of its accounts, and its data folder."""

    url: str
    keys: dict[str, str]
    data: Path

    @property
    def processes(self) -> dict[str, int]:
        """The pid of each process by name. It is read again each time, because a replaced process has another
        pid."""
        return dict(json.loads((self.data / "credentials.json").read_text())["processes"])

    def session(self, tier: str = "normal") -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {self.keys[tier]}"
        return session

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.data / "redis.sock"))

    def cpu_seconds(self) -> dict[str, float]:
        """The CPU seconds of each process by name, user and system, with those of its ended children."""
        return {name: sum(map(_cpu_seconds, _serving(name, pid))) for name, pid in self.processes.items()}

    def tree_cpu_seconds(self) -> dict[str, float]:
        """Like :meth:`cpu_seconds`, but with all descendants of each process, such as a worker's launcher and
        its boxes."""
        return {name: sum(map(_cpu_seconds, tree_of(pid))) for name, pid in self.processes.items()}

    def waited_ms(self, submissions: Sequence[str]) -> list[float]:
        """The time from acceptance to the start of judging, as the workers reported it. It is finer than the
        times that clients see."""
        marks = ", ".join("?" * len(submissions))
        query = "SELECT json_extract(timings, '$.waited_ms') FROM attempts"
        with closing(sqlite3.connect(self.data / "gavel.db")) as store:
            found = store.execute(f"{query} WHERE submission_id IN ({marks})", submissions).fetchall()
        return [float(waited) for (waited,) in found]

    def count_rows(self, query: str) -> int:
        """The first number that a query of the SQLite database returns."""
        with closing(sqlite3.connect(self.data / "gavel.db")) as store:
            return int(store.execute(query).fetchone()[0])

    def resident_mb(self) -> dict[str, float]:
        return {name: sum(map(_resident_mb, _serving(name, pid))) for name, pid in self.processes.items()}


@contextmanager
def started(
    workers: str = "normal=1,premium=1",
    settings: dict[str, str] | None = None,
    tree: Path = TREE,
    python: str = sys.executable,
) -> Iterator[Stack]:
    """Runs a new stack of the release in ``tree`` during the block, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as folder:
        data = Path(folder) / "data"
        log = Path(folder) / "up.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                _up(python, data, workers), stdout=out, stderr=out, env=_environment(settings), cwd=tree
            )
        try:
            yield _await(process, data, log)
        finally:
            _end(process)


def await_idle(seconds: float = 90.0) -> None:
    """Wait until the machine has little to do. After its first submissions a worker still builds headers and
    class archives in the background."""
    deadline, seen = time.monotonic() + seconds, _ticks()
    while time.monotonic() < deadline:
        time.sleep(2.0)
        before, seen = seen, _ticks()
        if seen[0] - before[0] > IDLE_SHARE * (seen[1] - before[1]):
            return


def _ticks() -> tuple[int, int]:
    """The idle ticks of all processors together, and all their ticks, both since boot."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return fields[3] + fields[4], sum(fields)


def _up(python: str, data: Path, workers: str) -> list[str]:
    return [python, "-m", "judge_api", "up", "--port", "0", "--data", str(data), "--workers", workers]


def _environment(settings: dict[str, str] | None) -> dict[str, str]:
    return {**os.environ, "GAVEL_MAX_UNFINISHED": "1000000", **(settings or {})}


def _await(process: subprocess.Popen[bytes], data: Path, log: Path) -> Stack:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        stack = _peek(data)
        if stack is not None and _is_ready(stack.url):
            return stack
        time.sleep(0.1)
    raise StackFailed(log.read_text()[-2000:])


def _peek(data: Path) -> Stack | None:
    try:
        known = json.loads((data / "credentials.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return Stack(known["url"], {use: account["key"] for use, account in known["accounts"].items()}, data)


def _is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _serving(name: str, pid: int) -> list[int]:
    """The processes that do the work. For the API these are gunicorn's arbiter and its children. The children
    of other processes are left out, because a worker's are submissions."""
    if name != "api":
        return [pid]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def tree_of(pid: int) -> Iterator[int]:
    """The process and all its descendants that are alive now."""
    yield pid
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from tree_of(int(child))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / 100.0


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
