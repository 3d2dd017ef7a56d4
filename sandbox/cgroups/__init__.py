"""cgroup v1 and v2 behind one interface: the slot's cgroups, the limits of one run, and its counters.

With v1, the slot's cgroups last as long as the slot. The launcher's zygote joins them once, and no run moves
a process. With v2, each run has a new cgroup, into which the launcher clones its box. A bwrap or runsc joins
the cgroups for its one run. With both versions, every cgroup is below the cgroup in which the worker was
started, so that a container's limits still hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.cgroups.api import DirtyCgroups, MemorySamples, MemoryUsage, RunCgroup, SlotCgroups
from sandbox.cgroups.cgroupfs import remove_cgroup
from sandbox.cgroups.version1 import open_v1
from sandbox.cgroups.version2 import open_v2

__all__ = [
    "DirtyCgroups",
    "MemorySamples",
    "MemoryUsage",
    "RunCgroup",
    "SlotCgroups",
    "open_cgroups",
    "remove_cgroup",
]


def open_cgroups(name: str, owner: int = 0, cpus: Sequence[int] = ()) -> tuple[SlotCgroups | None, str]:
    """The slot's cgroups on this host, or None and the reason. Removes cgroups that an ended process left.

    ``owner`` is the user id of the slot's programs, or 0 if they run as the caller. ``cpus`` are the cores to
    which the slot is pinned. ``pinned`` of the result says whether a cpuset does this.
    """
    reasons: list[str] = []
    for version, opener in (("v2", open_v2), ("v1", open_v1)):
        try:
            cgroups = opener(name, owner, cpus)
        except OSError as error:
            reasons.append(f"cgroup {version}: {error}")
            continue
        if cgroups is not None:
            return cgroups, cgroups.version
        reasons.append(f"cgroup {version}: controllers are missing here")
    return None, "; ".join(reasons)
