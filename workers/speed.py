"""Measures how fast this host computes, once when a worker starts. ``GAVEL_SPEED_BAND`` is the band of
allowed speeds.

Verdicts depend on CPU time, so workers of very different speeds would give the same program different
verdicts.
"""

from __future__ import annotations

import random
import statistics
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_ROUNDS = 9
_BYTES = 150_000
_REFERENCE_SECONDS = 0.0041
"""The CPU time of one round on the machine whose speed is called 1."""


class OutsideBand(StrEnum):
    """The treatment of a worker whose speed is outside the band."""

    WARN = "warn"
    REFUSE = "refuse"
    POOL = "pool"


@dataclass(frozen=True, slots=True)
class SpeedRule:
    """The allowed speeds, as multiples of ``reference``. Without a reference every speed is allowed."""

    reference: float | None = None
    least: float = 0.5
    most: float = 2.0
    outside: OutsideBand = OutsideBand.WARN

    def fault(self, speed: float) -> str | None:
        """Why a speed is outside the band, or ``None`` if it is within the band."""
        if self.reference is None or self.least <= speed / self.reference <= self.most:
            return None
        return (
            f"this host computes at {speed / self.reference:.2f} of the reference speed "
            f"({speed:.2f} of {self.reference:g}); from {self.least:g} to {self.most:g} is allowed"
        )

    def pool(self, pool: str, speed: float) -> str:
        """The separate pool of a worker outside the band."""
        kind = "slow" if self.reference is not None and speed < self.reference else "fast"
        return kind if pool == "default" else f"{pool[:26]}-{kind}"


def measure_speed(cpu_seconds: Callable[[], float] = time.thread_time) -> float:
    """The speed of one core of this host: 2 is twice as fast as 1. It takes about 50 ms at a speed of 1.

    Only this thread's CPU time counts, so a busy host does not count as a slow one.
    """
    text = (
        random.Random(1).randbytes(_BYTES).translate(bytes(b"etaoin shrdlu\n01"[n % 16] for n in range(256)))
    )
    zlib.compress(text, 6)  # The first round, which loads pages and caches, is not timed.
    times = []
    for _ in range(_ROUNDS):
        began = cpu_seconds()
        zlib.compress(text, 6)
        times.append(cpu_seconds() - began)
    return round(_REFERENCE_SECONDS / max(statistics.median(times), 1e-6), 3)
