"""Which workers there are, by what they say of themselves, and what operators want of them."""

from __future__ import annotations

from typing import Any

from judge_api.domain.account import Tier
from judge_api.domain.protocol import worker_key
from judge_api.domain.worker import WORKERS_SET, WorkerCard, order_key
from judge_api.events.redis_door import named_failures, open_redis

_ORDER_SECONDS = 3600
_DISPATCHER_KEY = "gavel:dispatcher"
_DISPATCHER_SECONDS = 5


def paused_key(tier: Tier) -> str:
    """There while operators hold a tier's queue back."""
    return f"gavel:paused:{tier}"


class Fleet:
    """Every method may raise ``QueueUnavailable``."""

    def __init__(self, url: str, timeout_seconds: float = 1.0) -> None:
        self._redis = open_redis(url, timeout_seconds)

    def workers(self) -> list[WorkerCard]:
        """All that were heard of lately, by name; those gone silent are forgotten on the way."""
        with named_failures():
            members: Any = self._redis.smembers(WORKERS_SET)
            names = sorted(name.decode() for name in members)
            cards: Any = self._redis.mget([worker_key(name) for name in names]) if names else []
            silent = [name for name, card in zip(names, cards, strict=True) if card is None]
            if silent:
                self._redis.srem(WORKERS_SET, *silent)
        return [WorkerCard.load(card) for card in cards if card is not None]

    def dispatcher_beat(self) -> None:
        """A dispatcher is alive; said every second."""
        with named_failures():
            self._redis.set(_DISPATCHER_KEY, "1", ex=_DISPATCHER_SECONDS)

    def has_dispatcher(self) -> bool:
        """Whether any dispatcher was heard of in the last seconds."""
        with named_failures():
            return bool(self._redis.exists(_DISPATCHER_KEY))

    def pause(self, tier: Tier, paused: bool) -> None:
        """Hand no more of this tier's work to its workers, or do so again; what they hold they finish."""
        with named_failures():
            if paused:
                self._redis.set(paused_key(tier), "1")
            else:
                self._redis.delete(paused_key(tier))

    def is_paused(self, tier: Tier) -> bool:
        with named_failures():
            return bool(self._redis.exists(paused_key(tier)))

    def drain(self, worker: str) -> bool:
        """Ask a worker to finish what it has and end; False when no such worker is known."""
        with named_failures():
            if not self._redis.exists(worker_key(worker)):
                return False
            self._redis.set(order_key(worker), "drain", ex=_ORDER_SECONDS)
            return True
