"""The cells of the fault matrix: each names a fault, the stack's workers, and how it strikes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos import faults
from tests.chaos.faults import Fault, Stack

_DAY, _HOUR = 86_400.0, 3_600.0
CLOCK_SECONDS = 15.0
"""How long a clock stays wrong: longer than a lease, and than any pause between two attempts."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault of the matrix."""

    name: str
    strike: Fault
    workers: str = "normal=1,premium=1"


def _jump(role: Callable[[random.Random], str], seconds: float) -> Fault:
    def strike(stack: Stack, rng: random.Random) -> None:
        """Set one process's clock, wait, and set it back."""
        assert stack.clocks is not None
        stack.clocks.shift(role(rng), seconds)
        try:
            time.sleep(CLOCK_SECONDS)
        finally:
            stack.clocks.reset()

    return strike


_ROLES: dict[str, Callable[[random.Random], str]] = {
    "API": lambda _: "api",
    "dispatcher": lambda _: "dispatcher",
    "worker": lambda rng: rng.choice(("normal-1", "premium-1")),
}

_CLOCKS = tuple(
    Cell(f"clock of the {name} {how} for {CLOCK_SECONDS:.0f} s", _jump(role, seconds))
    for name, role in _ROLES.items()
    for how, seconds in (("a day ahead", _DAY), ("an hour behind", -_HOUR))
)

CELLS: tuple[Cell, ...] = (
    Cell("kill -9 of a worker", faults.kill_worker),
    Cell("kill -9 of the dispatcher", faults.kill_dispatcher),
    Cell("kill -9 of the API", faults.kill_api),
    Cell("kill -9 of Redis", faults.kill_redis),
    Cell("Redis emptied (FLUSHALL)", faults.empty_redis),
    Cell("Redis stopped for 10 s", faults.hang_redis),
    Cell("a worker stopped past its lease", faults.stop_worker_past_its_lease),
    Cell("the database interrupted", faults.interrupt_database),
    *_CLOCKS,
)
