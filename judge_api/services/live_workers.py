"""The live workers as they registered, and the queues to which submissions of a tier and language are sent.

Registrations are read from Redis at most once a second.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.routing import Routes
from judge_core.model.tiers import DEFAULT_TIERS, Tiers
from judge_core.model.worker import WorkerRecord, WorkerState
from judge_core.redis.worker_registry import WorkerRegistry

CACHE_SECONDS = 1.0
_MOST_TIERS = 64


class WorkerCache:
    """Caches the worker registry, so that most requests do not read Redis."""

    def __init__(self, registry: WorkerRegistry, clock: Clock = SYSTEM_CLOCK) -> None:
        self._registry = registry
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._workers: tuple[WorkerRecord, ...] = ()
        self._last_known: dict[Tier | None, tuple[WorkerRecord, ...]] = {}
        self._failure: QueueUnavailable | None = None

    def workers(self) -> tuple[WorkerRecord, ...]:
        """The live workers. Raises ``QueueUnavailable``. A failure is cached as well."""
        with self._lock:
            if self._clock.monotonic() - self._read_at > CACHE_SECONDS:
                self._read()
        if self._failure is not None:
            raise self._failure
        return self._workers

    def last_known(self, tier: Tier | None = None) -> tuple[WorkerRecord, ...]:
        """The live workers of a tier, or of all tiers.

        If there are none, the last known workers, because a restart of the workers must not make every
        language unavailable.
        """
        with suppress(QueueUnavailable):
            self.workers()
        return self._last_known.get(tier, ())

    def clear(self) -> None:
        """Let the next call read the workers from Redis."""
        self._read_at = float("-inf")

    def serves(self, tier: Tier) -> bool:
        """Whether a live worker takes submissions from this tier's queue. Raises ``QueueUnavailable``."""
        ready = (WorkerState.IDLE, WorkerState.BUSY)
        return any(worker.queue == tier and worker.state in ready for worker in self.workers())

    def is_paused(self, tier: Tier) -> bool:
        """Whether operators have paused this tier's queue. Raises ``QueueUnavailable``.

        Redis is not asked while a failure is cached, because a hung Redis fails only after its whole timeout.
        """
        self.workers()
        return self._registry.is_paused(tier)

    def _read(self) -> None:
        try:
            self._workers = tuple(self._registry.workers())
            self._failure = None
            # Workers may send any names as tiers, so the number of entries is bounded.
            if len(self._last_known) > _MOST_TIERS:
                self._last_known.clear()
            for tier in {None, *(worker.queue for worker in self._workers)}:
                of_tier = tuple(worker for worker in self._workers if tier in (None, worker.queue))
                self._last_known[tier] = of_tier or self._last_known.get(tier, ())
        except QueueUnavailable as error:
            self._failure = error
        finally:
            self._read_at = self._clock.monotonic()


class Router:
    """Makes the routes again whenever the cache has read the workers, so at most once a second."""

    def __init__(self, workers: WorkerCache, tiers: Tiers = DEFAULT_TIERS) -> None:
        self._workers = workers
        self._tiers = tiers
        self._seen: tuple[WorkerRecord, ...] | None = None
        self._routes = Routes(tiers=tiers)
        self._is_reached = False

    def routes(self) -> Routes:
        """The routes now. While Redis cannot be reached, the last known routes."""
        try:
            self._routes = self.current_routes()
            self._is_reached = True
        except QueueUnavailable:
            self._is_reached = False
        return self._routes

    def current_routes(self) -> Routes:
        """The routes now. Raises ``QueueUnavailable``."""
        workers = self._workers.workers()
        if workers is not self._seen:
            self._routes, self._seen = Routes(workers, self._tiers), workers
        return self._routes

    def lacks_worker(self, tier: Tier, language: str) -> bool:
        """Whether no live worker has the language.

        False while Redis cannot be reached, because the workers are not known then.
        """
        return not self.routes().has_worker(tier, language) and self._is_reached
