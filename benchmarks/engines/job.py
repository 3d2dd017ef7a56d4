"""The job that every engine runs. It logs its start and its end, and can kill its worker.

It uses only the standard library, because each engine runs in a Python environment of its own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(os.environ.get("ENGINES_FOLDER", "."))
JOBS = int(os.environ.get("ENGINES_JOBS", "20"))
SAFEST = os.environ.get("ENGINES_SAFEST") == "1"
REDIS_PORT = int(os.environ.get("ENGINES_PORT", "0"))
POSTGRES_URL = os.environ.get("ENGINES_POSTGRES", "")
HALF_SECONDS = 0.15
_PAUSE = 0.1
_PATIENCE = 30.0


def work(number: int) -> None:
    """Do the job. A file ``die-POINT-NUMBER`` names the job and the point at which its worker is killed,
    once."""
    log("start", number)
    _die_at("start", number)
    time.sleep(HALF_SECONDS)
    _die_at("middle", number)
    time.sleep(HALF_SECONDS)
    log("end", number)
    _die_at("end", number)


def log(event: str, number: int) -> None:
    """Append a line without a buffer, so that a killed process loses no line."""
    line = f"{event} {number} {time.time():.3f}\n".encode()
    file = os.open(FOLDER / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line)
    os.close(file)


def _die_at(point: str, number: int) -> None:
    order = FOLDER / f"die-{point}-{number}"
    with contextlib.suppress(FileNotFoundError):
        order.unlink()
        log("killed", number)
        parent = os.getppid()
        if parent != int(os.environ["ENGINES_PARENT"]):
            os.kill(parent, signal.SIGKILL)  # the parent is the worker, if the engine runs a job in a child
        os.killpg(0, signal.SIGKILL)


def produce(send: Callable[[int], object]) -> None:
    """Send all jobs, a tenth of a second apart. A client whose call fails tries again for half a minute."""
    for number in range(JOBS):
        if _send(send, number):
            log("accepted", number)
        time.sleep(_PAUSE)


def _send(send: Callable[[int], object], number: int) -> bool:
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends:
        try:
            send(number)
        except Exception as error:  # noqa: BLE001 - each engine has errors of its own
            print(f"job {number} was not taken: {error}", file=sys.stderr)
            time.sleep(0.5)
        else:
            return True
    return False
