"""Finds shared keys of Redis that hold another type of value than they should, and moves them aside.

A command on such a key fails, so the loop that uses the key would fail at each step. A worker's credentials,
or an operator's mistake, can make one. Nothing is lost: the reconciler sends again what was in the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redis import Redis

from judge_api.dispatch.rq_queue import popped_key, queue_key
from judge_core.model.account import Tier
from judge_core.redis.client import translate_redis_errors
from judge_core.redis.keys import (
    COUNTERS_KEY,
    LOST_WORKERS_SET,
    REPORTS_STREAM,
    WORKERS_SET,
    queue_capacity_key,
    set_aside_key,
)
from judge_core.redis.set_aside import SetAside, Source

KEY_TYPES: Mapping[str, str] = {
    **{queue_key(tier): "list" for tier in Tier},
    **{popped_key(tier): "list" for tier in Tier},
    **{queue_capacity_key(tier): "string" for tier in Tier},
    **{set_aside_key(source): "stream" for source in Source},
    REPORTS_STREAM: "stream",
    WORKERS_SET: "set",
    LOST_WORKERS_SET: "zset",
    COUNTERS_KEY: "hash",
}
"""The keys that all processes share, and the type of each."""


class KeyTypeGuard:
    """Any number may run at once. May raise ``QueueUnavailable``."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._set_aside = SetAside(redis)

    def check_once(self) -> int:
        """Move aside every key of the wrong type; returns how many there were."""
        found = self._types()
        moved = [
            self._set_aside.whole_key(Source.KEYS, key, wanted, f"a {found[key]}, it must be a {wanted}")
            for key, wanted in KEY_TYPES.items()
            if found[key] not in (wanted, "none")
        ]
        return sum(moved)

    def _types(self) -> dict[str, str]:
        with translate_redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            for key in KEY_TYPES:
                pipeline.type(key)
            answers: list[Any] = pipeline.execute()
        return {key: answer.decode() for key, answer in zip(KEY_TYPES, answers, strict=True)}
