"""cgroup v1 and v2 behind one face: the slot's groups, one run's limits, and the honest counters.

v1: the slot's groups stand as long as the slot; the zygote was born in them and nothing is ever moved.
v2: each run has a fresh group, into which its box is cloned. Either way all groups of ours stand below
the group that this process is in, so that a container's own limits still hold above them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.cgroups.api import DirtyCgroups, MemoryUsage, RunCgroup, SlotCgroups
from sandbox.cgroups.cgroupfs import remove_cgroup
from sandbox.cgroups.version1 import open_v1
from sandbox.cgroups.version2 import open_v2

__all__ = ["DirtyCgroups", "MemoryUsage", "RunCgroup", "SlotCgroups", "open_cgroups", "remove_cgroup"]


def open_cgroups(name: str, owner: int = 0, cpus: Sequence[int] = ()) -> tuple[SlotCgroups | None, str]:
    """The slot's groups on this host, or None and why not. Sweeps what a dead holder of the slot left.

    ``owner`` is the user whom the slot's spawner becomes, 0 when it stays who we are. ``cpus`` are the cores
    to stay on, where a cpuset can be had; who cannot have one is told by ``pinned``.
    """
    reasons: list[str] = []
    for version, opener in (("v2", open_v2), ("v1", open_v1)):
        try:
            groups = opener(name, owner, cpus)
        except OSError as error:
            reasons.append(f"cgroup {version}: {error}")
            continue
        if groups is not None:
            return groups, groups.version
        reasons.append(f"cgroup {version}: controllers are missing here")
    return None, "; ".join(reasons)
