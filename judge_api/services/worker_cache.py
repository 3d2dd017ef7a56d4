"""The workers' registrations, remembered for a moment so that a request costs no Redis."""

from __future__ import annotations

import threading
import time

from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.worker import WorkerRecord, WorkerState
from judge_core.redis.worker_registry import WorkerRegistry

KEEP_SECONDS = 1.0


class WorkerCache:
    """Read at most once a second and process."""

    def __init__(self, worker_registry: WorkerRegistry) -> None:
        self._worker_registry = worker_registry
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._records: tuple[WorkerRecord, ...] = ()
        self._last_seen: tuple[WorkerRecord, ...] = ()
        self._broken: QueueUnavailable | None = None

    def records(self) -> tuple[WorkerRecord, ...]:
        """Who is there now. Raises ``QueueUnavailable``, for the same moment without asking again."""
        with self._lock:
            if time.monotonic() - self._read_at > KEEP_SECONDS:
                self._read()
        if self._broken is not None:
            raise self._broken
        return self._records

    def last_seen(self) -> tuple[WorkerRecord, ...]:
        """Who is there, or who was there last: what is on offer does not vanish with a restart."""
        try:
            return self.records() or self._last_seen
        except QueueUnavailable:
            return self._last_seen

    def serves(self, tier: Tier) -> bool:
        """Whether a live worker takes from this tier's queue. Raises ``QueueUnavailable``."""
        ready = (WorkerState.IDLE, WorkerState.BUSY)
        return any(record.queue is tier and record.state in ready for record in self.records())

    def _read(self) -> None:
        try:
            self._records = tuple(self._worker_registry.workers())
            self._last_seen = self._records or self._last_seen
            self._broken = None
        except QueueUnavailable as error:
            self._broken = error
        finally:
            self._read_at = time.monotonic()
