"""Reads from /proc how much a process tree without a cgroup uses, and whether it sleeps.

A process that starts and ends between two samples is missed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_DELAY_READ_NS = 100_000_000
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass(frozen=True, slots=True)
class ProcUsage:
    """CPU time and resident memory of a process tree at one moment."""

    cpu_ns: int
    memory_kb: int


def _read(path: Path) -> str:
    """The text of a file of /proc. A thread chooses its own name, which may be any bytes. Raises OSError."""
    return path.read_text(errors="replace")


def _of_threads(pid: int, name: str) -> list[Path]:
    """The path of this file for each thread of a process. Empty if the process has ended meanwhile."""
    tasks = Path(f"/proc/{pid}/task")
    try:
        return [thread / name for thread in tasks.iterdir()]
    except OSError:
        return []


def children(pid: int) -> Iterator[int]:
    """The children of all threads of a process. Empty if the process has ended meanwhile."""
    for listing in _of_threads(pid, "children"):
        try:
            yield from (int(child) for child in _read(listing).split())
        except OSError:
            continue


def _read_stat(pid: int) -> tuple[int, int]:
    """CPU ticks, including those of reaped children, and resident pages."""
    try:
        fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return sum(int(value) for value in fields[11:15]), int(fields[21])


def _pss_kb(pid: int) -> int:
    """Resident memory, in which a shared page counts once, divided among the processes that share it."""
    try:
        text = _read(Path(f"/proc/{pid}/smaps_rollup"))
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def _members(pid: int) -> Iterator[int]:
    """The process and all processes below it."""
    waiting, seen = [pid], {pid}
    while waiting:
        current = waiting.pop()
        yield current
        found = [child for child in children(current) if child not in seen]
        seen.update(found)
        waiting += found


def _read_delay(path: Path) -> int:
    """The second number of schedstat: the ns that a thread waited for a CPU. 0 if the kernel has no such
    file."""
    try:
        return int(_read(path).split()[1])
    except (OSError, IndexError):
        return 0


class RunDelay:
    """Measures how long a process tree has waited for a CPU. Read it repeatedly, since the kernel drops a
    thread's count when the thread ends."""

    def __init__(self, pid: int, started_ns: int) -> None:
        self._pid = pid
        self._read_ns = started_ns
        self._known: dict[Path, int] = {}
        self.total_ns = 0

    def read(self, now_ns: int) -> None:
        """Add the longest wait of one thread since the last reading."""
        found = {
            path: _read_delay(path)
            for member in _members(self._pid)
            for path in _of_threads(member, "schedstat")
        }
        longest = max((ns - self._known.get(path, 0) for path, ns in found.items()), default=0)
        self.total_ns += min(longest, now_ns - self._read_ns)
        self._known, self._read_ns = found, now_ns

    def is_due(self, now_ns: int) -> bool:
        """Whether it is time for the next reading."""
        return now_ns - self._read_ns > _DELAY_READ_NS


def all_asleep(pids: Iterable[int]) -> bool:
    """Whether all threads of these processes, and of those below them, sleep: none runs, or waits for a CPU
    or a disk.

    False if all processes are dead. True if /proc does not show them.
    """
    states = {
        _read_state(path) for pid in pids for member in _members(pid) for path in _of_threads(member, "stat")
    } - {""}
    return not states & {"R", "D"} and not (states and states <= {"Z", "X"})


def _read_state(path: Path) -> str:
    """The letter of a thread's state. Empty if the thread has ended meanwhile."""
    try:
        return _read(path).rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def sample_tree(pid: int, limit_kb: int) -> ProcUsage:
    """The usage of ``pid`` and all processes below it.

    The plain sum counts a shared page once for each fork. If it is above ``limit_kb``, the memory is counted
    again by PSS.
    """
    ticks = pages = 0
    members = list(_members(pid))
    for member in members:
        own_ticks, own_pages = _read_stat(member)
        ticks, pages = ticks + own_ticks, pages + own_pages
    memory_kb = pages * _PAGE_KB
    if memory_kb > limit_kb:
        memory_kb = sum(_pss_kb(member) for member in members)
    return ProcUsage(ticks * _TICK_NS, memory_kb)
