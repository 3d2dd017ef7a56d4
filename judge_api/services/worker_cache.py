"""The workers' registrations and paused queues; registrations are read from Redis at most once a second."""

from __future__ import annotations

import threading

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.worker import WorkerRecord, WorkerState
from judge_core.redis.worker_registry import WorkerRegistry

CACHE_SECONDS = 1.0


class WorkerCache:
    """Caches the worker registry, so that most requests do not read Redis."""

    def __init__(self, registry: WorkerRegistry, clock: Clock = SYSTEM_CLOCK) -> None:
        self._registry = registry
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._workers: tuple[WorkerRecord, ...] = ()
        self._last_known: tuple[WorkerRecord, ...] = ()
        self._failure: QueueUnavailable | None = None

    def workers(self) -> tuple[WorkerRecord, ...]:
        """The live workers. Raises ``QueueUnavailable``; a failure is cached as well."""
        with self._lock:
            if self._clock.monotonic() - self._read_at > CACHE_SECONDS:
                self._read()
        if self._failure is not None:
            raise self._failure
        return self._workers

    def last_known(self) -> tuple[WorkerRecord, ...]:
        """The live workers, or the last ones seen: a restart must not make every language unavailable."""
        try:
            return self.workers() or self._last_known
        except QueueUnavailable:
            return self._last_known

    def serves(self, tier: Tier) -> bool:
        """Whether a live worker takes from this tier's queue. Raises ``QueueUnavailable``."""
        ready = (WorkerState.IDLE, WorkerState.BUSY)
        return any(worker.queue is tier and worker.state in ready for worker in self.workers())

    def is_paused(self, tier: Tier) -> bool:
        """Whether operators have paused this tier's queue. Raises ``QueueUnavailable``.

        Redis is not asked while the cached failure is fresh: a hung Redis takes its whole timeout to fail.
        """
        self.workers()
        return self._registry.is_paused(tier)

    def _read(self) -> None:
        try:
            self._workers = tuple(self._registry.workers())
            self._last_known = self._workers or self._last_known
            self._failure = None
        except QueueUnavailable as error:
            self._failure = error
        finally:
            self._read_at = self._clock.monotonic()
