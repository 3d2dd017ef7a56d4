"""Connections of one's own, for the few commands that go with every submission and every poll.

redis-py takes a connection from its pool for each command, looks whether the server has hung up, and gives it
back: three times the work of the command itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import hiredis
from redis import Redis
from redis.exceptions import ConnectionError, ResponseError

_MOST_IDLE = 8
_packed: Any = hiredis.pack_command  # its stub says: of one argument exactly

Command = Sequence[str | bytes | int | float]


class RedisLines:
    """Taken from a client's pool, with its names, passwords and time limits, and kept. Safe from any thread.

    Answers come as Redis writes them. A kept connection that turns out to be dead is replaced, and what was
    asked is asked once more: so only for commands that do no harm when they are done twice. Raises
    ``RedisError``.
    """

    def __init__(self, client: Redis) -> None:
        self._pool = client.connection_pool
        self._idle: deque[Any] = deque()

    def ask(self, *command: str | bytes | int | float) -> Any:
        return self.ask_all((command,))[0]

    def ask_all(self, commands: Sequence[Command]) -> list[Any]:
        """Many in one round trip; when Redis refuses one, the others are done and the refusal is raised."""
        try:
            line = self._idle.pop()
        except IndexError:
            return self._talk(self._pool.get_connection(), commands)
        try:
            return self._talk(line, commands)
        except ConnectionError:  # Redis was restarted since
            return self._talk(self._pool.get_connection(), commands)

    def _talk(self, line: Any, commands: Sequence[Command]) -> list[Any]:
        try:
            # As redis-py has hiredis write it, without its own looks at each argument.
            line.send_packed_command([b"".join([_packed(tuple(command)) for command in commands])])
            answers = [_answer(line) for _ in commands]
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


def _answer(line: Any) -> Any:
    try:
        return line.read_response()
    except ResponseError as refusal:
        return refusal
