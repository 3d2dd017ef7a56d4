"""The interface of both versions: a slot's cgroups, the limits of one run, and its counters.

A spawner is the process that starts boxes: the launcher's zygote, which is resident, or a bwrap for one run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sandbox.api import Limits
from sandbox.errors import BoxFault


class DirtyCgroups(BoxFault):
    """Memory of earlier runs stays charged to the slot's cgroups, so they must be recreated."""


@dataclass(frozen=True, slots=True)
class MemorySamples:
    """The memory sampled during a run: the most anonymous and shared memory, the file cache charged to its
    cgroup (None if never sampled), and the resident size of its largest process, by the kernel."""

    own_bytes: int = 0
    least_cache: int | None = None
    most_cache: int | None = None
    largest_process: int = 0

    def with_sample(self, own_bytes: int, cache: int) -> MemorySamples:
        """These samples and one more."""
        least = cache if self.least_cache is None else min(self.least_cache, cache)
        most = cache if self.most_cache is None else max(self.most_cache, cache)
        return MemorySamples(max(self.own_bytes, own_bytes), least, most, self.largest_process)


NO_SAMPLES = MemorySamples()


def peak_without_cache(peak: int, caches: tuple[int, ...], samples: MemorySamples) -> int:
    """The peak memory of a run, less the file cache. ``peak`` includes the cache.

    ``caches`` is the file cache before and after the run. At the time of the peak, the cache was between the
    smallest and the largest value that was seen. So the run's own memory was at least ``peak - largest``, and
    at most ``peak - smallest``. Between these bounds, the size of the largest process decides. If a program
    frees its memory and then reads files, the size of the cache at the peak is uncertain. The bounds prevent
    such a program from hiding memory.
    """
    seen = [*caches, *(c for c in (samples.least_cache, samples.most_cache) if c is not None)]
    at_least, at_most = peak - max(seen), peak - min(seen)
    return max(0, at_least, min(samples.largest_process, at_most), samples.own_bytes)


@dataclass(frozen=True, slots=True)
class MemoryUsage:
    """A run's peak memory without file cache, and how many of its processes the kernel killed because memory
    was used up."""

    memory_kb: int
    oom_kills: int


class RunCgroup(Protocol):
    """The cgroups of one run, from setting its limits to reading its usage."""

    def procs_files(self) -> tuple[Path, ...]:
        """The ``cgroup.procs`` files that a spawner for only this run joins. Joining them takes time."""
        ...

    def cpu_ns(self) -> int:
        """CPU time used so far. On v1 it includes earlier runs, so a run's time is the difference of two
        readings."""
        ...

    def sample_memory(self, samples: MemorySamples) -> MemorySamples:
        """The samples and one more sample, for a backend whose spawner takes no samples."""
        ...

    def memory_usage(self, samples: MemorySamples = NO_SAMPLES) -> MemoryUsage:
        """The run's memory. Raises BoxFault if a process was killed because the host, or a cgroup above the
        run's, was out of memory. Then the run says nothing about the program."""
        ...

    def close(self) -> None:
        """Release the resources that belong to only this run."""
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
        """The counter of the CPU time of the slot's cgroup (v1)."""
        ...

    def memory_statistics(self) -> Path | None:
        """The file with the slot's memory statistics (v1)."""
        ...

    def next_run_fd(self) -> int | None:
        """The folder of the next run's cgroup (v2), else None. The next box is made in it ahead of time."""
        ...

    def lift_memory_limit(self) -> None:
        """Remove the last run's memory limit, before a resident spawner starts in the same cgroup (v1)."""
        ...

    def start_run(self, limits: Limits) -> RunCgroup:
        """Set the next run's limits. Raises OSError, or DirtyCgroups if memory of earlier runs is left."""
        ...

    def recreate(self) -> None:
        """Replace these cgroups by new ones. No process may be in them."""
        ...

    def close(self) -> None:
        """Remove the cgroups, and kill processes that are left in them."""
        ...
