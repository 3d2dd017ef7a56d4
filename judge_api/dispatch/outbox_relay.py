"""Sends to the queue whatever is in the outbox, in fair order, and no more than the queue has room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from judge_api.dispatch.queue_capacity import Rooms
from judge_api.dispatch.rq_queue import RqGateway
from judge_api.store.models import OutboxRow
from judge_api.store.outbox import Outbox, Work
from judge_core.logging import get_logger
from judge_core.model.account import Tier

_logger = get_logger(__name__)
_CLAIM_SECONDS = 10.0
_BACKGROUND_ROOM = 2


@dataclass(frozen=True, slots=True)
class Relayed:
    """What one round did; ``blocked`` when work was left because the queue had no room."""

    sent: int
    blocked: bool


class Relay:
    """Safe in any number: rows are claimed, and the queue skips what it has.

    The queue in Redis is kept short (a few jobs per worker) so that the order of the outbox, where
    accounts take turns, decides who is next, and so that losing Redis loses little.
    """

    def __init__(self, outbox: Outbox, gateway: RqGateway, rooms: Rooms, name: str) -> None:
        self._outbox = outbox
        self._gateway = gateway
        self._rooms = rooms
        self._name = name

    def relay_once(self) -> Relayed:
        """One round over both tiers. Raises ``QueueUnavailable`` or ``StoreUnavailable``; nothing is lost."""
        work = self._outbox.work()
        premium = self._relay(Tier.PREMIUM, work[Tier.PREMIUM])
        normal = self._relay(Tier.NORMAL, work[Tier.NORMAL])
        return Relayed(premium.sent + normal.sent, premium.blocked or normal.blocked)

    def _relay(self, tier: Tier, work: Work) -> Relayed:
        if work is Work.NONE:
            return Relayed(0, blocked=False)
        depth = self._gateway.depth(tier)
        if not depth.paused:
            self._rooms.glanced(tier, depth.waiting, depth.room)
        if depth.free == 0:
            return Relayed(0, blocked=True)
        free, live = depth.free, work is Work.LIVE
        if not live:
            # Rejudging must never fill the queue: what a person posts next would stand behind it.
            free = min(free, _BACKGROUND_ROOM - depth.waiting)
            if free <= 0:
                return Relayed(0, blocked=True)
        rows = self._outbox.claim(free, self._name, _CLAIM_SECONDS, tier, live)
        if not rows:
            return Relayed(0, blocked=False)
        if not self._send(tier, rows):
            return Relayed(0, blocked=True)
        self._outbox.sent((row.id, row.request.attempt) for row in rows)
        for row in rows:
            _logger.info(
                "Sent to the queue from the outbox", submission=row.id, attempt=row.request.attempt, tier=tier
            )
        return Relayed(len(rows), blocked=len(rows) == free)

    def _send(self, tier: Tier, rows: Sequence[OutboxRow]) -> bool:
        sent = False
        try:
            sent = self._gateway.send(tier, [row.request for row in rows])
        finally:
            if not sent:
                self._outbox.release([row.id for row in rows])
        return sent
