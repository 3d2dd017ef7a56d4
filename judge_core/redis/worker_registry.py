"""Which workers there are, by what they say of themselves, and what operators want of them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from judge_core.messages import worker_key
from judge_core.model.account import Tier
from judge_core.model.worker import WORKERS_SET, WorkerCard, WorkerState, order_key
from judge_core.redis.client import named_failures, open_redis
from judge_core.redis.worker_record import CardReader

_ORDER_SECONDS = 3600
_DISPATCHER_KEY = "gavel:dispatcher"
_DISPATCHER_SECONDS = 5
_LOST_KEY = "gavel:workers-lost"
_LOST_SECONDS = 900
_SEEN_SECONDS = 3600


def seen_key(worker: str) -> str:
    """A worker's card as the dispatcher saw it last; it outlives the worker's own."""
    return f"gavel:worker-seen:{worker}"


def paused_key(tier: Tier) -> str:
    """There while operators hold a tier's queue back."""
    return f"gavel:paused:{tier}"


class Fleet:
    """Every method may raise ``QueueUnavailable``."""

    def __init__(self, url: str, timeout_seconds: float = 1.0) -> None:
        self._redis = open_redis(url, timeout_seconds)
        self._reader = CardReader()

    def workers(self) -> list[WorkerCard]:
        """All that were heard of lately, by name, without those whose card cannot be read; those gone silent
        are :meth:`lost` from then on."""
        with named_failures():
            members: Any = self._redis.smembers(WORKERS_SET)
            names = self._reader.names(members)
            cards: Any = self._redis.mget([worker_key(name) for name in names]) if names else []
            silent = [name for name, card in zip(names, cards, strict=True) if card is None]
            if silent:
                self._redis.srem(WORKERS_SET, *silent)
                self._redis.zadd(_LOST_KEY, dict.fromkeys(silent, time.time()))
        return self._reader.read(
            (name, card) for name, card in zip(names, cards, strict=True) if card is not None
        )

    def remember(self, cards: Iterable[WorkerCard]) -> None:
        """Keep what workers say of themselves for when they can say it no more."""
        with named_failures():
            for card in cards:
                self._redis.set(seen_key(card.name), card.dump(), ex=_SEEN_SECONDS)

    def lost(self) -> list[WorkerCard]:
        """Those that fell silent lately without a good-bye, as they were seen last. One that is heard again
        is not among them."""
        with named_failures():
            self._redis.zremrangebyscore(_LOST_KEY, 0, time.time() - _LOST_SECONDS)
            members: Any = self._redis.zrange(_LOST_KEY, 0, -1)
            names = self._reader.names(members)
            cards: Any = self._redis.mget([seen_key(name) for name in names]) if names else []
            back: Any = self._redis.smismember(WORKERS_SET, names) if names else []
        seen = zip(names, cards, back, strict=True)
        gone = self._reader.read((name, card) for name, card, is_back in seen if card and not is_back)
        return _as_lost(gone)

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


def _as_lost(cards: Iterable[WorkerCard]) -> list[WorkerCard]:
    why = "no heartbeat: it ended without a good-bye, or cannot reach the queue"
    return [replace(card, state=WorkerState.LOST, reason=why) for card in cards]
