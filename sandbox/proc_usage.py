"""Usage of a process tree from /proc, where there is no cgroup.

A process that starts and ends between two samples is missed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass(frozen=True, slots=True)
class ProcUsage:
    """CPU time and resident memory of a process tree at one moment."""

    cpu_ns: int
    memory_kb: int


def _children(pid: int) -> Iterator[int]:
    """The children of all its threads; none when it ends meanwhile."""
    try:
        listings = list(Path(f"/proc/{pid}/task").glob("*/children"))
    except OSError:
        return
    for listing in listings:
        try:
            yield from (int(child) for child in listing.read_text().split())
        except OSError:
            continue


def _read_stat(pid: int) -> tuple[int, int]:
    """CPU ticks, of reaped children too, and resident pages."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return sum(int(value) for value in fields[11:15]), int(fields[21])


def _pss_kb(pid: int) -> int:
    """Resident memory where a shared page counts once, divided among the processes that share it."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def sample_tree(pid: int, limit_kb: int) -> ProcUsage:
    """The usage of ``pid`` and everything below it.

    The plain sum counts a shared page once for each fork; above ``limit_kb`` it is counted again by PSS.
    """
    ticks = pages = 0
    waiting, seen = [pid], {pid}
    while waiting:
        current = waiting.pop()
        own_ticks, own_pages = _read_stat(current)
        ticks, pages = ticks + own_ticks, pages + own_pages
        found = [child for child in _children(current) if child not in seen]
        seen.update(found)
        waiting += found
    memory_kb = pages * _PAGE_KB
    if memory_kb > limit_kb:
        memory_kb = sum(_pss_kb(member) for member in seen)
    return ProcUsage(ticks * _TICK_NS, memory_kb)
