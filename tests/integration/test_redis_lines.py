"""Kept connections over a real Redis: answers as they are, refusals, and a server that was restarted."""

from __future__ import annotations

import pytest
from redis.exceptions import ConnectionError, NoScriptError, ResponseError

from judge_api.events.redis_door import LuaScript, open_redis
from judge_api.events.redis_lines import RedisLines
from tests.fakes.redis_server import RedisServer


@pytest.fixture
def lines(redis_server: RedisServer) -> RedisLines:
    return RedisLines(open_redis(redis_server.url, 2.0))


def test_answers_come_as_redis_writes_them_and_in_order(lines: RedisLines) -> None:
    answers = lines.ask_all((("SET", "a", 1), ("GET", "a"), ("GET", "nothing"), ("LRANGE", "none", 0, -1)))
    assert answers == [b"OK", b"1", None, []]


def test_a_refusal_is_raised_when_the_rest_is_done(lines: RedisLines) -> None:
    lines.ask("SET", "text", "x")
    with pytest.raises(ResponseError):
        lines.ask_all((("SET", "before", 1), ("INCR", "text"), ("SET", "after", 1)))
    assert lines.ask("MGET", "before", "after") == [b"1", b"1"]
    with pytest.raises(NoScriptError):
        lines.ask("EVALSHA", "0" * 40, 0)


def test_one_connection_serves_whoever_asks_one_after_the_other(
    redis_server: RedisServer, lines: RedisLines
) -> None:
    before = redis_server.client().info("stats")["total_connections_received"]
    for _ in range(50):
        lines.ask("PING")
    after = redis_server.client().info("stats")["total_connections_received"]
    assert after - before <= 3  # the two that ask for the number, and this one


def test_a_restarted_redis_is_asked_over_a_fresh_connection(
    redis_server: RedisServer, lines: RedisLines
) -> None:
    script = LuaScript("return ARGV[1]")
    assert script.run(lines, (), ("one",)) == b"one"
    redis_server.stop()
    with pytest.raises(ConnectionError):
        lines.ask("PING")
    redis_server.start()
    assert script.run(lines, (), ("other",)) == b"other"
