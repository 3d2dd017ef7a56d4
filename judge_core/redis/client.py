"""The Redis client of every process: bounded in time, without hidden retries.

``create_redis_client`` makes redis-py's client. The few commands of every submission and every poll go
through ``PersistentConnections`` over such a client, and scripts through ``LuaScript``. Many readers of
keys share round trips by ``ReadBatcher``.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import hiredis
from redis import BlockingConnectionPool, Redis
from redis._parsers import _HiredisParser
from redis.backoff import NoBackoff
from redis.exceptions import (
    ConnectionError,
    DataError,
    NoPermissionError,
    NoScriptError,
    RedisError,
    ResponseError,
    TimeoutError,
)
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool
from redis.utils import SENTINEL

from judge_core.model.errors import QueueUnavailable

_SENTINEL = "sentinel://"
_SENTINEL_PORT = 26379
_POOL_SIZE = 64
"""The largest number of connections of one client. An API process has about ten clients, and Redis accepts
10,000 connections. If all connections are in use, a command waits until one is free. That is no failure of
Redis."""
_WAIT_SECONDS = 5.0
MAX_PERSISTENT_CONNECTIONS = 32
"""The largest number of commands that one client runs at once. Redis executes one command at a time, so more
connections would make nothing faster. Redis accepts 10,000 connections in total."""
_MAX_IDLE = 8
_pack_command: Any = hiredis.pack_command  # its stub allows one argument only

_keeps_connections = True

Argument = str | bytes | int | float
Command = Sequence[Argument]


def keep_connections(keep: bool) -> None:
    """Set whether this process keeps connections between commands (``FastPath.CONNECTIONS``). An entry point
    calls it before it makes a client."""
    global _keeps_connections  # set once for the whole process, as logging is
    _keeps_connections = keep


def create_redis_client(url: str, timeout_seconds: float, name: str | None = None) -> Redis:
    """A client for ``redis://``, ``rediss://``, ``unix://`` or ``sentinel://``. It connects at its first use.

    ``sentinel://user:password@one:26379,two:26379/name/0`` asks the sentinels for the address of the master
    ``name`` with every new connection: after a failover the next command goes to the new master.

    A command raises if its answer does not come within ``timeout_seconds``. So a Redis that accepts
    connections and never answers counts as down. The client never retries, since only the caller knows
    whether to try again. If very many commands come at once, some of them wait for a connection first.
    """
    options: dict[str, Any] = {
        "max_connections": _POOL_SIZE,
        "timeout": _WAIT_SECONDS,
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "retry": Retry(NoBackoff(), 0),
        "client_name": name,
        "health_check_interval": 0,
    }
    if _keeps_connections:
        options["parser_class"] = _RecheckingParser
    if url.startswith(_SENTINEL):
        return _create_sentinel_client(url, options)
    return Redis(connection_pool=BlockingConnectionPool.from_url(url, **options))


def _create_sentinel_client(url: str, options: dict[str, Any]) -> Redis:
    credentials, _, path = url.removeprefix(_SENTINEL).rpartition("@")
    hosts, name, database = (*path.split("/"), "0")[:3]
    user, _, password = credentials.partition(":")
    addresses = [_address(each) for each in hosts.split(",")]
    sentinels = Sentinel(
        addresses,
        sentinel_kwargs={key: options[key] for key in ("socket_timeout", "socket_connect_timeout", "retry")},
        username=unquote(user) or None,
        password=unquote(password) or None,
        db=int(database),
        **options,
    )
    pool = _BlockingSentinelPool
    master: Redis = sentinels.master_for(name, connection_pool_class=pool)
    return master


class _BlockingSentinelPool(SentinelConnectionPool, BlockingConnectionPool):
    """A pool that asks the sentinels with each new connection, and waits for a free connection if all are in
    use."""


class _RecheckingParser(_HiredisParser):
    """Raises a timeout only if there is nothing to read.

    With hundreds of requests at once, gevent may look at a socket only after the time limit of its reader. It
    then reports a timeout to the reader, although the answer has arrived.
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
    parts = urlsplit(f"//{text}")
    return parts.hostname or "", parts.port or _SENTINEL_PORT


