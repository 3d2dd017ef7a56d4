"""A Redis in memory. It has the commands that Gavel sends, as Redis 7 does them, and runs Lua scripts
unchanged.

``tests/contract/test_simulated_redis.py`` sends the same commands to a real redis-server, and compares.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from tests.simulation.redis_lua import Script, ScriptEngine
from tests.simulation.redis_streams import STREAM_COMMANDS
from tests.simulation.redis_values import OK, TYPES, RedisSet, Refusal, Simple, SortedSet, copied

Arguments = Sequence[bytes]
_WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
_NOT_INTEGER = "ERR value is not an integer or out of range"
_FULL = "OOM command not allowed when used memory > 'maxmemory'."
_GROWS = frozenset(
    b"SET HSET HSETNX HINCRBY INCRBY RPUSH LPUSH LINSERT LMOVE BLMOVE SADD ZADD XADD XGROUP".split()
)
"""The commands that a Redis with full memory refuses."""
_WRITES = _GROWS | frozenset(
    b"DEL UNLINK EXPIRE RENAME HDEL LREM SREM ZREM ZREMRANGEBYSCORE XACK XDEL".split()
)
_MS_OF = {b"EX": 1000, b"PX": 1}


class RedisData:
    """The keys of one Redis. Keys expire by the clock ``now_ms``."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self.is_full = False
        self.on_push: Callable[[bytes], None] = lambda _key: None
        """Called with the key of a list or a stream to which something was added."""
        self.on_set: Callable[[bytes, bytes | None, bytes], None] = lambda _key, _before, _after: None
        """Called with a key, its text (``None`` if it has none) and its next text."""
        self.on_delete_entry: Callable[[bytes, list[bytes]], None] = lambda _key, _fields: None
        """Called with the key of a stream and the fields of an entry that was deleted from it."""
        self.values: dict[bytes, Any] = {}
        self.expiries: dict[bytes, int] = {}
        self.scripts: dict[bytes, Script] = {}
        self._engine = ScriptEngine.shared()
        self._script_has_written: bool | None = None

    def snapshot(self) -> tuple[dict[bytes, Any], dict[bytes, int]]:
        """A copy of what Redis would write to its file now."""
        return {key: copied(value) for key, value in self.values.items()}, dict(self.expiries)

    def restart(self, saved: tuple[dict[bytes, Any], dict[bytes, int]] = ({}, {})) -> None:
        """Lose everything but the saved keys. The scripts are lost too."""
        self.values = {key: copied(value) for key, value in saved[0].items()}
        self.expiries = dict(saved[1])
        self.scripts.clear()

    def execute(self, command: Arguments) -> Any:
        """Do one command and return its answer. Raises :class:`Refusal`."""
        name = command[0].upper()
        function = COMMANDS.get(name)
        if function is None:
            raise Refusal(f"ERR unknown command '{name.decode('ascii', 'replace')}'")
        if self.is_full and name in _GROWS and not self._script_has_written:
            raise Refusal(_FULL)
        if self._script_has_written is False and name in _WRITES:
            self._script_has_written = True
        return function(self, command[1:])

    def find(self, key: bytes, kind: type) -> Any:
        """The value of a key, ``None`` if there is none. Raises :class:`Refusal` for another type."""
        value = self.peek(key)
        if value is not None and type(value) is not kind:
            raise Refusal(_WRONG_TYPE)
        return value

    def make(self, key: bytes, kind: type) -> Any:
        """Like :meth:`find`, but a missing value is made, and is empty at first."""
        value = self.find(key, kind)
        if value is None:
            value = self.values[key] = kind()
        return value

    def peek(self, key: bytes) -> Any:
        """The value of a key, whatever its type is. A key that has expired is removed first."""
        expires = self.expiries.get(key)
        if expires is not None and expires <= self.now_ms():
            self.remove(key)
        return self.values.get(key)

    def remove(self, key: bytes) -> bool:
        self.expiries.pop(key, None)
        return self.values.pop(key, None) is not None

    def remove_if_empty(self, key: bytes, value: Any) -> None:
        if not value:
            self.remove(key)

    def load(self, text: bytes) -> bytes:
        sha = hashlib.sha1(text, usedforsecurity=False).hexdigest().encode()
        if sha not in self.scripts:
            self.scripts[sha] = self._engine.compiled(text)
        return sha

    def run_script(self, sha: bytes, arguments: Arguments) -> Any:
        script = self.scripts.get(sha.lower())
        if script is None:
            raise Refusal("NOSCRIPT No matching script. Please use EVAL.")
        count = _integer(arguments[0])
        self._script_has_written = False
        try:
            return self._engine.run(script, self.execute, arguments[1 : 1 + count], arguments[1 + count :])
        finally:
            self._script_has_written = None


