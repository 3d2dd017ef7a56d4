"""Where ``limits`` counts: in Redis, over connections that thousands of requests may wait for."""

from __future__ import annotations

import time

from limits.storage import Storage
from redis.exceptions import RedisError

from judge_core.redis.client import LuaScript
from judge_core.redis.keys import RATE_LIMIT_PREFIX
from judge_core.redis.persistent_connections import PersistentConnections

_ADD = LuaScript(
    """
    local count = redis.call('INCRBY', KEYS[1], ARGV[1])
    if count == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
    return count
    """
)


class RedisRateLimitStorage(Storage):
    """As ``limits.storage.RedisStorage`` counts, whose pool refuses who finds no free connection.

    Raises ``StorageError`` when Redis fails. An act whose answer was lost is not counted once more.
    """

    def __init__(self, connections: PersistentConnections) -> None:
        super().__init__(wrap_exceptions=True)
        self._connections = connections

    @property
    def base_exceptions(self) -> type[Exception]:
        return RedisError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return int(_ADD.run_once(self._connections, [RATE_LIMIT_PREFIX + key], [amount, expiry]))

    def get(self, key: str) -> int:
        return int(self._connections.execute("GET", RATE_LIMIT_PREFIX + key) or 0)

    def get_expiry(self, key: str) -> float:
        return max(0, int(self._connections.execute("TTL", RATE_LIMIT_PREFIX + key))) + time.time()

    def check(self) -> bool:
        return bool(self._connections.execute("PING"))

    def clear(self, key: str) -> None:
        self._connections.execute("DEL", RATE_LIMIT_PREFIX + key)

    def reset(self) -> int | None:
        """Nobody here forgets everybody's counts."""
        raise NotImplementedError
