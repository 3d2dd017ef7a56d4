"""Starts the real stack for browser tests by `gavel up`, or uses a running stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_SECONDS = 90
RUNNING = "GAVEL_BROWSER_DATA"
"""The data folder of a running stack, to repeat tests without a restart."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The URL of the stack, the key of each generated account, and its first processes by name."""

    url: str
    keys: dict[str, str]
    processes: dict[str, int]
    data: Path

    def current_pid(self, process: str) -> int:
        """The current process id of that name. It changes if the process is replaced."""
        return _read(self.data).processes[process]


@contextmanager
def open_stack(
    folder: Path, port: int | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """Opens a stack with these settings. Without settings, a stack that is already running may be used."""
    if not settings and (running := os.environ.get(RUNNING)):
        yield _read(Path(running))
        return
    log = folder / "up.log"
    with log.open("wb") as out:
        command = [
            sys.executable,
            "-m",
            "judge_api",
            "up",
            "--port",
            str(port or 0),
            "--data",
            str(folder / "data"),
        ]
        env = {**os.environ, **(settings or {})}
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=env)
    try:
        yield _wait(folder / "data", process, log)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(data: Path, process: subprocess.Popen[bytes], log: Path) -> Stack:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"gavel up ended: {log.read_text()[-2000:]}")
        if (data / "credentials.json").exists() and _is_ready(stack := _read(data)):
            return stack
        time.sleep(0.1)
    raise AssertionError(f"not ready after {READY_SECONDS} s: {log.read_text()[-2000:]}")


def _is_ready(stack: Stack) -> bool:
    try:
        with urllib.request.urlopen(f"{stack.url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _read(data: Path) -> Stack:
    known = json.loads((data / "credentials.json").read_text())
    keys = {name: account["key"] for name, account in known["accounts"].items()}
    return Stack(known["url"], keys, known["processes"], data)
