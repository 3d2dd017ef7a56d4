"""Remembers since when this process cannot reach the queue."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.submission import rfc3339


@dataclass(frozen=True, slots=True)
class QueueState:
    """Whether the queue answers, since when it does not, and how many submissions wait in the outbox."""

    reachable: bool
    since: datetime | None
    outbox: int

    def to_json(self) -> dict[str, object]:
        since = rfc3339(self.since) if self.since else None
        return {"reachable": self.reachable, "since": since, "outbox": self.outbox}

    def __str__(self) -> str:
        if self.since is None:
            return "the queue answers"
        return (
            f"the queue has been unreachable since {rfc3339(self.since)}, {self.outbox} waiting in the outbox"
        )


class QueueHealth:
    """Remembers the first failure since the queue last answered."""

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since: datetime | None = None

    def observe(self, reachable: bool, outbox: int) -> QueueState:
        """Record what the caller has just seen. Returns it with the time of the first failure."""
        with self._lock:
            self._since = None if reachable else (self._since or self._clock.now())
            return QueueState(reachable, self._since, outbox)
