"""The simulated Redis answers like a real redis-server. The same commands and scripts are sent to both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from judge_api.dispatch import metrics, redis_key_check, rq_queue
from judge_core.redis import unreadable_entries, worker_registry, worker_scripts
from judge_core.redis.client import LuaScript
from judge_core.redis.status_channel import PUBLISH_ALL, PUBLISH_SCRIPT
from tests.simulation.kernel import Kernel
from tests.simulation.redis import SimulatedRedis, _shown
from tests.support.redis_server import RedisServer

Send = Callable[..., Any]
_KEYS = ("one", "two", "three")
_VALUES = ("a", "b", "7", "-3", "", b"\xff\x00")


@pytest.fixture
def simulated() -> Iterator[SimulatedRedis]:
    kernel = Kernel(1)
    kernel.close()
    yield SimulatedRedis(kernel)


def _real(server: RedisServer) -> Send:
    client = Redis.from_url(server.url, protocol=2, socket_timeout=5)
    client.response_callbacks.clear()
    client.flushall()
    client.config_set("maxmemory", 0)

    def send(*command: Any) -> Any:
        try:
            return client.execute_command(*command)
        except RedisError as error:
            return error

    return send


def _of(simulated: SimulatedRedis) -> Send:
    return lambda *command: _shown(simulated.do(*command))


def _plain(answer: Any) -> Any:
    """The part of an answer that must be equal in both. For an error, that is its type and first word."""
    if isinstance(answer, Exception):
        return (type(answer).__name__, " ".join(str(answer).split()[:1]))
    if isinstance(answer, list):
        return [_plain(each) for each in answer]
    return answer.encode() if isinstance(answer, str) else answer


def _agree(server: RedisServer, simulated: SimulatedRedis, commands: Sequence[Sequence[Any]]) -> None:
    real, ours = _real(server), _of(simulated)
    for number, command in enumerate(commands):
        wanted, found = _plain(real(*command)), _plain(ours(*command))
        if command[0] in ("SMEMBERS", "HGETALL"):
            wanted, found = sorted(wanted), sorted(found)
        assert found == wanted, f"command {number} of {commands[: number + 1][-12:]}"


def _commands(random: Random) -> list[Any]:
    """One random command. The keys are few, so that commands often meet a key of another type."""
    key, other = random.choice(_KEYS), random.choice(_KEYS)
    value, field = random.choice(_VALUES), random.choice(("f", "g"))
    first, last = random.randint(-4, 4), random.randint(-4, 4)
    number = random.randint(-3, 3)
    return random.choice(
        [
            ["GET", key],
            ["SET", key, value],
            ["SET", key, value, "NX"],
            ["SET", key, value, "EX", "5", "GET"],
            ["MGET", key, other],
            ["DEL", key],
            ["UNLINK", key, other],
            ["EXISTS", key, other],
            ["TYPE", key],
            ["TTL", key],
            ["EXPIRE", key, 100],
            ["RENAME", key, other],
            ["STRLEN", key],
            ["GETRANGE", key, first, last],
            ["INCRBY", key, number],
            ["HSET", key, field, value, "h", "1"],
            ["HSETNX", key, field, value],
            ["HGET", key, field],
            ["HMGET", key, field, "h"],
            ["HGETALL", key],
            ["HDEL", key, field],
            ["HLEN", key],
            ["HEXISTS", key, field],
            ["HSTRLEN", key, field],
            ["HINCRBY", key, field, number],
            ["LLEN", key],
            ["LRANGE", key, first, last],
            ["LINDEX", key, first],
            ["RPUSH", key, value, "z"],
            ["LPUSH", key, value, "z"],
            ["LREM", key, number, value],
            ["LPOS", key, value],
            ["LINSERT", key, random.choice(("BEFORE", "AFTER")), value, "i"],
            ["LMOVE", key, other, "LEFT", "RIGHT"],
            ["LMOVE", key, other, "RIGHT", "LEFT"],
            ["SADD", key, value, "m"],
            ["SREM", key, value],
            ["SMEMBERS", key],
            ["SCARD", key],
            ["ZADD", key, abs(number), value],
            ["ZREM", key, value],
            ["ZRANGE", key, first, last],
            ["ZREMRANGEBYSCORE", key, 0, 1],
            ["NOSUCH", key],
        ]
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_simulated_redis_answers_commands_on_keys_of_all_types_like_a_real_redis(
    redis_server: RedisServer, simulated: SimulatedRedis, seed: int
) -> None:
    random = Random(seed)
    _agree(redis_server, simulated, [_commands(random) for _ in range(400)])


def _stream_commands(random: Random, last: list[int]) -> list[Any]:
    last[0] += 1
    group, consumer = "g", random.choice(("x", "y"))
    id = f"{random.randint(1, max(1, last[0]))}-0"
    return random.choice(
        [
            ["XADD", "s", f"{last[0]}-0", "f", "v"],
            ["XADD", "s", "MAXLEN", "5", f"{last[0]}-0", "f", "v"],
            ["XADD", "s", "1-0", "f", "v"],
            ["XLEN", "s"],
            ["XRANGE", "s", "-", "+", "COUNT", "3"],
            ["XREVRANGE", "s", "+", "-", "COUNT", "3"],
            ["XDEL", "s", id],
            ["XACK", "s", group, id],
            ["XGROUP", "CREATE", "s", group, "0", "MKSTREAM"],
            ["XREADGROUP", "GROUP", group, consumer, "COUNT", "2", "STREAMS", "s", ">"],
            ["XREADGROUP", "GROUP", group, consumer, "COUNT", "2", "STREAMS", "s", "0"],
            ["XAUTOCLAIM", "s", group, consumer, "0", "0", "COUNT", "2"],
            ["XPENDING", "s", group],
            ["XPENDING", "none", group],
            ["XADD", "none", "x", "f", "v"],
            ["SET", "none", "text"],
            ["XADD", "none", "9-0", "f", "v"],
            ["XRANGE", "none", "-", "+"],
        ]
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_simulated_redis_answers_stream_commands_like_a_real_redis(
    redis_server: RedisServer, simulated: SimulatedRedis, seed: int
) -> None:
    random, last = Random(seed), [0]
    _agree(redis_server, simulated, [_stream_commands(random, last) for _ in range(300)])


def _all_scripts() -> dict[str, LuaScript]:
    modules = (worker_scripts, rq_queue, metrics, redis_key_check, unreadable_entries, worker_registry)
    found = {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, LuaScript)
    }
    return {
        **found,
        "status_channel.PUBLISH_SCRIPT": PUBLISH_SCRIPT,
        "status_channel.PUBLISH_ALL": PUBLISH_ALL,
    }


_ARGUMENTS = (
    "600001",
    "600002",
    "1:w",
    "1:-",
    "2:v",
    "LREM",
    "RENAME",
    "KEEP",
    "list",
    "600000",
    "",
    "f",
    b"\xff",
)
"""The random arguments of the scripts. Small numbers are left out: a short time to live would end by the real
Redis' clock alone."""


