"""Counters for where there is no cgroup: add up what a process and its descendants show in /proc.

Honest only as far as it goes: what is born and dies between two looks is not seen.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """CPU time and resident memory of a tree of processes at one moment."""

    cpu_ns: int
    memory_kb: int


def _children(pid: int) -> Iterator[int]:
    """The processes that any thread of it started; whoever ends while we look has none."""
    try:
        listings = list(Path(f"/proc/{pid}/task").glob("*/children"))
    except OSError:
        return
    for listing in listings:
        try:
            yield from (int(child) for child in listing.read_text().split())
        except OSError:
            continue


def _read(pid: int) -> tuple[int, int]:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return sum(int(value) for value in fields[11:15]), int(fields[21])


def _own_share_kb(pid: int) -> int:
    """Resident memory with what is shared divided among its sharers."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def sample_tree(pid: int, suspicious_kb: int) -> Sample:
    """Everything below ``pid``, and itself.

    Summed up naively, forks count what they share once each; above ``suspicious_kb`` it is counted with care.
    """
    ticks = pages = 0
    waiting, seen = [pid], {pid}
    while waiting:
        current = waiting.pop()
        own_ticks, own_pages = _read(current)
        ticks, pages = ticks + own_ticks, pages + own_pages
        found = [child for child in _children(current) if child not in seen]
        seen.update(found)
        waiting += found
    memory_kb = pages * _PAGE_KB
    if memory_kb > suspicious_kb:
        memory_kb = sum(_own_share_kb(member) for member in seen)
    return Sample(ticks * _TICK_NS, memory_kb)
