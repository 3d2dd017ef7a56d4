"""What a killed `gavel up` may have left running, and how the next start ends it.

The kernel's leash ends nearly everything; this is for the moment when the next start is quicker, and
for what does not die at once. A process counts as ours only if its number *and* its start time are the
ones we wrote down: process numbers are used again.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from judge_api.supervisor.data_folder import write_private
from judge_api.supervisor.errors import CannotStart

PATIENCE_SECONDS = 10.0
START_TIME_FIELD = 19  # of /proc/PID/stat, counted after the command's closing bracket
STATE_FIELD = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """A process of ours, recognisable later."""

    name: str
    pid: int
    born: int


def born(pid: int) -> int | None:
    """The kernel's start time of a living process; ``None`` when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[STATE_FIELD] in "ZX" else int(fields[START_TIME_FIELD])


def note(path: Path, processes: Mapping[str, int]) -> None:
    """Write down who runs now, for a later start."""
    sightings = [
        {"name": name, "pid": pid, "born": when}
        for name, pid in processes.items()
        if (when := born(pid)) is not None
    ]
    write_private(path, json.dumps(sightings) + "\n")


def living(path: Path) -> list[Sighting]:
    """Those written down that still live."""
    try:
        noted = [Sighting(**entry) for entry in json.loads(path.read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    return [s for s in noted if born(s.pid) == s.born]


def end(left: Iterable[Sighting]) -> None:
    """End them and wait until they are gone. Redis is asked politely so that it closes its log."""
    remaining = list(left)
    for sighting in remaining:
        _send(sighting, signal.SIGTERM if sighting.name == "redis" else signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while remaining and time.monotonic() < deadline:
        time.sleep(0.02)
        remaining = [s for s in remaining if born(s.pid) == s.born]
    for sighting in remaining:
        _send(sighting, signal.SIGKILL)
    if any(born(s.pid) == s.born for s in remaining if s.name != "redis"):
        names = ", ".join(f"{s.name} (process {s.pid})" for s in remaining)
        raise CannotStart(f"processes of an earlier run do not end: {names}. End them and start again.")


def _send(sighting: Sighting, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(sighting.pid, number)
