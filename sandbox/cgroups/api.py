"""What both versions offer: a slot's groups, one run's limits, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sandbox.errors import BoxFault
from sandbox.limits import Limits


class DirtyCgroups(BoxFault):
    """Memory that nothing in the slot holds any more stays charged to its groups: they are to be renewed."""


@dataclass(frozen=True, slots=True)
class MemoryUsage:
    """What a run's groups counted: peak memory corrected for file cache, and kills for lack of memory."""

    memory_kb: int
    oom_kills: int


class RunCgroup(Protocol):
    """The groups of one run, from its preparation to its reckoning."""

    def joinable(self) -> tuple[Path, ...]:
        """The ``cgroup.procs`` files that a spawner which is not resident joins (off the fast path)."""
        ...

    def cpu_ns(self) -> int:
        """What the groups have used so far, for a backend that counts by them: only what is between two
        readings belongs to the run."""
        ...

    def tally(self) -> MemoryUsage:
        """Raises BoxFault when the run was ended for lack of memory that was not its limit's: the host's, or
        that of a group above ours. Then the run says nothing about itself."""
        ...

    def close(self) -> None: ...


class SlotCgroups(Protocol):
    """A slot's groups."""

    @property
    def version(self) -> str: ...

    @property
    def pinned(self) -> bool:
        """Whether a cpuset keeps the slot on its cores."""
        ...

    def born_in(self) -> tuple[Path, ...]:
        """The ``cgroup.procs`` files that a resident spawner joins before it serves."""
        ...

    def counter(self) -> Path | None:
        """The CPU counter that stands for the slot's whole life (v1)."""
        ...

    def ahead(self) -> int | None:
        """The folder of the next run's group (v2), else None: its box is born before the run is asked for."""
        ...

    def make_room(self) -> None:
        """Take the last run's limit of memory off, where a resident spawner must be born under it."""
        ...

    def begin(self, limits: Limits) -> RunCgroup:
        """Set the next run's limits. Raises OSError, and DirtyCgroups when earlier runs left too much."""
        ...

    def renew(self) -> None:
        """Put fresh groups in the place of these; nobody may stand in them."""
        ...

    def close(self) -> None: ...
