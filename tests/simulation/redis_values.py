"""The values that the simulated Redis keeps, and how they are copied."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

StreamId = tuple[int, int]


class Refusal(Exception):
    """An error answer of Redis. Its text begins with the error code, as in the protocol."""


class Simple(bytes):
    """A status answer such as ``OK``. A script gets it as a table, a client as a text."""


OK = Simple(b"OK")


class RedisSet(dict[bytes, None]):
    """The members of a set, in the order in which they came."""


class SortedSet(dict[bytes, float]):
    """The members of a sorted set with their scores."""

    def in_order(self) -> list[bytes]:
        return sorted(self, key=lambda member: (self[member], member))


@dataclass
class Pending:
    """An entry that a consumer has read and not acknowledged."""

    consumer: bytes
    delivered_ms: int


@dataclass
class Group:
    """A consumer group: how far it has read, and the entries that are not acknowledged."""

    last: StreamId
    pending: dict[StreamId, Pending] = field(default_factory=dict)


@dataclass
class Stream:
    """Entries by their ids, with the groups that read them."""

    entries: dict[StreamId, list[bytes]] = field(default_factory=dict)
    groups: dict[bytes, Group] = field(default_factory=dict)
    last: StreamId = (0, 0)

    def after(self, id: StreamId) -> list[StreamId]:
        return [each for each in self.entries if each > id]


Value = bytes | list[bytes] | dict[bytes, bytes] | RedisSet | SortedSet | Stream
TYPES: dict[type, bytes] = {
    bytes: b"string",
    list: b"list",
    dict: b"hash",
    RedisSet: b"set",
    SortedSet: b"zset",
    Stream: b"stream",
}


def copied(value: Value) -> Any:
    """A copy that shares no mutable object with the original."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, Stream):
        groups = {
            name: Group(
                group.last, {id: Pending(one.consumer, one.delivered_ms) for id, one in group.pending.items()}
            )
            for name, group in value.groups.items()
        }
        return Stream(dict(value.entries), groups, value.last)
    return type(value)(value)  # type: ignore[arg-type]


def parse_id(text: bytes, missing: int = 0) -> StreamId:
    """The id of an entry as numbers. ``-`` stands for the least id, and ``+`` for the greatest."""
    if text == b"-":
        return (0, 0)
    if text == b"+":
        return (2**64, 2**64)
    first, _, second = text.partition(b"-")
    try:
        return (int(first), int(second) if second else missing)
    except ValueError:
        raise Refusal("ERR Invalid stream ID specified as stream command argument") from None


def id_text(id: StreamId) -> bytes:
    return b"%d-%d" % id