def _integer(text: bytes) -> int:
    try:
        return int(text)
    except ValueError:
        raise Refusal(_NOT_INTEGER) from None


def _number(value: float) -> bytes:
    return b"%d" % value if value == int(value) else repr(value).encode()


def _get(data: RedisData, a: Arguments) -> Any:
    return data.find(a[0], bytes)


def _set(data: RedisData, a: Arguments) -> Any:
    options = [each.upper() for each in a[2:]]
    exists = data.peek(a[0]) is not None
    if (b"NX" in options and exists) or (b"XX" in options and not exists):
        return None
    expires = None
    for name, factor in _MS_OF.items():
        if name in options:
            expires = _integer(options[options.index(name) + 1]) * factor
            if expires <= 0:
                raise Refusal("ERR invalid expire time in 'set' command")
    kept = _get(data, a[:1]) if b"GET" in options else OK
    before = data.values.get(a[0])
    data.on_set(a[0], before if type(before) is bytes else None, a[1])
    data.remove(a[0])
    data.values[a[0]] = a[1]
    if expires is not None:
        data.expiries[a[0]] = data.now_ms() + expires
    return kept


def _mget(data: RedisData, a: Arguments) -> Any:
    return [value if type(value) is bytes else None for value in map(data.peek, a)]


def _delete(data: RedisData, a: Arguments) -> Any:
    return sum(data.peek(key) is not None and data.remove(key) for key in a)


def _exists(data: RedisData, a: Arguments) -> Any:
    return sum(data.peek(key) is not None for key in a)


def _type(data: RedisData, a: Arguments) -> Any:
    value = data.peek(a[0])
    return Simple(b"none" if value is None else TYPES[type(value)])


def _expire(data: RedisData, a: Arguments) -> Any:
    seconds = _integer(a[1])
    if data.peek(a[0]) is None:
        return 0
    if seconds <= 0:
        data.remove(a[0])
    else:
        data.expiries[a[0]] = data.now_ms() + seconds * 1000
    return 1


def _pttl(data: RedisData, a: Arguments) -> Any:
    if data.peek(a[0]) is None:
        return -2
    expires = data.expiries.get(a[0])
    return -1 if expires is None else expires - data.now_ms()


def _ttl(data: RedisData, a: Arguments) -> Any:
    left = _pttl(data, a)
    return left if left < 0 else (left + 500) // 1000


def _rename(data: RedisData, a: Arguments) -> Any:
    value, expires = data.peek(a[0]), data.expiries.get(a[0])
    if value is None:
        raise Refusal("ERR no such key")
    data.remove(a[0])
    data.remove(a[1])
    data.values[a[1]] = value
    if expires is not None:
        data.expiries[a[1]] = expires
    return OK


def _strlen(data: RedisData, a: Arguments) -> Any:
    return len(data.find(a[0], bytes) or b"")


def _getrange(data: RedisData, a: Arguments) -> Any:
    text, start, end = data.find(a[0], bytes) or b"", _integer(a[1]), _integer(a[2])
    if start < 0 and end < 0 and start > end:
        return b""
    start, end = (max(0, each + len(text)) if each < 0 else each for each in (start, end))
    return text[start : end + 1]


def _slice(length: int, first: bytes, last: bytes) -> slice:
    """A slice by Redis' indices: the end is included, and negative indices count from the end."""
    start, end = (each + length if each < 0 else each for each in (_integer(first), _integer(last)))
    return slice(max(0, start), max(0, end + 1))


def _increase(data: RedisData, a: Arguments) -> Any:
    found = data.find(a[0], bytes)
    total = (0 if found is None else _integer(found)) + _integer(a[1])
    data.values[a[0]] = b"%d" % total
    return total


def _hset(data: RedisData, a: Arguments) -> Any:
    if len(a) < 3 or len(a) % 2 == 0:
        raise Refusal("ERR wrong number of arguments for 'hset' command")
    value = data.make(a[0], dict)
    before = len(value)
    value.update(zip(a[1::2], a[2::2], strict=True))
    return len(value) - before


