"""Moves unreadable entries out of Redis' lists, sets and streams. They are kept, counted and shown to
operators.

The content of Redis is untrusted, since a thief of a worker's credentials can write any bytes. An unreadable
entry must not stop the loop that reads it, and must not be lost silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from judge_core.logging import ThrottledWarning, get_logger
from judge_core.model.submission import rfc3339
from judge_core.redis.client import LuaScript, PersistentConnections, translate_redis_errors
from judge_core.redis.keys import COUNTERS_KEY, moved_aside_key, set_aside_key

_logger = get_logger(__name__)
COUNTER = "set_aside"
MAX_KEPT = 200
"""How many of the latest entries of one source are kept. All entries are counted."""
_MAX_CONTENT_BYTES = 4096
_SHOWN_CHARACTERS = 200
_MOVED_SECONDS = 7 * 24 * 3600

_SET_ASIDE = LuaScript(
    """
    local how, entry, moved = ARGV[1], ARGV[2], 1
    if how == 'LREM' then moved = redis.pcall('LREM', KEYS[3], 0, entry) end
    if how == 'SREM' or how == 'ZREM' then moved = redis.pcall(how, KEYS[3], entry) end
    if how == 'RENAME' then
        local found = redis.call('TYPE', KEYS[3]).ok
        if found == 'none' or found == entry then return 0 end
        redis.call('UNLINK', KEYS[4])
        redis.call('RENAME', KEYS[3], KEYS[4])
        redis.call('EXPIRE', KEYS[4], ARGV[7])
    end
    if type(moved) == 'table' or moved == 0 then return 0 end
    redis.pcall('XADD', KEYS[1], 'MAXLEN', ARGV[6], '*',
        'key', KEYS[3], 'reason', ARGV[4], 'content', string.sub(entry, 1, ARGV[5]))
    redis.pcall('HINCRBY', KEYS[2], ARGV[3], moved)
    return moved
    """
)


class EntrySource(StrEnum):
    """Where an unreadable entry was found."""

    QUEUE = "queue"
    JOBS = "jobs"
    LEASES = "leases"
    REPORTS = "reports"
    WORKERS = "workers"
    KEYS = "keys"  # a key that holds a value of the wrong type
    ROWS = "rows"  # a submission's row in the database


@dataclass(frozen=True, slots=True)
class UnreadableEntry:
    """One entry that was set aside, as operators see it."""

    at: str
    source: EntrySource
    key: str
    reason: str
    content: str


@dataclass(frozen=True, slots=True)
class UnreadableEntriesSummary:
    """How many entries were set aside since Redis was last empty, by source, and the latest of them."""

    counts: dict[EntrySource, int]
    latest: tuple[UnreadableEntry, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "total": sum(self.counts.values()),
            "by_source": {source.value: count for source, count in self.counts.items() if count},
            "latest": [asdict(entry) for entry in self.latest],
        }


NO_UNREADABLE_ENTRIES = UnreadableEntriesSummary({}, ())


class UnreadableEntries:
    """Sets entries aside, and shows entries that were set aside.

    Several processes may set the same entry aside. It is counted once, by the process that removed it.

    Every method may raise ``QueueUnavailable``.
    """

    def __init__(self, redis: Redis) -> None:
        self._connections = PersistentConnections(redis)
        self._log = ThrottledWarning(_logger, "Entries of Redis cannot be read and are set aside")

    def keep_copy(self, source: EntrySource, key: str, entry: bytes, reason: str) -> None:
        """Keep a copy of an entry that the caller removes, or that expires by itself."""
        self._move(source, "KEEP", key, entry, reason)

    def set_aside_from_list(
        self, source: EntrySource, key: str, entries: Iterable[bytes], reason: str
    ) -> None:
        """Remove these entries from a list."""
        for entry in dict.fromkeys(entries):
            self._move(source, "LREM", key, entry, reason)

    def set_aside_from_set(
        self, source: EntrySource, key: str, members: Iterable[bytes], reason: str
    ) -> None:
        """Remove these members from a set."""
        for member in dict.fromkeys(members):
            self._move(source, "SREM", key, member, reason)

    def set_aside_whole_key(self, source: EntrySource, key: str, wanted: str, reason: str) -> bool:
        """Rename a key that is not of the ``wanted`` type, and let it expire after a week. Returns ``False``
        if the key has that type or does not exist."""
        return self._move(source, "RENAME", key, wanted.encode(), reason)

    def summary(self, count: int = 5) -> UnreadableEntriesSummary:
        """All counts, and the latest entries of each source."""
        with translate_redis_errors():
            counted = self._connections.execute(
                "HMGET", COUNTERS_KEY, *(_counter(each) for each in EntrySource)
            )
            streams = self._connections.execute_all(
                [("XREVRANGE", set_aside_key(each), "+", "-", "COUNT", count) for each in EntrySource]
            )
        counts = {source: _number(found) for source, found in zip(EntrySource, counted, strict=True)}
        entries = [
            _unreadable_entry(source, id, fields)
            for source, found in zip(EntrySource, streams, strict=True)
            for id, fields in found
        ]
        return UnreadableEntriesSummary(
            counts, tuple(sorted(entries, key=lambda each: each.at, reverse=True))
        )

    def _move(self, source: EntrySource, how: str, key: str, entry: bytes, reason: str) -> bool:
        keys = [set_aside_key(source), COUNTERS_KEY, key, moved_aside_key(key)]
        limits = (_MAX_CONTENT_BYTES, MAX_KEPT, _MOVED_SECONDS)
        arguments = (how, entry, _counter(source), reason, *limits)
        with translate_redis_errors():
            moved = bool(_SET_ASIDE.run(self._connections, keys, arguments))
        if moved:
            self._log.log(f"{key}: {reason}: {_shown(entry)}")
        return moved


def is_wrong_type(answer: object) -> bool:
    """Whether Redis refused a command since the key holds another type of value."""
    return isinstance(answer, ResponseError) and str(answer).startswith("WRONGTYPE")


def _counter(source: EntrySource) -> str:
    return f"{COUNTER}|{source.value}"


def _number(found: bytes | None) -> int:
    return int(found) if found is not None and found.isdigit() else 0


def _unreadable_entry(source: EntrySource, id: bytes, fields: list[bytes]) -> UnreadableEntry:
    found = dict(zip(fields[::2], fields[1::2], strict=False))
    at = datetime.fromtimestamp(int(id.partition(b"-")[0]) / 1000, UTC)
    return UnreadableEntry(
        rfc3339(at) or "",
        source,
        _shown(found.get(b"key", b"")),
        _shown(found.get(b"reason", b"")),
        _shown(found.get(b"content", b"")),
    )


def _shown(content: bytes) -> str:
    """Bytes as an operator may see them on a terminal. Characters that are not printable are escaped, and a
    long text is cut."""
    text = content[:_SHOWN_CHARACTERS].decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)[:_SHOWN_CHARACTERS]
