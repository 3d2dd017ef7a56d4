"""Starts, kills and restarts the stack of a chaos run, and finds its processes by its data folder."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests
from redis import Redis

from tests.chaos.checks import processes_naming
from tests.chaos.database import Database
from tests.chaos.shims import ShiftedClocks, UnsyncedWrites
from tests.support.ports import free_port

_READY_SECONDS = 300.0
_UPLOAD_SECONDS = 300
"""A first start and an upload render statements at a low priority. On a machine that is busy with several
stacks, each took more than a minute."""
PROGRAMS = {
    "AC": ("python3", "print(sum(map(int, input().split())))"),
    "AC, compiled": (
        "cpp20",
        '#include <cstdio>\nint main(){long long a,b;scanf("%lld%lld",&a,&b);printf("%lld",a+b);}',
    ),
    "WA": ("python3", "print(-1)"),
    "RTE": ("python3", "raise SystemExit(3)"),
    "CE": ("cpp20", "int main() { return nothing; }"),
}


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack: its data folder, from which its processes can be found at any time."""

    data: Path
    database: Database
    problems: list[str] = field(default_factory=lambda: ["aplusb"])
    """The problems that the clients post to; all of them ask for a + b."""
    workers: str = "normal=1,premium=1"
    preload: Mapping[str, str] = field(default_factory=dict)
    """The variables of the shims that the processes are preloaded with."""
    clocks: ShiftedClocks | None = None
    unsynced: UnsyncedWrites | None = None
    notes: dict[str, str] = field(default_factory=dict)
    """Notes of a fault for the results."""
    port: int = field(default_factory=free_port)
    supervisors: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """The processes of `gavel up`, in the order of their start. Only the last one can be running."""

    @property
    def processes(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.data / "credentials.json").read_text())["processes"]
        return found

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def add_problem(self, slug: str) -> None:
        """Upload the sample problem under another name, so that no worker has fetched its package yet."""
        credentials = json.loads((self.data / "credentials.json").read_text())
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree("problems/aplusb", Path(folder) / slug)
            archive = shutil.make_archive(f"{folder}/package", "zip", folder, slug)
            headers = {"Authorization": f"Bearer {credentials['accounts']['admin']['key']}"}
            with Path(archive).open("rb") as package:
                url = f"{self.url}/admin/problems"
                answer = requests.post(
                    url, files={"package": package}, headers=headers, timeout=_UPLOAD_SECONDS
                )
        if answer.status_code not in (200, 201):
            raise OSError(f"the problem was not taken: {answer.status_code} {answer.text[:300]}")

    def redis(self) -> Redis:
        return Redis.from_url(f"unix://{self.data}/redis.sock", socket_timeout=2)

    def start(self) -> None:
        """Start `gavel up` on this stack's port, and wait until it is ready."""
        environment = os.environ | {
            "GAVEL_MAX_UNFINISHED": "5000",
            "GAVEL_DATABASE_URL": self.database.url,
            "GAVEL_LANGUAGES": ",".join(sorted({language for language, _ in PROGRAMS.values()})),
        }
        command = [
            sys.executable,
            "-m",
            "tests.chaos.up",
            "up",
            "--port",
            str(self.port),
            "--workers",
            self.workers,
            "--data",
            str(self.data),
        ]
        with (self.data.parent / "up.log").open("a") as log:
            started = subprocess.Popen(command, env={**environment, **self.preload}, stdout=log, stderr=log)
        self.supervisors.append(started)
        self._await_ready(started)

    def _await_ready(self, started: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and started.poll() is None:
            try:
                body = json.loads((self.data / "credentials.json").read_text())
                is_of_this_start = body.get("supervisor") == started.pid
                if is_of_this_start and requests.get(f"{body['url']}/readyz", timeout=5).status_code == 200:
                    return
            except (OSError, ValueError):
                pass
            time.sleep(0.2)
        raise TimeoutError(
            f"the stack did not become ready; exit status {started.poll()}; {self._last_lines()}"
        )

    def _last_lines(self) -> str:
        """The end of the log of `gavel up`."""
        log = self.data.parent / "up.log"
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 2000))
            return file.read().decode(errors="replace")

    def stop(self) -> None:
        """End `gavel up` and the processes that it has started."""
        supervisor = self.supervisors[-1]
        supervisor.send_signal(signal.SIGTERM)
        try:
            supervisor.wait(60)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait()

    def kill_everything(self) -> None:
        """Kill all processes by SIGKILL. They are stopped first, so that no process can start a new one."""
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in self._all_pids():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        self.supervisors[-1].wait(20)

    def _all_pids(self) -> list[int]:
        """The processes of this stack. Their environment or command names the data folder."""
        return [int(found) for found in processes_naming(self.data)]

    def signal(self, name: str, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.processes[name], number)

    def any_worker(self, rng: random.Random) -> str:
        return rng.choice(sorted(name for name in self.processes if name.startswith("worker")))


@contextlib.contextmanager
def stack_up(stack: Stack) -> Iterator[Stack]:
    """Runs the stack during the block."""
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