def _hsetnx(data: RedisData, a: Arguments) -> Any:
    value = data.make(a[0], dict)
    if a[1] in value:
        return 0
    value[a[1]] = a[2]
    return 1


def _hget(data: RedisData, a: Arguments) -> Any:
    return (data.find(a[0], dict) or {}).get(a[1])


def _hmget(data: RedisData, a: Arguments) -> Any:
    value = data.find(a[0], dict) or {}
    return [value.get(field) for field in a[1:]]


def _hgetall(data: RedisData, a: Arguments) -> Any:
    return [part for pair in (data.find(a[0], dict) or {}).items() for part in pair]


def _hdel(data: RedisData, a: Arguments) -> Any:
    value = data.find(a[0], dict) or {}
    removed = sum(value.pop(field, None) is not None for field in a[1:])
    data.remove_if_empty(a[0], value)
    return removed


def _hlen(data: RedisData, a: Arguments) -> Any:
    return len(data.find(a[0], dict) or ())


def _hexists(data: RedisData, a: Arguments) -> Any:
    return int(a[1] in (data.find(a[0], dict) or {}))


def _hstrlen(data: RedisData, a: Arguments) -> Any:
    return len(_hget(data, a) or b"")


def _hincrby(data: RedisData, a: Arguments) -> Any:
    found = (data.find(a[0], dict) or {}).get(a[1], b"0")
    if not found.lstrip(b"-").isdigit():
        raise Refusal("ERR hash value is not an integer")
    total = int(found) + _integer(a[2])
    data.make(a[0], dict)[a[1]] = b"%d" % total
    return total


def _llen(data: RedisData, a: Arguments) -> Any:
    return len(data.find(a[0], list) or ())


def _lrange(data: RedisData, a: Arguments) -> Any:
    value = data.find(a[0], list) or []
    return value[_slice(len(value), a[1], a[2])]


def _lindex(data: RedisData, a: Arguments) -> Any:
    value, at = data.find(a[0], list) or [], _integer(a[1])
    return value[at] if -len(value) <= at < len(value) else None


def _rpush(data: RedisData, a: Arguments) -> Any:
    value = data.make(a[0], list)
    value.extend(a[1:])
    data.on_push(a[0])
    return len(value)


def _lpush(data: RedisData, a: Arguments) -> Any:
    value = data.make(a[0], list)
    value[:0] = reversed(a[1:])
    data.on_push(a[0])
    return len(value)


def _lrem(data: RedisData, a: Arguments) -> Any:
    value, count, wanted = data.find(a[0], list) or [], _integer(a[1]), a[2]
    places = [at for at, each in enumerate(value) if each == wanted]
    chosen = places[:count] if count > 0 else places[count:]
    for at in reversed(chosen):
        del value[at]
    data.remove_if_empty(a[0], value)
    return len(chosen)


def _lpos(data: RedisData, a: Arguments) -> Any:
    value = data.find(a[0], list) or []
    return value.index(a[1]) if a[1] in value else None


def _linsert(data: RedisData, a: Arguments) -> Any:
    value = data.find(a[0], list)
    if value is None:
        return 0
    if a[2] not in value:
        return -1
    value.insert(value.index(a[2]) + int(a[1].upper() == b"AFTER"), a[3])
    data.on_push(a[0])
    return len(value)


def _lmove(data: RedisData, a: Arguments) -> Any:
    value = data.find(a[0], list)
    if value is None:
        return None
    target = data.make(a[1], list)
    moved = value.pop(0 if a[2].upper() == b"LEFT" else -1)
    target.insert(0 if a[3].upper() == b"LEFT" else len(target), moved)
    data.remove_if_empty(a[0], value)
    data.on_push(a[1])
    return moved


def _sadd(data: RedisData, a: Arguments) -> Any:
    value = data.make(a[0], RedisSet)
    before = len(value)
    value.update(dict.fromkeys(a[1:]))
    return len(value) - before


def _srem(data: RedisData, a: Arguments) -> Any:
    value = data.find(a[0], RedisSet) or RedisSet()
    removed = [member for member in dict.fromkeys(a[1:]) if member in value]
    for member in removed:
        del value[member]
    data.remove_if_empty(a[0], value)
    return len(removed)


def _smembers(data: RedisData, a: Arguments) -> Any:
    return list(data.find(a[0], RedisSet) or ())


def _scard(data: RedisData, a: Arguments) -> Any:
    return len(data.find(a[0], RedisSet) or ())


