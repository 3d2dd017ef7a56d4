"""Connections of one's own, for the few commands that go with every submission and every poll.

redis-py takes a connection from its pool for each command, looks whether the server has hung up, and gives it
back: three times the work of the command itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import hiredis
from redis import Redis
from redis.exceptions import ConnectionError, DataError, ResponseError, TimeoutError

from judge_core.redis.semaphore import Turnstile

MOST_LINES = 32
"""Redis does one command at a time: more at once make it no faster, and each is a socket of its 10,000."""
_MOST_IDLE = 8
_packed: Any = hiredis.pack_command  # its stub says: of one argument exactly

Argument = str | bytes | int | float
Command = Sequence[Argument]


class RedisLines:
    """Taken from a client's pool, with its names, passwords and time limits, and kept. Safe from any thread.

    ``MOST_LINES`` ask at a time and the others wait for them; when Redis fails those, they fail with them.
    Answers come as Redis writes them. Raises ``RedisError``; ``DataError`` for what cannot be written, of
    which nothing was sent.
    """

    def __init__(self, client: Redis) -> None:
        self._pool = client.connection_pool
        self._idle: deque[Any] = deque()
        self._turnstile = Turnstile(MOST_LINES)
        self._failures = 0

    def ask(self, *command: Argument) -> Any:
        """See :meth:`ask_all`."""
        return self.ask_all((command,))[0]

    def ask_all(self, commands: Sequence[Command]) -> list[Any]:
        """Many in one round trip; when Redis refuses one, the others are done and the refusal is raised.

        A kept connection that turns out to be dead is replaced, and what was asked is asked once more: so
        only for commands that do no harm when they are done twice.
        """
        return self._in_turn(self._talk_on_kept, commands)

    def ask_once(self, *command: Argument) -> Any:
        """For a command that must not be done twice: never asked again, so after an error it may have been
        done. The connection is looked at before, as redis-py does: a restarted Redis is no error."""
        return self._in_turn(self._talk_on_looked_at, (command,))[0]

    def _in_turn(self, talk: Callable[[bytes, int], list[Any]], commands: Sequence[Command]) -> list[Any]:
        packed = _pack(commands)
        self._enter()
        try:
            return talk(packed, len(commands))
        except (ConnectionError, TimeoutError):
            self._failures += 1
            raise
        finally:
            self._turnstile.leave()

    def _talk_on_kept(self, packed: bytes, count: int) -> list[Any]:
        try:
            line = self._idle.pop()
        except IndexError:
            return self._talk_on_looked_at(packed, count)
        try:
            return self._talk(line, packed, count)
        except ConnectionError:  # Redis was restarted since
            return self._talk_on_looked_at(packed, count)

    def _talk_on_looked_at(self, packed: bytes, count: int) -> list[Any]:
        return self._talk(self._pool.get_connection(), packed, count)

    def _enter(self) -> None:
        failures = self._failures
        if self._turnstile.enter() and self._failures != failures:
            self._turnstile.leave()
            raise TimeoutError("Redis did not answer those who asked before")

    def _talk(self, line: Any, packed: bytes, count: int) -> list[Any]:
        try:
            line.send_packed_command([packed])
            answers = [_answer(line) for _ in range(count)]
        except BaseException:
            line.disconnect()
            self._pool.release(line)
            raise
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(line)
        else:
            self._pool.release(line)
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise answer
        return answers


def _pack(commands: Sequence[Command]) -> bytes:
    """As redis-py has hiredis write it, without its own looks at each argument."""
    try:
        return b"".join([_packed(tuple(command)) for command in commands])
    except UnicodeEncodeError as error:
        raise DataError(f"this cannot be written to Redis: {error}") from error


def _answer(line: Any) -> Any:
    try:
        return line.read_response()
    except ResponseError as refusal:
        return refusal
