"""How many jobs each tier's queue may hold: enough to keep its workers busy, no more.

Whatever is in the queue is judged before anybody whose turn comes later, so a queue that is longer than
needed is time that a lone submission waits behind another account's flood. The room is found by trying: a
queue that ran empty while work waited for room gets twice as much, one that is never half empty gets less.
"""

from __future__ import annotations

from judge_api.dispatch.rq_queue import RqGateway
from judge_core.model.account import Tier
from judge_core.redis.worker_registry import Fleet

LEAST_ROOM = 4
_LEAST_PER_WORKER = 2
_MOST_PER_WORKER = 8


class Rooms:
    """Safe in several dispatchers: each goes from the room that Redis has, and between the same bounds."""

    def __init__(self, gateway: RqGateway, fleet: Fleet) -> None:
        self._gateway = gateway
        self._fleet = fleet
        self._workers = dict.fromkeys(Tier, 0)
        self._fewest: dict[Tier, int] = {}

    def glanced(self, tier: Tier, waiting: int, room: int) -> None:
        """The relay has work for this tier, and so many jobs wait in its queue. May raise
        ``QueueUnavailable``."""
        self._fewest[tier] = min(waiting, self._fewest.get(tier, waiting))
        wider = widened(room, self._workers[tier])
        if waiting == 0 and room < wider:
            self._gateway.set_room(tier, wider)

    def fit(self) -> None:
        """Once a second: follow the number of workers, and take back what was not needed since the last
        time. Raises ``QueueUnavailable``."""
        workers = self._fleet.workers()
        for tier in Tier:
            self._workers[tier] = sum(worker.queue is tier for worker in workers)
            fewest = self._fewest.pop(tier, 0)
            room = self._gateway.depth(tier).room
            self._gateway.set_room(tier, narrowed(room, self._workers[tier], fewest))


def widened(room: int, workers: int) -> int:
    """The room of a queue that was found empty."""
    return min(2 * room, _most(workers))


def narrowed(room: int, workers: int, fewest: int) -> int:
    """The room of a queue in which never fewer than ``fewest`` waited, within its bounds."""
    needed = room - fewest // 2
    return max(LEAST_ROOM, workers * _LEAST_PER_WORKER, min(needed, _most(workers)))


def _most(workers: int) -> int:
    return max(LEAST_ROOM, workers * _MOST_PER_WORKER)
