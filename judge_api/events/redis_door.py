"""How every process of ours opens Redis: bounded in time, never retrying behind one's back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from judge_api.domain.errors import QueueUnavailable


def open_redis(url: str, timeout_seconds: float, name: str | None = None) -> Redis:
    """A client for ``redis://``, ``rediss://`` or ``unix://``; connects on first use.

    Every answer comes within ``timeout_seconds`` or raises: a Redis that accepts and never answers is
    as good as none. There are no retries here, whoever calls knows best whether to try again.
    """
    client: Redis = Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
        client_name=name,
        health_check_interval=0,
    )
    return client


@contextmanager
def named_failures() -> Iterator[None]:
    """Turn every failure of Redis, down, slow, read-only or full, into ``QueueUnavailable``."""
    try:
        yield
    except RedisError as error:
        raise QueueUnavailable(f"Redis does not serve: {error}") from error


class LuaScript:
    """A script that Redis runs as one step; sent by its hash, whole only when Redis does not know it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def run(self, client: Redis, keys: Sequence[str], arguments: Sequence[str | bytes | int | float]) -> Any:
        try:
            return client.evalsha(self.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return client.eval(self.text, len(keys), *keys, *arguments)