def _zadd(data: RedisData, a: Arguments) -> Any:
    value = data.make(a[0], SortedSet)
    before = len(value)
    value.update({member: float(score) for score, member in zip(a[1::2], a[2::2], strict=True)})
    return len(value) - before


def _zrem(data: RedisData, a: Arguments) -> Any:
    value = data.find(a[0], SortedSet) or SortedSet()
    removed = sum(value.pop(member, None) is not None for member in a[1:])
    data.remove_if_empty(a[0], value)
    return removed


def _zrange(data: RedisData, a: Arguments) -> Any:
    value = data.find(a[0], SortedSet) or SortedSet()
    members = value.in_order()[_slice(len(value), a[1], a[2])]
    if [each.upper() for each in a[3:]] != [b"WITHSCORES"]:
        return members
    return [part for member in members for part in (member, _number(value[member]))]


def _zremrangebyscore(data: RedisData, a: Arguments) -> Any:
    value = data.find(a[0], SortedSet) or SortedSet()
    chosen = [member for member, score in value.items() if float(a[1]) <= score <= float(a[2])]
    for member in chosen:
        del value[member]
    data.remove_if_empty(a[0], value)
    return len(chosen)


def _time(data: RedisData, _a: Arguments) -> Any:
    now = data.now_ms()
    return [b"%d" % (now // 1000), b"%d" % (now % 1000 * 1000)]


def _script(data: RedisData, a: Arguments) -> Any:
    what = a[0].upper()
    if what == b"LOAD":
        return data.load(a[1])
    if what == b"EXISTS":
        return [int(sha.lower() in data.scripts) for sha in a[1:]]
    data.scripts.clear()
    return OK


def _eval(data: RedisData, a: Arguments) -> Any:
    return data.run_script(data.load(a[0]), a[1:])


def _client(_data: RedisData, a: Arguments) -> Any:
    if a[0].upper() != b"SETNAME":
        raise Refusal(f"ERR unknown subcommand '{a[0].decode('ascii', 'replace')}'")
    return OK


def _flush(data: RedisData, _a: Arguments) -> Any:
    data.values.clear()
    data.expiries.clear()
    return OK


COMMANDS: dict[bytes, Callable[[RedisData, Arguments], Any]] = {
    b"PING": lambda _data, _a: Simple(b"PONG"),
    b"ACL": lambda _data, _a: [b"default"],
    b"CLIENT": _client,
    b"PUBLISH": lambda _data, _a: 0,
    b"PUBSUB": lambda _data, a: [a[1], 0],
    b"TIME": _time,
    b"SCRIPT": _script,
    b"EVAL": _eval,
    b"EVALSHA": lambda data, a: data.run_script(a[0], a[1:]),
    b"FLUSHALL": _flush,
    b"GET": _get,
    b"SET": _set,
    b"MGET": _mget,
    b"DEL": _delete,
    b"UNLINK": _delete,
    b"EXISTS": _exists,
    b"TYPE": _type,
    b"EXPIRE": _expire,
    b"TTL": _ttl,
    b"PTTL": _pttl,
    b"RENAME": _rename,
    b"STRLEN": _strlen,
    b"GETRANGE": _getrange,
    b"INCRBY": _increase,
    b"HSET": _hset,
    b"HSETNX": _hsetnx,
    b"HGET": _hget,
    b"HMGET": _hmget,
    b"HGETALL": _hgetall,
    b"HDEL": _hdel,
    b"HLEN": _hlen,
    b"HEXISTS": _hexists,
    b"HSTRLEN": _hstrlen,
    b"HINCRBY": _hincrby,
    b"LLEN": _llen,
    b"LRANGE": _lrange,
    b"LINDEX": _lindex,
    b"RPUSH": _rpush,
    b"LPUSH": _lpush,
    b"LREM": _lrem,
    b"LPOS": _lpos,
    b"LINSERT": _linsert,
    b"LMOVE": _lmove,
    b"BLMOVE": lambda data, a: _lmove(data, a[:4]),
    b"SADD": _sadd,
    b"SREM": _srem,
    b"SMEMBERS": _smembers,
    b"SCARD": _scard,
    b"ZADD": _zadd,
    b"ZREM": _zrem,
    b"ZRANGE": _zrange,
    b"ZREMRANGEBYSCORE": _zremrangebyscore,
    **STREAM_COMMANDS,
}
