"""Chooses the core of a slot's boxes. If there are enough cores, each slot has one, so that no two runs share
a core.

A slot's number chooses its core. In a container each worker is slot 0, so all of them would share one core.
There, and on small machines, nothing is pinned unless ``GAVEL_CORES`` asks for it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from sandbox.errors import CannotIsolate
from sandbox.slot import SlotConfig

MIN_CORES_TO_PIN = 4
"""With at least this many cores, one core is left to servers and queues, and each slot gets one of the others
while there are any."""

_FIRST_PID_NAMESPACE = "pid:[4026531836]"
_TOPOLOGY = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


def usable_cores() -> tuple[int, ...]:
    """The cores that this process may use, one thread of each physical core first, then their siblings."""
    cores = sorted(os.sched_getaffinity(0))
    return tuple(sorted(cores, key=lambda core: (_is_sibling(core), core)))


def _is_sibling(core: int) -> bool:
    try:
        first = Path(_TOPOLOGY.format(core)).read_text().replace("-", ",").split(",")[0]
        return int(first) != core
    except (OSError, ValueError):
        return False


def _in_host_pid_namespace() -> bool:
    """Whether slot numbers are unique on the machine. In a container, they are unique only within the
    container."""
    try:
        return str(Path("/proc/self/ns/pid").readlink()) == _FIRST_PID_NAMESPACE
    except OSError:
        return False


def core_of_slot(slot: int, cores: tuple[int, ...]) -> tuple[int, ...]:
    """The default core of one slot; empty if there is no core for it."""
    return cores[slot + 1 : slot + 2] if len(cores) >= MIN_CORES_TO_PIN else ()


def choose_cores(config: SlotConfig, slot: int) -> SlotConfig:
    """The config with its cores chosen. Raises CannotIsolate for a core that this process may not use."""
    usable = usable_cores()
    if config.cpus is None:
        return replace(config, cpus=core_of_slot(slot, usable) if _in_host_pid_namespace() else ())
    unusable = sorted(set(config.cpus) - set(usable))
    if unusable:
        listed = ", ".join(map(str, sorted(usable)))
        raise CannotIsolate(f"this process may not use core {unusable[0]}: choose from {listed}")
    return config


def describe_pinning() -> str:
    """A sentence for users about how slots are pinned on this host by default."""
    cores = usable_cores()
    if not _in_host_pid_namespace():
        return "not pinned: every worker in a container is slot 0; set GAVEL_CORES or the container's cpuset"
    if len(cores) < MIN_CORES_TO_PIN:
        return f"not pinned: {len(cores)} usable, {MIN_CORES_TO_PIN} needed; set GAVEL_CORES to pin anyway"
    order = ", ".join(map(str, cores[1:]))
    return f"slots 0 to {len(cores) - 2} get cores {order}, one each; core {cores[0]} is left to the servers"
