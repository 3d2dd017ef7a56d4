"""Loads the workers' scripts into Redis, and moves keys of a wrong type aside.

A command on a key of a wrong type fails, so the loop that uses the key would fail at each step. Stolen
credentials of a worker, or an operator's mistake, can make such a key. If submissions are lost with the key,
the reconciler sends them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from redis import Redis

from judge_api.dispatch.rq_queue import existing_queues, popped_key, queue_key
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.model.tiers import DEFAULT_TIERS
from judge_core.redis.client import LuaScript, PersistentConnections, translate_redis_errors
from judge_core.redis.keys import (
    COUNTERS_KEY,
    REPORT_CONSUMERS_GROUP,
    REPORTS_STREAM,
    SILENT_WORKERS_SET,
    UNSERVED_KEY,
    WORKERS_SET,
    popped_jobs_key,
    queue_capacity_key,
    reports_stream,
    set_aside_key,
    workers_set,
)
from judge_core.redis.unreadable_entries import EntrySource, UnreadableEntries
from judge_core.redis.worker_scripts import load_worker_scripts
from judge_core.redis.worker_users import WorkerUsers

_logger = get_logger(__name__)


def _queue_key_types(queues: Iterable[str]) -> dict[str, str]:
    return {
        key: kind
        for queue in queues
        for key, kind in (
            (queue_key(queue), "list"),
            (popped_key(queue), "list"),
            (queue_capacity_key(queue), "string"),
        )
    }


KEY_TYPES: Mapping[str, str] = {
    **_queue_key_types(DEFAULT_TIERS),
    **{set_aside_key(source): "stream" for source in EntrySource},
    REPORTS_STREAM: "stream",
    WORKERS_SET: "set",
    SILENT_WORKERS_SET: "zset",
    COUNTERS_KEY: "hash",
    UNSERVED_KEY: "hash",
}
"""The keys that all processes share, and the type of each."""
_MAX_AHEAD_MS = 24 * 3600 * 1000

# If the last id of a stream is set far into the future, the stream takes no further entry once the ids are
# used up. Such a stream is made again when it is empty. Its entries have been recorded or set aside by then.
_RESET_IDS = LuaScript(
    """
    local found = redis.pcall('XINFO', 'STREAM', KEYS[1])
    if found.err then return 0 end
    local info = {}
    for i = 1, #found, 2 do info[found[i]] = found[i + 1] end
    local last = tonumber(string.match(info['last-generated-id'], '^(%d+)'))
    local now = redis.call('TIME')[1] * 1000
    if info['length'] > 0 or last <= now + tonumber(ARGV[1]) then return 0 end
    redis.call('DEL', KEYS[1]) -- XSETID takes no id below that of a deleted entry
    redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[2], '0', 'MKSTREAM')
    return 1
    """
)


class RedisKeyCheck:
    """Repairs keys of a wrong type. Any number of checks may run at once. May raise ``QueueUnavailable``.

    ``worker_queues`` returns the queues of the live workers, and must not raise, since the key of their names
    may have a wrong type too. It is needed if Redis was started again without data. Redis then knows a pool's
    queue only after its capacity was set or a job was put into it. Neither happens while the queue's key
    has a wrong type.
    """

    def __init__(
        self,
        redis: Redis,
        clock: Clock = SYSTEM_CLOCK,
        worker_queues: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._worker_queues = worker_queues
        self._redis = redis
        self._connections = PersistentConnections(redis)
        self._unreadable = UnreadableEntries(redis)
        self._users = WorkerUsers(redis, clock.monotonic)

    def check_once(self) -> int:
        """Load the workers' scripts, and move keys of a wrong type aside. Returns how many keys had a wrong
        type."""
        load_worker_scripts(self._connections)
        queues = _queue_key_types((*existing_queues(self._connections), *self._worker_queues()))
        types = {**KEY_TYPES, **queues, **_own_key_types(self._users.names())}
        found = self._types(types)
        self._reset_ids()
        moved = [
            self._unreadable.set_aside_whole_key(
                EntrySource.KEYS, key, wanted, f"a {found[key]}, it must be a {wanted}"
            )
            for key, wanted in types.items()
            if found[key] not in (wanted, "none")
        ]
        return sum(moved)

    def _types(self, keys: Iterable[str]) -> dict[str, str]:
        with translate_redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            for key in keys:
                pipeline.type(key)
            answers: list[Any] = pipeline.execute()
        return {key: answer.decode() for key, answer in zip(keys, answers, strict=True)}

    def _reset_ids(self) -> None:
        for stream in (reports_stream(user) for user in self._users.all()):
            with translate_redis_errors():
                reset = _RESET_IDS.run(self._connections, [stream], [_MAX_AHEAD_MS, REPORT_CONSUMERS_GROUP])
            if reset:
                _logger.error(
                    "The last id of a stream of reports was far in the future; the ids begin anew",
                    stream=stream,
                )


def _own_key_types(users: Iterable[str]) -> dict[str, str]:
    return {
        key: kind
        for user in users
        for key, kind in (
            (reports_stream(user), "stream"),
            (workers_set(user), "set"),
            (popped_jobs_key(user, ""), "list"),
        )
    }
