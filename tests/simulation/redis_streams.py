"""Redis' streams and consumer groups, in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tests.simulation.redis_values import OK, Group, Pending, Refusal, Stream, StreamId, id_text, parse_id

if TYPE_CHECKING:
    from tests.simulation.redis_commands import RedisData

Arguments = Sequence[bytes]
_LARGEST = 2**64


def _xadd(data: RedisData, a: Arguments) -> Any:
    key, rest, most = a[0], list(a[1:]), None
    if rest[0].upper() == b"MAXLEN":
        exact = 1 if rest[1] not in (b"~", b"=") else 2
        most, rest = _count(rest[exact]), rest[exact + 1 :]
    given = None if rest[0] == b"*" else parse_id(rest[0])
    stream: Stream = data.make(key, Stream)
    id = _next_id(data, stream) if given is None else given
    if id <= stream.last:
        raise Refusal("ERR The ID specified in XADD is equal or smaller than the target stream top item")
    stream.entries[id], stream.last = rest[1:], id
    while most is not None and len(stream.entries) > most:
        del stream.entries[next(iter(stream.entries))]
    data.on_push(key)
    return id_text(id)


def _count(text: bytes) -> int:
    if not text.isdigit():
        raise Refusal("ERR value is not an integer or out of range")
    return int(text)


def _next_id(data: RedisData, stream: Stream) -> StreamId:
    now = data.now_ms()
    if now > stream.last[0]:
        return (now, 0)
    if stream.last[1] + 1 >= _LARGEST:
        raise Refusal("ERR The stream has exhausted the last possible ID, unable to add more items")
    return (stream.last[0], stream.last[1] + 1)


def _xlen(data: RedisData, a: Arguments) -> Any:
    stream = data.find(a[0], Stream)
    return len(stream.entries) if stream else 0


def _xrange(data: RedisData, a: Arguments) -> Any:
    return _range(data, a[0], a[1], a[2], a[3:])


def _xrevrange(data: RedisData, a: Arguments) -> Any:
    return _range(data, a[0], a[2], a[1], a[3:], backwards=True)


def _range(
    data: RedisData, key: bytes, first: bytes, last: bytes, rest: Arguments, backwards: bool = False
) -> Any:
    stream = data.find(key, Stream)
    if stream is None:
        return []
    low, high = parse_id(first), parse_id(last, _LARGEST)
    found = [id for id in stream.entries if low <= id <= high]
    if backwards:
        found.reverse()
    count = int(rest[1]) if rest else len(found)
    return [[id_text(id), stream.entries[id]] for id in found[:count]]


def _xdel(data: RedisData, a: Arguments) -> Any:
    stream = data.find(a[0], Stream)
    deleted = [stream.entries.pop(parse_id(id), None) for id in a[1:]] if stream else []
    for fields in deleted:
        if fields is not None:
            data.on_delete_entry(a[0], fields)
    return sum(fields is not None for fields in deleted)


def _group(data: RedisData, key: bytes, name: bytes, command: str) -> tuple[Stream, Group]:
    stream = data.find(key, Stream)
    if stream is None or name not in stream.groups:
        raise Refusal(
            f"NOGROUP No such key '{key.decode(errors='replace')}' or consumer group "
            f"'{name.decode(errors='replace')}'{command}"
        )
    return stream, stream.groups[name]


def _xgroup(data: RedisData, a: Arguments) -> Any:
    key, name = a[1], a[2]
    if data.find(key, Stream) is None and b"MKSTREAM" not in [each.upper() for each in a[4:]]:
        raise Refusal("ERR The XGROUP subcommand requires the key to exist.")
    stream = data.make(key, Stream)
    if name in stream.groups:
        raise Refusal("BUSYGROUP Consumer Group name already exists")
    stream.groups[name] = Group(stream.last if a[3] == b"$" else parse_id(a[3]))
    return OK


def _xack(data: RedisData, a: Arguments) -> Any:
    stream = data.find(a[0], Stream)
    if stream is None or a[1] not in stream.groups:
        return 0
    pending = stream.groups[a[1]].pending
    return sum(pending.pop(parse_id(id), None) is not None for id in a[2:])


def _xreadgroup(data: RedisData, a: Arguments) -> Any:
    """Reads without waiting. The connection itself waits in simulated time, and then tries again."""
    upper = [each.upper() for each in a]
    count = int(a[upper.index(b"COUNT") + 1]) if b"COUNT" in upper else _LARGEST
    places = a[upper.index(b"STREAMS") + 1 :]
    half = len(places) // 2
    group, consumer = a[1], a[2]
    pairs = list(zip(places[:half], places[half:], strict=True))
    for key, _ in pairs:
        _group(data, key, group, " in XREADGROUP with GROUP option")
    answer = []
    for key, after in pairs:
        stream, of_group = _group(data, key, group, "")
        if after != b">":
            answer.append([key, _history(stream, of_group, consumer, parse_id(after), count)])
        elif fresh := stream.after(of_group.last)[:count]:
            answer.append([key, _deliver(data, stream, of_group, consumer, fresh)])
    return answer or None


def _history(stream: Stream, group: Group, consumer: bytes, after: StreamId, count: int) -> Any:
    own = sorted(id for id, one in group.pending.items() if one.consumer == consumer and id > after)
    return [[id_text(id), stream.entries.get(id)] for id in own[:count]]


def _deliver(data: RedisData, stream: Stream, group: Group, consumer: bytes, ids: Sequence[StreamId]) -> Any:
    for id in ids:
        group.pending[id] = Pending(consumer, data.now_ms())
        group.last = id
    return [[id_text(id), stream.entries[id]] for id in ids]


def _xautoclaim(data: RedisData, a: Arguments) -> Any:
    stream, group = _group(data, a[0], a[1], "")
    consumer, idle_ms, start = a[2], int(a[3]), parse_id(a[4])
    upper = [each.upper() for each in a]
    count = int(a[upper.index(b"COUNT") + 1]) if b"COUNT" in upper else 100
    claimed: list[Any] = []
    deleted: list[bytes] = []
    following = (0, 0)
    for id in sorted(each for each in group.pending if each >= start):
        if len(claimed) + len(deleted) >= count:
            following = id
            break
        if id not in stream.entries:
            del group.pending[id]
            deleted.append(id_text(id))
            continue
        if data.now_ms() - group.pending[id].delivered_ms < idle_ms:
            continue
        group.pending[id] = Pending(consumer, data.now_ms())
        claimed.append([id_text(id), stream.entries[id]])
    return [id_text(following), claimed, deleted]


def _xinfo(data: RedisData, a: Arguments) -> Any:
    stream = data.find(a[1], Stream)
    if stream is None:
        raise Refusal("ERR no such key")
    return [
        b"length",
        len(stream.entries),
        b"last-generated-id",
        id_text(stream.last),
        b"groups",
        len(stream.groups),
    ]


def _xpending(data: RedisData, a: Arguments) -> Any:
    _, group = _group(data, a[0], a[1], "")
    ids = sorted(group.pending)
    if not ids:
        return [0, None, None, None]
    consumers = sorted({one.consumer for one in group.pending.values()})
    counts = [[name, b"%d" % sum(o.consumer == name for o in group.pending.values())] for name in consumers]
    return [len(ids), id_text(ids[0]), id_text(ids[-1]), counts]


STREAM_COMMANDS: dict[bytes, Callable[[Any, Arguments], Any]] = {
    b"XADD": _xadd,
    b"XLEN": _xlen,
    b"XRANGE": _xrange,
    b"XREVRANGE": _xrevrange,
    b"XDEL": _xdel,
    b"XGROUP": _xgroup,
    b"XACK": _xack,
    b"XREADGROUP": _xreadgroup,
    b"XAUTOCLAIM": _xautoclaim,
    b"XINFO": _xinfo,
    b"XPENDING": _xpending,
}