def _arguments(random: Random) -> list[Any]:
    return [random.choice(_ARGUMENTS) for _ in range(8)]


@pytest.mark.parametrize("name", sorted(_all_scripts()))
def test_each_lua_script_does_the_same_in_the_simulated_and_the_real_redis(
    redis_server: RedisServer, simulated: SimulatedRedis, name: str
) -> None:
    random, text = Random(name), _all_scripts()[name].text
    commands: list[list[Any]] = []
    for _ in range(120):
        keys = [random.choice((*_KEYS, "four", "five")) for _ in range(6)]
        commands.append(["EVAL", text, 6, *keys, *_arguments(random)])
        commands += [_commands(random) for _ in range(2)]
    commands = [each for each in commands if "XADD" not in str(each[0])]
    real, ours = _real(redis_server), _of(simulated)
    for command in commands:
        wanted, found = _plain(real(*command)), _plain(ours(*command))
        if _has_time(command, wanted):
            continue
        if command[0] in ("SMEMBERS", "HGETALL"):
            wanted, found = sorted(wanted), sorted(found)
        assert found == wanted, command


def _has_time(command: Sequence[Any], answer: Any) -> bool:
    """Whether an answer depends on the clock."""
    return command[0] in ("TTL", "PTTL") and isinstance(answer, int) and answer > 0


GROWING = (
    "SET k v",
    "HSET h f v",
    "RPUSH l v",
    "SADD s m",
    "ZADD z 1 m",
    "XADD x * f v",
    "INCRBY n 1",
    "LMOVE l m LEFT LEFT",
)
SHRINKING = ("GET k", "DEL k", "LREM l 0 v", "EXPIRE l 100", "LRANGE l 0 -1", "PUBLISH c v")


@pytest.mark.parametrize("text", [*GROWING, *SHRINKING])
def test_a_full_simulated_redis_refuses_the_same_commands_as_a_full_real_redis(
    redis_server: RedisServer, simulated: SimulatedRedis, text: str
) -> None:
    real, ours = _real(redis_server), _of(simulated)
    for send in (real, ours):
        send("RPUSH", "l", "v")
    real("CONFIG", "SET", "maxmemory", "1")
    simulated.data.is_full = True
    try:
        wanted, found = _plain(real(*text.split())), _plain(ours(*text.split()))
    finally:
        real("CONFIG", "SET", "maxmemory", "0")
    assert found == wanted


@pytest.mark.parametrize("first", ["GET", "DEL"])
def test_in_a_full_simulated_redis_a_script_is_answered_as_in_a_full_real_redis(
    redis_server: RedisServer, simulated: SimulatedRedis, first: str
) -> None:
    script = f"redis.call('{first}', KEYS[1]) return redis.call('SET', KEYS[1], 'v')"
    real, ours = _real(redis_server), _of(simulated)
    real("SET", "k", "v"), ours("SET", "k", "v")
    real("CONFIG", "SET", "maxmemory", "1")
    simulated.data.is_full = True
    try:
        wanted, found = _plain(real("EVAL", script, 1, "k")), _plain(ours("EVAL", script, 1, "k"))
    finally:
        real("CONFIG", "SET", "maxmemory", "0")
    assert found == wanted
