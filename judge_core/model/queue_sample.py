"""A sample of one tier's queue, for the operator's charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from judge_core.model.account import Tier


@dataclass(frozen=True, slots=True)
class QueueSample:
    """The queue of one tier at one moment. ``judged`` and the waits (from accepted to started) cover the time
    since the previous sample."""

    at: datetime
    tier: Tier
    waiting: int
    oldest_ms: int
    running: int
    workers: int
    judged: int
    wait_p50_ms: int | None
    wait_p99_ms: int | None
