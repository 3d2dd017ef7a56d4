"""Which cores a slot's boxes run on: one each where there are enough, so that runs do not wander or meet.

A slot's number says which core, and it is the machine's only where we see the machine: in a container each
worker thinks itself slot 0, and all of them would crowd onto one core. There, and on small machines,
nothing is pinned unless it is asked for.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from sandbox.errors import CannotIsolate
from sandbox.slot import SlotConfig

ENOUGH = 4
"""From so many cores on one is left to the house (servers, queues), and each slot takes one of the rest."""

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


def sees_the_machine() -> bool:
    """Whether slot numbers are the machine's own, and not a container's."""
    try:
        return str(Path("/proc/self/ns/pid").readlink()) == _FIRST_PID_NAMESPACE
    except OSError:
        return False


def core_of_slot(slot: int, cores: tuple[int, ...]) -> tuple[int, ...]:
    """The core of one slot where nobody said otherwise; empty for a slot that there is no core for."""
    return cores[slot + 1 : slot + 2] if len(cores) >= ENOUGH else ()


def choose_cores(config: SlotConfig, slot: int) -> SlotConfig:
    """The same with its cores settled. Raises CannotIsolate for a core that this process may not use."""
    usable = usable_cores()
    if config.cpus is None:
        return replace(config, cpus=core_of_slot(slot, usable) if sees_the_machine() else ())
    beyond = sorted(set(config.cpus) - set(usable))
    if beyond:
        there = ", ".join(map(str, sorted(usable)))
        raise CannotIsolate(f"core {beyond[0]} is not one that this process may use: there are {there}")
    return config


def describe_pinning() -> str:
    """What becomes of slots without a say of their own on this host, for people."""
    cores = usable_cores()
    if not sees_the_machine():
        return "not pinned: a container's slots are not the machine's; set GAVEL_CORES or its cpuset"
    if len(cores) < ENOUGH:
        return f"not pinned: {len(cores)} usable, {ENOUGH} are needed; GAVEL_CORES pins all the same"
    order = ", ".join(map(str, cores[1:]))
    return f"slots 0 to {len(cores) - 2} take cores {order}, one each; core {cores[0]} is the house's"
