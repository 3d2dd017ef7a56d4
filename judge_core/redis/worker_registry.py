"""The registry of workers in Redis: their records, their heartbeats, and the commands of operators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import Tier
from judge_core.model.worker import WorkerRecord, WorkerState
from judge_core.redis.client import (
    LuaScript,
    PersistentConnections,
    create_redis_client,
    translate_redis_errors,
)
from judge_core.redis.keys import (
    DISPATCHER_KEY,
    SILENT_WORKERS_SET,
    queue_paused_key,
    worker_command_key,
    worker_key,
    worker_last_seen_key,
    workers_set,
)
from judge_core.redis.unreadable_entries import EntrySource, UnreadableEntries
from judge_core.redis.worker_record_parser import WorkerRecordParser, is_worker_name
from judge_core.redis.worker_users import WorkerUsers, user_of_worker

_COMMAND_SECONDS = 3600
_DRAIN = b"drain"
_JUDGING = (WorkerState.IDLE, WorkerState.BUSY)
_DISPATCHER_SECONDS = 5
_SILENT_SECONDS = 900
_LAST_SEEN_SECONDS = 3600


MAX_WORKERS = 5_000
"""The largest number of names in a set of workers. A larger set was not made by workers."""
_MAX_RECORD_BYTES = 256 * 1024
_MOST_RECORD_SECONDS = 3600
"""The longest time for which a record is kept without a heartbeat. A worker sets a much shorter one."""

# Reads the set and the records in one step, so that neither a huge set nor a huge record is ever sent. In
# place of a record that has expired, is no text or is too long, the answer has false. A record without an
# expiry, or with a very long one, gets an expiry: its worker may be dead. PERSIST removes the expiry, and it
# becomes too long if the clock is set back.
_READ_WORKERS = LuaScript(
    """
    if redis.call('SCARD', KEYS[1]) > tonumber(ARGV[1]) then return false end
    local found = {}
    for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
        local key = ARGV[3] .. name
        local length = redis.pcall('STRLEN', key)
        local text = false
        if type(length) == 'number' and length > 0 and length <= tonumber(ARGV[2]) then
            text = redis.call('GET', key)
            local left = redis.call('PTTL', key)
            if left < 0 or left > tonumber(ARGV[4]) * 1000 then redis.pcall('EXPIRE', key, ARGV[4]) end
        end
        found[#found + 1] = name
        found[#found + 1] = text
    end
    return found
    """
)


class WorkerRegistry:
    """Reads and writes the records of workers. Every method may raise ``QueueUnavailable``.

    With ``unreadable_entries``, records that cannot be read are also kept and counted. Only one process sets
    it.
    """

    def __init__(
        self,
        url: str,
        timeout_seconds: float = 1.0,
        unreadable_entries: UnreadableEntries | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._redis = create_redis_client(url, timeout_seconds)
        self._connections = PersistentConnections(self._redis)
        self._unreadable = unreadable_entries
        self._users = WorkerUsers(self._redis, clock.monotonic)
        self._parser = WorkerRecordParser(self._keep_unreadable)

    def workers(self, *, marks_silent: bool = True) -> list[WorkerRecord]:
        """All workers with a readable record, sorted by name.

        With ``marks_silent``, a worker whose record has expired is among :meth:`silent_workers` from then on.
        Otherwise it is only left out.
        """
        found = [record for user in self._users.all() for record in self._workers_of(user, marks_silent)]
        return sorted(found, key=lambda record: record.name)

    def _workers_of(self, user: str | None, marks_silent: bool) -> list[WorkerRecord]:
        key = workers_set(user)
        texts = self._read(key)
        odd = [name for name in texts if not _is_name_of(user, name)]
        names = self._parser.parse_names(name for name in texts if name not in odd)
        silent = [name for name in names if texts[name.encode()] is None]
        with translate_redis_errors():
            if silent and marks_silent:
                self._redis.srem(key, *silent)
                self._redis.zadd(SILENT_WORKERS_SET, dict.fromkeys(silent, self._now()))
        if self._unreadable is not None:
            self._unreadable.set_aside_from_set(
                EntrySource.WORKERS, key, odd, "no worker of this user can have this name"
            )
        found = ((name, texts[name.encode()]) for name in names)
        kept = ((name, text) for name, text in found if text is not None)
        return self._parser.parse(kept, lambda queue: self._users.may_serve(user, queue))

    def _read(self, key: str) -> dict[bytes, bytes | None]:
        """The records by worker. A set with too many names counts as empty."""
        with translate_redis_errors():
            arguments = (MAX_WORKERS, _MAX_RECORD_BYTES, worker_key(""), _MOST_RECORD_SECONDS)
            found = _READ_WORKERS.run(self._connections, [key], arguments)
        if found is None:
            if self._unreadable is not None:
                reason = f"it has more than {MAX_WORKERS} names"
                self._unreadable.set_aside_whole_key(EntrySource.WORKERS, key, "", reason)
            return {}
        return dict(zip(found[::2], found[1::2], strict=True))

    def _keep_unreadable(self, name: str, text: bytes, reason: str) -> None:
        if self._unreadable is not None:
            self._unreadable.keep_copy(EntrySource.WORKERS, worker_key(name), text, reason)

    def redis_now(self) -> datetime:
        """The time by Redis' clock, which is the same for all processes."""
        with translate_redis_errors():
            return datetime.fromtimestamp(self._now(), UTC)

    def _now(self) -> float:
        answer: Any = self._redis.time()
        seconds, microseconds = answer
        return float(seconds + microseconds / 1_000_000)

    def save_last_seen(self, records: Iterable[WorkerRecord]) -> None:
        """Keep copies of these records. :meth:`silent_workers` needs them after the workers' heartbeats have
        stopped."""
        with translate_redis_errors():
            for record in records:
                self._redis.set(worker_last_seen_key(record.name), record.dump(), ex=_LAST_SEEN_SECONDS)

    def silent_workers(self) -> list[WorkerRecord]:
        """The last records of workers that have recently stopped sending heartbeats without signing off. A
        worker that registered again is not among them."""
        with translate_redis_errors():
            self._redis.zremrangebyscore(SILENT_WORKERS_SET, 0, self._now() - _SILENT_SECONDS)
            members: Any = self._redis.zrange(SILENT_WORKERS_SET, 0, MAX_WORKERS)
            names = self._parser.parse_names(members)
            texts: Any = self._redis.mget([worker_last_seen_key(name) for name in names]) if names else []
            back: Any = self._redis.mget([worker_key(name) for name in names]) if names else []
        seen = zip(names, texts, back, strict=True)
        gone = self._parser.parse((name, text) for name, text, record in seen if text and record is None)
        return _as_lost(gone)

    def record_dispatcher_heartbeat(self) -> None:
        """Record that a dispatcher is alive. It is called every second."""
        with translate_redis_errors():
            self._redis.set(DISPATCHER_KEY, "1", ex=_DISPATCHER_SECONDS)

    def has_dispatcher(self) -> bool:
        """Whether any dispatcher sent a heartbeat in the last seconds."""
        with translate_redis_errors():
            return bool(self._redis.exists(DISPATCHER_KEY))

    def pause(self, tier: Tier, paused: bool) -> None:
        """Pause or resume a tier's queue. Workers finish what they have leased."""
        with translate_redis_errors():
            if paused:
                self._redis.set(queue_paused_key(tier), "1")
            else:
                self._redis.delete(queue_paused_key(tier))

    def is_paused(self, tier: Tier) -> bool:
        """Whether a tier's queue is paused."""
        with translate_redis_errors():
            return bool(self._redis.exists(queue_paused_key(tier)))

    def drain(self, worker: str) -> bool:
        """Ask a worker to finish its submission and end. Returns ``False`` if no such worker is registered.

        The order is kept under the worker's command key, which its heartbeat reads.
        """
        with translate_redis_errors():
            if not self._redis.exists(worker_key(worker)):
                return False
            self._redis.set(worker_command_key(worker), _DRAIN, ex=_COMMAND_SECONDS)
            return True

    def with_drains(self, workers: Iterable[WorkerRecord]) -> list[WorkerRecord]:
        """The workers. A worker that was asked to drain is shown as draining, even before it has read the
        order."""
        records = list(workers)
        keys = [worker_command_key(record.name) for record in records]
        with translate_redis_errors():
            orders: Any = self._redis.mget(keys) if keys else []
        return [
            replace(record, state=WorkerState.DRAINING)
            if order == _DRAIN and record.state in _JUDGING
            else record
            for record, order in zip(records, orders, strict=True)
        ]


def _is_name_of(user: str | None, name: bytes) -> bool:
    return is_worker_name(name) and user_of_worker(name.decode()) == user


def _as_lost(records: Iterable[WorkerRecord]) -> list[WorkerRecord]:
    why = "no heartbeat: it was killed, or cannot reach Redis"
    return [replace(record, state=WorkerState.LOST, reason=why) for record in records]
