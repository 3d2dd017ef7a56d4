"""Decides how many jobs each RQ queue may hold, and keeps the RQ queues short.

Accounts take turns in the outbox, but jobs in the RQ queue run first in, first out. In a long RQ queue a
single submission would wait behind many of another account, and more jobs would be lost with Redis. So the
queue holds only as many jobs as keep its workers busy, and the rest waits in the outbox.

The right capacity is found by measuring. It doubles if the queue is empty while the outbox has work. It falls
by half of the jobs that waited all the time. It stays between 2 and 8 jobs per worker, and is at least 4.
"""

from __future__ import annotations

from collections import Counter

from judge_api.dispatch.rq_queue import PUBLISHED_QUEUES, RqQueue
from judge_api.services.live_workers import WorkerCache
from judge_core.model.routing import queue_name, queue_of_worker
from judge_core.model.tiers import DEFAULT_TIERS, Tiers
from judge_core.redis.worker_registry import WorkerRegistry

MIN_CAPACITY = 4
_MIN_PER_WORKER = 2
_MAX_PER_WORKER = 8


class QueueCapacity:
    """Adjusts the capacities. Any number of dispatchers may run, since each reads the capacities from Redis
    and uses the same bounds."""

    def __init__(
        self, queue: RqQueue, registry: WorkerRegistry | WorkerCache, tiers: Tiers = DEFAULT_TIERS
    ) -> None:
        self._queue = queue
        self._registry = registry
        self._tiers = tiers
        self._workers: Counter[str] = Counter()
        self._fewest_waiting: dict[str, int] = {}

    def observe(self, queue: str, waiting: int, capacity: int) -> None:
        """Note how many jobs wait in a queue for which the outbox has more work. If none waits, the queue
        gets a larger capacity.

        May raise ``QueueUnavailable``.
        """
        self._fewest_waiting[queue] = min(waiting, self._fewest_waiting.get(queue, waiting))
        larger = grown(capacity, self._workers[queue])
        if waiting == 0 and capacity < larger:
            self._queue.set_capacity(queue, larger)

    def adjust(self) -> None:
        """Adapt each capacity to the number of workers. Lower it by half of the jobs that waited all the time
        since the last call. The dispatcher calls this once a second.

        Raises ``QueueUnavailable``.
        """
        self._workers = Counter(map(queue_of_worker, self._registry.workers()))
        served = {*map(queue_name, self._tiers), *self._workers}
        for queue in served:
            fewest = self._fewest_waiting.pop(queue, 0)
            capacity = self._queue.depth(queue).capacity
            self._queue.set_capacity(queue, shrunk(capacity, self._workers[queue], fewest))
        self._forget_unserved(served)

    def _forget_unserved(self, served: set[str]) -> None:
        """Forget the empty queues of pools whose last worker is gone. Pools may be named after hosts that
        come and go, and :meth:`RqQueue.queues` lists only some hundred queues."""
        for queue in set(self._queue.queues()) - served - PUBLISHED_QUEUES:
            self._queue.forget_empty(queue)
            self._fewest_waiting.pop(queue, None)


def grown(capacity: int, workers: int) -> int:
    """The capacity of a queue that was found empty."""
    return min(2 * capacity, _max_capacity(workers))


def shrunk(capacity: int, workers: int, fewest_waiting: int) -> int:
    """The capacity of a queue in which at least ``fewest_waiting`` jobs waited all the time."""
    needed = capacity - fewest_waiting // 2
    return max(MIN_CAPACITY, workers * _MIN_PER_WORKER, min(needed, _max_capacity(workers)))


def _max_capacity(workers: int) -> int:
    return max(MIN_CAPACITY, workers * _MAX_PER_WORKER)
