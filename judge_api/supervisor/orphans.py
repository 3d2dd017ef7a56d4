"""Ends the processes that a killed `gavel up` has left, and removes the cgroups of its sandbox slots.

Nearly all processes end by their parent-death signal. If the next start is quick, some have not ended yet.
Some never end: a stopped process, and the child of a process that was killed together with `gavel up`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from judge_api.supervisor import CannotStart
from judge_api.supervisor.console import Console
from judge_api.supervisor.data_folder import DataFolder, write_private
from judge_api.supervisor.process_specs import OWNER_VARIABLE

ORPHAN_END_SECONDS = 10.0
_CLEAN_UP_SECONDS = 60.0
_REDIS = "redis"
_START_TIME_FIELD = 19  # The index in /proc/PID/stat, counted after the command's closing bracket.
_STATE_FIELD = 0


@dataclass(frozen=True, slots=True)
class RecordedProcess:
    """A started process. Its pid and its start time together identify it, since the kernel uses pids
    again."""

    name: str
    pid: int
    born: int

    @property
    def is_running(self) -> bool:
        return start_time(self.pid) == self.born


def start_time(pid: int) -> int | None:
    """The kernel's start time of a running process. ``None`` if it is gone or a zombie.

    The first thread of a killed process may be a zombie while its other threads still run. Such a process
    counts as running, since it still has its sockets and locks.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")  # A name may be any bytes.
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    has_ended = fields[_STATE_FIELD] in "ZX" and not _other_threads(pid)
    return None if has_ended else int(fields[_START_TIME_FIELD])


def _other_threads(pid: int) -> list[Path]:
    """The folders of all threads of a process except the first."""
    try:
        return [path for path in Path(f"/proc/{pid}/task").iterdir() if path.name != str(pid)]
    except OSError:
        return []


def clean_up_after_death(folder: DataFolder, console: Console) -> None:
    """End the processes, and remove the cgroups, that an earlier run on this data folder has left. The caller
    must hold the folder's lock, so that they belong to no running `gavel up`. Raises CannotStart if a process
    does not end."""
    orphans = find_orphans(folder)
    if not orphans and not _read_records(folder.processes_file):
        return
    console.progress(
        "gavel", f"the last run was killed; it left {len(orphans)} processes, which are ended now"
    )
    end_orphans(orphans)
    remove_abandoned_cgroups()


def remove_abandoned_cgroups() -> None:
    """Remove the cgroups of workers that were killed. A child process does this, since this process does not
    import the sandbox. If a cgroup cannot be removed now, the next worker on its slot removes it."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        command = (sys.executable, "-P", "-m", "sandbox", "--remove-abandoned")
        subprocess.run(command, capture_output=True, timeout=_CLEAN_UP_SECONDS, check=False)


def record_processes(path: Path, processes: Mapping[str, int]) -> None:
    """Store the list of running processes for :func:`find_orphans` of a later start."""
    recorded = [
        {"name": name, "pid": pid, "born": born}
        for name, pid in processes.items()
        if (born := start_time(pid)) is not None
    ]
    write_private(path, json.dumps(recorded, allow_nan=False) + "\n")


def find_orphans(folder: DataFolder) -> list[RecordedProcess]:
    """The processes of an earlier run on this folder that still run: the recorded ones, and processes that
    they started."""
    recorded = [process for process in _read_records(folder.processes_file) if process.is_running]
    known = {process.pid for process in recorded}
    return [*recorded, *(process for process in _marked_processes(folder) if process.pid not in known)]


def _read_records(path: Path) -> list[RecordedProcess]:
    try:
        return [RecordedProcess(**entry) for entry in json.loads(path.read_text())]
    except (OSError, ValueError, TypeError, RecursionError):
        return []


def _marked_processes(folder: DataFolder) -> Iterable[RecordedProcess]:
    """The processes of this user whose environment names this data folder."""
    mark = f"{OWNER_VARIABLE}={folder.root}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        program = _marked_program(entry, mark)
        if program is None:  # A zombie thread has no environment, so another thread's is read.
            found = (_marked_program(thread, mark) for thread in _other_threads(pid))
            program = next((each for each in found if each is not None), None)
        born = start_time(pid) if program is not None else None
        if program is not None and born is not None:
            yield RecordedProcess(_REDIS if program.startswith("redis-server") else program, pid, born)


def _marked_program(folder: Path, mark: bytes) -> str | None:
    """The name of the program, if its environment has the mark. ``folder`` is the folder of a process or
    thread in /proc."""
    try:
        is_marked = mark in (folder / "environ").read_bytes().split(b"\0")
        return (folder / "exe").readlink().name if is_marked else None
    except OSError:
        return None


def end_orphans(orphans: Iterable[RecordedProcess]) -> None:
    """Kill these processes and wait until they are gone. Redis gets SIGTERM first, so that it closes its
    append-only log. Raises CannotStart if a process does not end."""
    remaining = list(orphans)
    for process in remaining:
        _signal(process, signal.SIGTERM if process.name == _REDIS else signal.SIGKILL)
        _signal(process, signal.SIGCONT)
    if not _are_gone(remaining):
        for process in remaining:
            _signal(process, signal.SIGKILL)
        if not _are_gone(remaining):
            left = [process for process in remaining if process.is_running]
            names = ", ".join(f"{process.name} (process {process.pid})" for process in left)
            raise CannotStart(f"processes of an earlier run do not end: {names}. End them and start again.")


def _are_gone(processes: Iterable[RecordedProcess]) -> bool:
    """Wait until all processes are gone. False if one still runs after ``ORPHAN_END_SECONDS``."""
    deadline = time.monotonic() + ORPHAN_END_SECONDS
    while any(process.is_running for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _signal(process: RecordedProcess, number: signal.Signals) -> None:
    """Send a signal to a process and its group, or only to the process if it does not lead a group."""
    if not process.is_running:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
