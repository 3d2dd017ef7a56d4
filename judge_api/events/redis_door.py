"""How every process of ours opens Redis: bounded in time, never retrying behind one's back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

from judge_api.domain.errors import QueueUnavailable
from judge_api.events.redis_lines import RedisLines

_SENTINEL = "sentinel://"


def open_redis(url: str, timeout_seconds: float, name: str | None = None) -> Redis:
    """A client for ``redis://``, ``rediss://``, ``unix://`` or ``sentinel://``; connects on first use.

    ``sentinel://user:password@one:26379,two:26379/name/0`` asks the sentinels who the master ``name`` is,
    anew with every connection: after a failover the next command goes to the new one.

    Every answer comes within ``timeout_seconds`` or raises: a Redis that accepts and never answers is
    as good as none. There are no retries here, whoever calls knows best whether to try again.
    """
    options: dict[str, Any] = {
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "retry": Retry(NoBackoff(), 0),
        "client_name": name,
        "health_check_interval": 0,
    }
    if url.startswith(_SENTINEL):
        return _open_behind_sentinels(url, options)
    client: Redis = Redis.from_url(url, **options)
    return client


def _open_behind_sentinels(url: str, options: dict[str, Any]) -> Redis:
    account, _, places = url.removeprefix(_SENTINEL).rpartition("@")
    hosts, name, database = (*places.split("/"), "0")[:3]
    user, _, password = account.partition(":")
    asked = [_place(each) for each in hosts.split(",")]
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        asked,
        sentinel_kwargs={key: options[key] for key in ("socket_timeout", "socket_connect_timeout", "retry")},
        username=unquote(user) or None,
        password=unquote(password) or None,
        db=int(database),
        **options,
    )
    master: Redis = sentinels.master_for(name)  # type: ignore[no-untyped-call]
    return master


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    return host, int(port or 26379)


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

    def run(
        self, lines: RedisLines, keys: Sequence[str], arguments: Sequence[str | bytes | int | float]
    ) -> Any:
        try:
            return lines.ask("EVALSHA", self.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return lines.ask("EVAL", self.text, len(keys), *keys, *arguments)
