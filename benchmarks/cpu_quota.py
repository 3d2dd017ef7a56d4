"""Gives processes a CPU quota by cgroups, so that a machine of few cores can stand for a machine of many
cores.

A quota bounds the CPU time that a process gets, whatever else runs: rates under small quotas hardly depend on
other load, as long as the sum of all quotas is well below the machine's cores.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stack import StackFailed, tree_of

_PERIOD_US = 20_000
"""The period is short, so a process that has used up its quota waits only for milliseconds."""
_MOST_SHARES_V1, _MOST_WEIGHT_V2 = 262_144, 10_000
_V1, _V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Usage:
    """The CPU seconds that a group has used, and the seconds for which it had to wait for its quota."""

    cpu: float
    throttled: float

    def __sub__(self, earlier: Usage) -> Usage:
        return Usage(self.cpu - earlier.cpu, self.throttled - earlier.throttled)


class QuotaGroup:
    """One cgroup with a CPU quota."""

    def __init__(self, folder: Path, cores: float) -> None:
        self._folder = folder
        self.cores = cores
        folder.mkdir(parents=True)
        _prefer(folder)
        quota = int(cores * _PERIOD_US)
        if _is_v1():
            (folder / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (folder / "cpu.max").write_text(f"{quota} {_PERIOD_US}")
        self._left: dict[int, float] = {}

    def add(self, pid: int) -> None:
        """Move a process and all its descendants into this group. What they start later is in the group
        too."""
        for each in tree_of(pid):
            self.add_alone(each)

    def add_alone(self, pid: int) -> None:
        """Move one process into this group, without its descendants."""
        with suppress(ProcessLookupError):
            (self._folder / "cgroup.procs").write_text(str(pid))

    def usage(self) -> Usage:
        """The CPU time of all processes that were ever in this group, and how long they were throttled."""
        numbers = dict(line.split() for line in (self._folder / "cpu.stat").read_text().splitlines())
        if _is_v1():
            return Usage(self._cpu_of_members(), int(numbers["throttled_time"]) / 1e9)
        return Usage(int(numbers["usage_usec"]) / 1e6, int(numbers["throttled_usec"]) / 1e6)

    def _cpu_of_members(self) -> float:
        """cgroup v1 counts CPU time in another hierarchy. So the CPU times of the members and of their ended
        children are added up."""
        for pid in map(int, (self._folder / "cgroup.procs").read_text().split()):
            with suppress(FileNotFoundError, ProcessLookupError):
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                self._left[pid] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        return sum(self._left.values())

    def remove(self) -> None:
        """Move the processes that are left into the group above, and remove this group."""
        for _ in range(100):
            for pid in (self._folder / "cgroup.procs").read_text().split():
                with suppress(OSError):
                    (self._folder.parent / "cgroup.procs").write_text(pid)
            try:
                self._folder.rmdir()
            except OSError:
                time.sleep(0.05)
            else:
                return


@contextmanager
def quota_groups() -> Iterator[QuotaGroups]:
    """Yields groups, and removes them at the end. Raises ``StackFailed`` if cgroups cannot be made."""
    groups = QuotaGroups()
    try:
        yield groups
    finally:
        groups.remove()


class QuotaGroups:
    """The groups of one benchmark, below a folder of its own."""

    def __init__(self) -> None:
        root = _V1 if _is_v1() else _V2
        self._folder = root / f"gavel-bench-{os.getpid()}"
        self._groups: list[QuotaGroup] = []
        try:
            self._folder.mkdir()
            _prefer(self._folder)
            if not _is_v1():
                (self._folder / "cgroup.subtree_control").write_text("+cpu")
        except OSError as error:
            raise StackFailed(f"this needs the right to make cgroups with a CPU quota: {error}") from error

    def new(self, cores: float) -> QuotaGroup:
        """An empty group with a quota of this many cores."""
        group = QuotaGroup(self._folder / str(len(self._groups)), cores)
        self._groups.append(group)
        return group

    def remove(self) -> None:
        """Remove all groups."""
        for group in self._groups:
            group.remove()
        with suppress(OSError):
            self._folder.rmdir()


def _prefer(folder: Path) -> None:
    """Give the group's processes their quota before other load of the machine gets CPU time."""
    if _is_v1():
        (folder / "cpu.shares").write_text(str(_MOST_SHARES_V1))
    else:
        (folder / "cpu.weight").write_text(str(_MOST_WEIGHT_V2))


def _is_v1() -> bool:
    return (_V1 / "cpu.cfs_quota_us").exists() or (_V1 / "cpu.shares").exists()
