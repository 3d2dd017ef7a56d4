"""Files that clients of Jobe's API store before the runs that use them. A client chooses the id of each file.

They are kept in Redis for two days. If an account stores too many, its oldest files are deleted. A run whose
file is no longer stored is refused, and the client stores the file again.
"""

from __future__ import annotations

import time

from judge_core.redis.client import (
    LuaScript,
    PersistentConnections,
    create_redis_client,
    translate_redis_errors,
)
from judge_core.redis.keys import SUPPORT_FILES_PREFIX

KEPT_SECONDS = 2 * 24 * 3600
MOST_BYTES = 16 << 20
"""The largest number of bytes that are kept for one account. A file that is larger by itself is kept as the
account's only file."""
_PUT = LuaScript(
    """
    local sizes, ages, prefix, id = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
    local size = #ARGV[3]
    local total = redis.call('HINCRBY', sizes, '', size - tonumber(redis.call('HGET', sizes, id) or 0))
    redis.call('HSET', sizes, id, size)
    redis.call('ZADD', ages, ARGV[4], id)
    redis.call('SET', prefix .. id, ARGV[3], 'EX', ARGV[5])
    while total > tonumber(ARGV[6]) do
        local oldest = redis.call('ZRANGE', ages, 0, 0)[1]
        if not oldest or oldest == id then break end
        redis.call('ZREM', ages, oldest)
        redis.call('DEL', prefix .. oldest)
        total = redis.call('HINCRBY', sizes, '', -tonumber(redis.call('HGET', sizes, oldest) or 0))
        redis.call('HDEL', sizes, oldest)
    end
    redis.call('EXPIRE', sizes, ARGV[5])
    redis.call('EXPIRE', ages, ARGV[5])
    return total
    """
)


class SupportFiles:
    """Stores files. Each account can read only its own files.

    Every method may raise ``QueueUnavailable``.
    """

    def __init__(self, redis_url: str, timeout_seconds: float = 1.0) -> None:
        self._connections = PersistentConnections(create_redis_client(redis_url, timeout_seconds))

    def put(self, account_id: str, id: str, content: bytes) -> None:
        """Store a file. It replaces a file with the same id."""
        prefix = f"{SUPPORT_FILES_PREFIX}{account_id}:"
        # The names of the index contain a colon. No id contains one, so no id can name the index.
        keys = [f"{prefix}:sizes", f"{prefix}:ages"]
        arguments: list[str | int | float | bytes] = [
            *(prefix, id, content, time.time(), KEPT_SECONDS, MOST_BYTES)
        ]
        with translate_redis_errors():
            _PUT.run(self._connections, keys, arguments)

    def get(self, account_id: str, id: str) -> bytes | None:
        """The content. ``None`` if the file is not stored, or no longer stored."""
        with translate_redis_errors():
            found: bytes | None = self._connections.execute("GET", f"{SUPPORT_FILES_PREFIX}{account_id}:{id}")
        return found
