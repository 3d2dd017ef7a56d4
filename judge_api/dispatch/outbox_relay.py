"""Moves rows from the outbox into the RQ queue, in fair order, up to the queue's capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from judge_api.dispatch.queue_capacity import QueueCapacity
from judge_api.dispatch.rq_queue import QueueDepth, RqQueue
from judge_api.store.outbox import ClaimableWork, Outbox
from judge_api.store.records import OutboxRow
from judge_core.logging import get_logger
from judge_core.model.account import Tier

_logger = get_logger(__name__)
_CLAIM_SECONDS = 10.0
_REJUDGING_CAPACITY = 2
"""How many jobs of a queue rejudging may fill. A new submission would otherwise wait behind all of it."""


@dataclass(frozen=True, slots=True)
class RelayResult:
    """Outcome of one round; ``blocked`` when rows were left because the queue was full."""

    sent: int
    blocked: bool


_NOTHING = RelayResult(0, blocked=False)
_BLOCKED = RelayResult(0, blocked=True)


class OutboxRelay:
    """Any number may run at once: rows are claimed, and the queue skips jobs that it has.

    The RQ queue is kept short (see :mod:`judge_api.dispatch.queue_capacity`), so the order of the outbox,
    where accounts take turns, decides which submission is next.
    """

    def __init__(self, outbox: Outbox, queue: RqQueue, capacity: QueueCapacity, name: str) -> None:
        self._outbox = outbox
        self._queue = queue
        self._capacity = capacity
        self._name = name

    def relay_once(self) -> RelayResult:
        """One round over both tiers. Raises ``QueueUnavailable`` or ``StoreUnavailable``; nothing is lost."""
        work = self._outbox.claimable()
        premium = self._relay(Tier.PREMIUM, work[Tier.PREMIUM])
        normal = self._relay(Tier.NORMAL, work[Tier.NORMAL])
        return RelayResult(premium.sent + normal.sent, premium.blocked or normal.blocked)

    def _relay(self, tier: Tier, work: ClaimableWork) -> RelayResult:
        if work is ClaimableWork.NONE:
            return _NOTHING
        depth = self._queue.depth(tier)
        if not depth.paused:
            self._capacity.observe(tier, depth.waiting, depth.capacity)
        free = _free(depth, work)
        if free <= 0:
            return _BLOCKED
        rows = self._outbox.claim(free, self._name, _CLAIM_SECONDS, tier, work is ClaimableWork.LIVE)
        if not rows:
            return _NOTHING
        if not self._send(tier, rows):
            return _BLOCKED
        self._outbox.mark_sent((row.id, row.request.attempt) for row in rows)
        _log_sent(tier, rows)
        return RelayResult(len(rows), blocked=len(rows) == free)

    def _send(self, tier: Tier, rows: Sequence[OutboxRow]) -> bool:
        sent = False
        try:
            sent = self._queue.send(tier, [row.request for row in rows])
        finally:
            if not sent:
                self._outbox.release([row.id for row in rows])
        return sent


def _free(depth: QueueDepth, work: ClaimableWork) -> int:
    """How many jobs of this kind of work the queue takes now."""
    if work is ClaimableWork.LIVE:
        return depth.free
    return min(depth.free, _REJUDGING_CAPACITY - depth.waiting)


def _log_sent(tier: Tier, rows: Sequence[OutboxRow]) -> None:
    for row in rows:
        _logger.info(
            "Sent to the queue from the outbox", submission=row.id, attempt=row.request.attempt, queue=tier
        )
