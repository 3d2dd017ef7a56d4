"""Passes time and randomness as parameters, so that tests and simulations can replace them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The wall-clock time, in UTC."""
    return datetime.now(UTC)


def utc_now_ms() -> datetime:
    """The wall-clock time in whole milliseconds. Clients see milliseconds, so all copies of a status are
    equal."""
    now = utc_now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time functions that one component uses. The defaults are the real ones."""

    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Jitter:
    """Spreads retries of many processes over time. ``uniform`` is the source of randomness."""

    uniform: Callable[[float, float], float] = random.uniform

    def apply(self, seconds: float) -> float:
        """A random time from half of ``seconds`` to all of it."""
        return seconds * self.uniform(0.5, 1.0)


SYSTEM_CLOCK = Clock()
SYSTEM_JITTER = Jitter()
