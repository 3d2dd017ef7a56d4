"""The interface of both versions: a slot's cgroups, the limits of one run, and its counters.

A spawner is the process that starts boxes: the launcher's zygote, which is resident, or one bwrap for a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sandbox.errors import BoxFault
from sandbox.limits import Limits


class DirtyCgroups(BoxFault):
    """Memory of earlier runs stays charged to the slot's cgroups: they must be recreated."""


@dataclass(frozen=True, slots=True)
class MemoryUsage:
    """A run's peak memory without file cache, and how many of its processes the kernel killed for memory."""

    memory_kb: int
    oom_kills: int


class RunCgroup(Protocol):
    """The cgroups of one run, from setting its limits to reading its usage."""

    def procs_files(self) -> tuple[Path, ...]:
        """The ``cgroup.procs`` files that the run's own spawner joins (slow: 8 ms)."""
        ...

    def cpu_ns(self) -> int:
        """CPU time used so far. On v1 it includes earlier runs: a run's time is the difference of two
        readings."""
        ...

    def memory_usage(self) -> MemoryUsage:
        """Raises BoxFault when a process was killed for lack of memory above the run's limit: the host's, or
        that of a cgroup above. Then the run says nothing about the program."""
        ...

    def close(self) -> None:
        """Release what belongs to the run alone."""
        ...


class SlotCgroups(Protocol):
    """A slot's cgroups."""

    @property
    def version(self) -> str:
        """``cgroup v1`` or ``cgroup v2``."""
        ...

    @property
    def pinned(self) -> bool:
        """Whether a cpuset keeps the slot on its cores."""
        ...

    def procs_files(self) -> tuple[Path, ...]:
        """The ``cgroup.procs`` files that a resident spawner joins when it starts."""
        ...

    def cpu_counter(self) -> Path | None:
        """The CPU counter that counts for the slot's whole life (v1)."""
        ...

    def next_run_fd(self) -> int | None:
        """The folder of the next run's cgroup (v2), else None. The next box is made in it ahead of time."""
        ...

    def lift_memory_limit(self) -> None:
        """Remove the last run's memory limit, before a resident spawner starts in the same cgroup (v1)."""
        ...

    def start_run(self, limits: Limits) -> RunCgroup:
        """Set the next run's limits. Raises OSError, and DirtyCgroups when memory of earlier runs is left."""
        ...

    def recreate(self) -> None:
        """Replace these cgroups by new ones; no process may be in them."""
        ...

    def close(self) -> None:
        """Remove the cgroups, killing what is left in them."""
        ...
