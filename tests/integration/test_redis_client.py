"""Kept connections to a real Redis return answers and errors as they are, and survive a restart of the
server."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from redis.exceptions import ConnectionError, DataError, NoScriptError, ResponseError, TimeoutError

from judge_core.redis.client import (
    MAX_PERSISTENT_CONNECTIONS,
    LuaScript,
    PersistentConnections,
    create_redis_client,
    keep_connections,
)
from tests.support.redis_server import RedisServer


@pytest.fixture(params=[True, False], ids=["kept", "by redis-py"])
def connections(redis_server: RedisServer, request: pytest.FixtureRequest) -> Iterator[PersistentConnections]:
    """Connections of both kinds, between which the setting GAVEL_FAST_PATHS chooses. Both give the same
    answers and errors."""
    keep_connections(request.param)
    yield PersistentConnections(create_redis_client(redis_server.url, 2.0))
    keep_connections(True)


def test_answers_have_redis_types_and_the_order_of_the_commands(connections: PersistentConnections) -> None:
    answers = connections.execute_all(
        (("SET", "a", 1), ("GET", "a"), ("GET", "nothing"), ("LRANGE", "none", 0, -1))
    )
    assert answers == [b"OK", b"1", None, []]


def test_a_refused_command_raises_after_the_other_commands_were_executed(
    connections: PersistentConnections,
) -> None:
    connections.execute("SET", "text", "x")
    with pytest.raises(ResponseError):
        connections.execute_all((("SET", "before", 1), ("INCR", "text"), ("SET", "after", 1)))
    assert connections.execute("MGET", "before", "after") == [b"1", b"1"]
    with pytest.raises(NoScriptError):
        connections.execute("EVALSHA", "0" * 40, 0)


def test_consecutive_commands_use_the_same_connection(
    redis_server: RedisServer, connections: PersistentConnections
) -> None:
    before = redis_server.client().info("stats")["total_connections_received"]
    for _ in range(50):
        connections.execute("PING")
    after = redis_server.client().info("stats")["total_connections_received"]
    assert after - before <= 3  # one connection for the commands, and two connections for the counting


def test_after_a_restart_of_redis_commands_use_a_new_connection(
    redis_server: RedisServer, connections: PersistentConnections
) -> None:
    script = LuaScript("return ARGV[1]")
    assert script.run(connections, (), ("one",)) == b"one"
    redis_server.stop()
    with pytest.raises(ConnectionError):
        connections.execute("PING")
    redis_server.start()
    assert script.run(connections, (), ("other",)) == b"other"


def test_hundreds_of_simultaneous_commands_share_a_few_connections(
    redis_server: RedisServer, connections: PersistentConnections
) -> None:
    each = _at_once(300, lambda: connections.execute("BLPOP", "nothing", "0.01"))
    assert each == [None] * 300
    assert _at_once(300, lambda: connections.execute_once("INCR", "count")) == sorted(range(1, 301))
    assert redis_server.client().info("clients")["connected_clients"] <= 2 * MAX_PERSISTENT_CONNECTIONS + 1


def test_a_client_of_redis_py_waits_for_a_free_connection(redis_server: RedisServer) -> None:
    client = create_redis_client(redis_server.url, 2.0)
    assert _at_once(150, lambda: client.blpop(["nothing"], 0.05)) == [None] * 150


def test_commands_that_wait_for_a_hanging_connection_fail_together(redis_server: RedisServer) -> None:
    connections = PersistentConnections(create_redis_client(redis_server.url, 0.3))
    redis_server.hang()
    try:
        failed = _at_once(
            4 * MAX_PERSISTENT_CONNECTIONS, lambda: _failure(lambda: connections.execute("PING"))
        )
    finally:
        redis_server.wake()
    assert all(isinstance(each, TimeoutError) for each in failed)
    assert any("commands before this one" in str(each) for each in failed)
    assert _first_answer(connections) == b"PONG"


def test_an_answer_that_has_arrived_is_not_reported_as_a_timeout(redis_server: RedisServer) -> None:
    line: Any = create_redis_client(redis_server.url, 2.0).connection_pool.get_connection()
    line.send_command("PING")
    line.can_read(2.0)
    parser = line._parser
    parser._sock = _WokenTooLate(parser._sock)
    assert line.read_response() == b"PONG"
    with pytest.raises(TimeoutError):
        line.read_response(timeout=0.01)


def test_a_command_that_cannot_be_encoded_is_not_sent(connections: PersistentConnections) -> None:
    with pytest.raises(DataError):
        connections.execute_all((("SET", "whole", 1), ("SET", "half", "\ud800")))
    assert connections.execute("MGET", "whole", "half") == [None, None]


def test_a_command_that_must_not_repeat_works_after_a_restart_of_redis(
    redis_server: RedisServer, connections: PersistentConnections
) -> None:
    assert connections.execute_once("INCR", "count") == 1
    redis_server.stop()
    redis_server.start()
    assert connections.execute_once("INCR", "count") == 2


class _WokenTooLate:
    """A socket whose first read raises a timeout although there is something to read. gevent's sockets may do
    so on a busy host."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._late = True

    def recv_into(self, buffer: Any) -> int:
        if self._late:
            self._late = False
            raise builtins.TimeoutError
        return int(self._sock.recv_into(buffer))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def _at_once(count: int, ask: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(count) as pool:
        found = [each.result() for each in [pool.submit(ask) for _ in range(count)]]
    return sorted(found) if isinstance(found[0], int) else found


def _first_answer(connections: PersistentConnections) -> Any:
    """Ping until an answer comes in time, and return it. On a busy machine some answers miss the limit of 0.3
    s."""
    for _ in range(100):
        with suppress(TimeoutError):
            return connections.execute("PING")
    raise AssertionError("Redis does not answer")


def _failure(ask: Callable[[], Any]) -> Exception:
    with pytest.raises(Exception) as caught:
        ask()
    return caught.value


def test_sentinels_may_have_ipv6_addresses() -> None:
    pool: Any = create_redis_client("sentinel://[fd00::1]:26380,host/gavel/0", 1.0).connection_pool
    asked = [each.connection_pool.connection_kwargs for each in pool.sentinel_manager.sentinels]
    assert [(each["host"], each["port"]) for each in asked] == [("fd00::1", 26380), ("host", 26379)]
