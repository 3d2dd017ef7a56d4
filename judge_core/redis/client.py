"""The Redis client of every process: bounded in time, without hidden retries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from redis import BlockingConnectionPool, Redis
from redis._parsers import _HiredisParser
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, TimeoutError
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool
from redis.utils import SENTINEL

from judge_core.model.errors import QueueUnavailable
from judge_core.redis.persistent_connections import Argument, PersistentConnections

_SENTINEL = "sentinel://"
_MAX_CONNECTIONS = 64
"""Of one client. An API process has five clients and Redis takes 10,000 connections in all: a command that
needs one more waits until one is free, and that is no failure of Redis."""
_WAIT_SECONDS = 5.0


def create_redis_client(url: str, timeout_seconds: float, name: str | None = None) -> Redis:
    """A client for ``redis://``, ``rediss://``, ``unix://`` or ``sentinel://``; it connects on first use.

    ``sentinel://user:password@one:26379,two:26379/name/0`` asks the sentinels for the address of the master
    ``name`` with every new connection: after a failover the next command goes to the new master.

    Every answer comes within ``timeout_seconds`` or raises: a Redis that accepts and never answers counts
    as down. The client never retries; the caller knows best whether to try again. Of very many commands at
    once some wait for a connection first.
    """
    options: dict[str, Any] = {
        "max_connections": _MAX_CONNECTIONS,
        "timeout": _WAIT_SECONDS,
        "parser_class": _RecheckingParser,
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "retry": Retry(NoBackoff(), 0),
        "client_name": name,
        "health_check_interval": 0,
    }
    if url.startswith(_SENTINEL):
        return _create_sentinel_client(url, options)
    return Redis(connection_pool=BlockingConnectionPool.from_url(url, **options))


def _create_sentinel_client(url: str, options: dict[str, Any]) -> Redis:
    credentials, _, path = url.removeprefix(_SENTINEL).rpartition("@")
    hosts, name, database = (*path.split("/"), "0")[:3]
    user, _, password = credentials.partition(":")
    addresses = [_address(each) for each in hosts.split(",")]
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        addresses,
        sentinel_kwargs={key: options[key] for key in ("socket_timeout", "socket_connect_timeout", "retry")},
        username=unquote(user) or None,
        password=unquote(password) or None,
        db=int(database),
        **options,
    )
    pool = _BlockingSentinelPool
    master: Redis = sentinels.master_for(name, connection_pool_class=pool)  # type: ignore[no-untyped-call]
    return master


class _BlockingSentinelPool(SentinelConnectionPool, BlockingConnectionPool):
    """Asks the sentinels with each new connection, and waits for a free one at the limit."""


class _RecheckingParser(_HiredisParser):
    """Raises a timeout only when there is nothing to read.

    When hundreds of requests come at once, gevent may return to its sockets later than our time limits, and
    then wakes a reader for its time limit although the answer has arrived.
    """

    def read_from_socket(self, timeout: Any = SENTINEL, raise_on_timeout: bool = True) -> bool:
        try:
            return self._read(timeout, raise_on_timeout)
        except TimeoutError:
            if self._read(0, raise_on_timeout=False):
                return True
            raise

    def _read(self, timeout: Any, raise_on_timeout: bool) -> bool:
        return bool(super().read_from_socket(timeout, raise_on_timeout))  # type: ignore[no-untyped-call]


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    return host, int(port or 26379)


@contextmanager
def translate_redis_errors() -> Iterator[None]:
    """Turn every failure of Redis, down, slow, read-only or full, into ``QueueUnavailable``."""
    try:
        yield
    except RedisError as error:
        raise QueueUnavailable(f"Redis does not serve: {error}") from error


class LuaScript:
    """A script that Redis runs atomically; sent by its hash, in full only when Redis does not know it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def run(
        self, connections: PersistentConnections, keys: Sequence[str], arguments: Sequence[Argument]
    ) -> Any:
        """For a script that does no harm when it is run twice; see
        :meth:`PersistentConnections.execute_all`."""
        return self._evaluate(connections.execute, keys, arguments)

    def run_once(
        self, connections: PersistentConnections, keys: Sequence[str], arguments: Sequence[Argument]
    ) -> Any:
        """For a script that must not be run twice; see :meth:`PersistentConnections.execute_once`."""
        return self._evaluate(connections.execute_once, keys, arguments)

    def _evaluate(
        self, execute: Callable[..., Any], keys: Sequence[str], arguments: Sequence[Argument]
    ) -> Any:
        try:
            return execute("EVALSHA", self.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return execute("EVAL", self.text, len(keys), *keys, *arguments)
