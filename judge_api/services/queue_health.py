"""Since when this process has not reached the queue, for those who look at its health."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from judge_core.model.submission import rfc3339


@dataclass(frozen=True, slots=True)
class QueueState:
    """Whether the queue answers, since when it does not, and how many wait in the outbox for it."""

    reachable: bool
    since: datetime | None
    outbox: int

    def to_json(self) -> dict[str, object]:
        since = rfc3339(self.since) if self.since else None
        return {"reachable": self.reachable, "since": since, "outbox": self.outbox}

    def __str__(self) -> str:
        if self.since is None:
            return "the queue answers"
        return f"the queue is unreachable since {rfc3339(self.since)}, {self.outbox} waiting in the outbox"


class QueueHealth:
    """Remembers the first failure after the last success; who looks tells it what was seen."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since: datetime | None = None

    def saw(self, reachable: bool, outbox: int) -> QueueState:
        """Note what was seen just now, and tell the whole of it."""
        with self._lock:
            self._since = None if reachable else (self._since or self._clock())
            return QueueState(reachable, self._since, outbox)