class _RedisErrors:
    """Translates errors. It is a class, since a generator would be slower: every command of a submission is
    sent inside it."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, RedisError):
            raise QueueUnavailable(f"Redis cannot execute commands now: {error}") from error


_REDIS_ERRORS = _RedisErrors()


def translate_redis_errors() -> _RedisErrors:
    """Turn every error of Redis (it is down, slow, read-only or full) into ``QueueUnavailable``."""
    return _REDIS_ERRORS


class LuaScript:
    """A script that Redis runs atomically. It is sent by its hash, and in full only if Redis does not know
    it.

    A worker's Redis user may not send it in full. Until the main server has loaded it
    (:mod:`judge_core.redis.worker_scripts`), it fails with the same error as an unreachable Redis.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def run(
        self, connections: PersistentConnections, keys: Sequence[str], arguments: Sequence[Argument]
    ) -> Any:
        """Run a script that may be run twice. See :meth:`PersistentConnections.execute_all`."""
        return self._evaluate(connections.execute, keys, arguments)

    def run_once(
        self, connections: PersistentConnections, keys: Sequence[str], arguments: Sequence[Argument]
    ) -> Any:
        """Run a script that must not be run twice. See :meth:`PersistentConnections.execute_once`."""
        return self._evaluate(connections.execute_once, keys, arguments)

    def _evaluate(
        self, execute: Callable[..., Any], keys: Sequence[str], arguments: Sequence[Argument]
    ) -> Any:
        try:
            return execute("EVALSHA", self.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            pass
        try:
            return execute("EVAL", self.text, len(keys), *keys, *arguments)
        except NoPermissionError as error:
            raise ConnectionError("the main server has not loaded the workers' scripts yet") from error


class PersistentConnections:
    """Connections of a client's pool that are kept between commands. Safe from any thread.

    redis-py takes a connection from its pool for each command, checks whether the server has closed it, and
    gives it back. That costs CPU time for each command. Names, passwords and time limits are
    those of the pool.

    At most ``MAX_PERSISTENT_CONNECTIONS`` commands run at a time, and the others wait. If the running
    commands fail, the waiting ones fail, too. Answers are returned as Redis writes them. Raises
    ``RedisError``. Raises ``DataError`` for a command that cannot be encoded, and then nothing was sent.
    """

    def __init__(self, client: Redis) -> None:
        self._by_redis_py = None if _keeps_connections else _without_callbacks(client)
        self._pool = client.connection_pool
        self._idle: deque[Any] = deque()
        self._permits = threading.BoundedSemaphore(MAX_PERSISTENT_CONNECTIONS)
        self._failures = 0

    def execute(self, *command: Argument) -> Any:
        """Send one command, as :meth:`execute_all` does."""
        return self.execute_all((command,))[0]

    def execute_all(self, commands: Sequence[Command]) -> list[Any]:
        """Send many commands in one round trip. If Redis refuses one, it still does the others, and the
        refusal is raised.

        If a kept connection turns out to be dead, it is replaced and the commands are sent once more. So use
        this method only for commands that may be done twice.
        """
        if self._by_redis_py is not None:
            return _execute_by_redis_py(self._by_redis_py, commands)
        return self._with_permit(self._send_on_idle, commands)

    def execute_once(self, *command: Argument) -> Any:
        """Send a command that must not be done twice. It is never repeated, so after an error it may or may
        not have been done. The connection is checked first, as redis-py does. So a restart of Redis causes no
        error."""
        if self._by_redis_py is not None:
            return _execute_by_redis_py(self._by_redis_py, (command,))[0]
        return self._with_permit(self._send_on_checked, (command,))[0]

    def _with_permit(self, send: Callable[[bytes, int], list[Any]], commands: Sequence[Command]) -> list[Any]:
        packed = _pack(commands)
        self._acquire_permit()
        try:
            return send(packed, len(commands))
        except (ConnectionError, TimeoutError):
            self._failures += 1
            raise
        finally:
            self._permits.release()

    def _acquire_permit(self) -> None:
        failures = self._failures
        if self._permits.acquire(blocking=False):
            return
        self._permits.acquire()
        if self._failures != failures:
            self._permits.release()
            raise TimeoutError("Redis did not answer the commands before this one")

    def _send_on_idle(self, packed: bytes, count: int) -> list[Any]:
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._send_on_checked(packed, count)
        try:
            return self._send(connection, packed, count)
        except ConnectionError:  # Redis was restarted in the meantime
            return self._send_on_checked(packed, count)

    def _send_on_checked(self, packed: bytes, count: int) -> list[Any]:
        return self._send(self._pool.get_connection(), packed, count)

    def _send(self, connection: Any, packed: bytes, count: int) -> list[Any]:
        try:
            connection.send_packed_command([packed])
            answers = [_answer(connection) for _ in range(count)]
        except BaseException:
            connection.disconnect()
            self._pool.release(connection)
            raise
        if len(self._idle) < _MAX_IDLE:
            self._idle.append(connection)
        else:
            self._pool.release(connection)
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise answer
        return answers


def _without_callbacks(client: Redis) -> Redis:
    """A client over the same connections that returns answers as Redis writes them."""
    raw = Redis(connection_pool=client.connection_pool)
    raw.response_callbacks.clear()
    return raw


def _execute_by_redis_py(client: Redis, commands: Sequence[Command]) -> list[Any]:
    try:
        if len(commands) == 1:
            return [client.execute_command(*commands[0])]
        pipeline = client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return list(pipeline.execute())
    except UnicodeEncodeError as error:
        raise _not_encoded(error) from error


def _pack(commands: Sequence[Command]) -> bytes:
    """The command as hiredis encodes it for redis-py, without redis-py's own checks of each argument."""
    try:
        return b"".join([_pack_command(tuple(command)) for command in commands])
    except UnicodeEncodeError as error:
        raise _not_encoded(error) from error


def _not_encoded(error: UnicodeEncodeError) -> DataError:
    return DataError(f"this cannot be written to Redis: {error}")


def _answer(connection: Any) -> Any:
    try:
        return connection.read_response()
    except ResponseError as refusal:
        return refusal


Fetch = Callable[[Sequence[str]], Mapping[str, bytes | None]]
_MAX_WAIT_SECONDS = 20.0
"""The longest wait of a reader for its batch. It is far longer than the time limits of two reads. So a reader
waits so long only if the thread that leads its batch has ended."""


class _Batch:
    """The keys of one round trip and its result. It has no values and no error if the read was stopped."""

    __slots__ = ("done", "error", "keys", "values")

    def __init__(self) -> None:
        self.keys: dict[str, None] = {}
        self.values: Mapping[str, bytes | None] | None = None
        self.error: str | None = None
        self.done = threading.Event()


class ReadBatcher:
    """Combines reads of many threads. One read runs at a time, and readers that come meanwhile share the next
    read.

    A single reader never waits, and a thousand readers need two round trips. A value is read after its reader
    asked for it, never before. If a read fails, all its readers get ``QueueUnavailable``. A read can stop
    without a result, because a key cannot be sent or because the thread that leads the read ends. Then each
    reader reads its key alone, so that a bad key affects only its own reader.
    """

    def __init__(self, fetch: Fetch, max_wait_seconds: float = _MAX_WAIT_SECONDS) -> None:
        self._fetch = fetch
        self._max_wait_seconds = max_wait_seconds
        self._lock = threading.Lock()
        self._fetching = threading.Lock()
        self._open_batch: _Batch | None = None

    def get(self, key: str) -> bytes | None:
        with self._lock:
            batch = self._open_batch
            leads = batch is None
            if batch is None:
                batch = self._open_batch = _Batch()
            batch.keys[key] = None
        if leads:
            self._lead(batch)
        elif not batch.done.wait(self._max_wait_seconds):
            self._close(batch)
            raise QueueUnavailable("a read that is shared with other requests does not end")
        if batch.error is not None:
            raise QueueUnavailable(batch.error)
        if batch.values is None:
            return self._fetch_alone(key)
        return batch.values[key]

    def _lead(self, batch: _Batch) -> None:
        try:
            with self._fetching:
                self._close(batch)
                batch.values = self._fetch(list(batch.keys))
        except QueueUnavailable as error:
            batch.error = str(error)
        except Exception:  # noqa: BLE001 (each reader repeats its read alone, and its own error is raised there)
            pass
        finally:
            self._close(batch)
            batch.done.set()

    def _close(self, batch: _Batch) -> None:
        """Let no further reader join the batch. Usually the thread that leads the batch has closed it
        already."""
        with self._lock:
            if self._open_batch is batch:
                self._open_batch = None

    def _fetch_alone(self, key: str) -> bytes | None:
        with self._fetching:
            return self._fetch([key])[key]
