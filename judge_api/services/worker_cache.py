"""The workers' registrations, remembered for a moment so that a request costs no Redis."""

from __future__ import annotations

import threading
import time

from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.worker import WorkerCard, WorkerState
from judge_core.redis.worker_registry import Fleet

KEEP_SECONDS = 1.0


class WorkerCache:
    """Read at most once a second and process."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._cards: tuple[WorkerCard, ...] = ()
        self._last_seen: tuple[WorkerCard, ...] = ()
        self._broken: QueueUnavailable | None = None

    def cards(self) -> tuple[WorkerCard, ...]:
        """Who is there now. Raises ``QueueUnavailable``, for the same moment without asking again."""
        with self._lock:
            if time.monotonic() - self._read_at > KEEP_SECONDS:
                self._read()
        if self._broken is not None:
            raise self._broken
        return self._cards

    def last_seen(self) -> tuple[WorkerCard, ...]:
        """Who is there, or who was there last: what is on offer does not vanish with a restart."""
        try:
            return self.cards() or self._last_seen
        except QueueUnavailable:
            return self._last_seen

    def serves(self, tier: Tier) -> bool:
        """Whether a live worker takes from this tier's queue. Raises ``QueueUnavailable``."""
        ready = (WorkerState.IDLE, WorkerState.BUSY)
        return any(card.queue is tier and card.state in ready for card in self.cards())

    def _read(self) -> None:
        try:
            self._cards = tuple(self._fleet.workers())
            self._last_seen = self._cards or self._last_seen
            self._broken = None
        except QueueUnavailable as error:
            self._broken = error
        finally:
            self._read_at = time.monotonic()
