"""Connections that are kept between commands, for the few commands of every submission and every poll.

redis-py takes a connection from its pool for each command, checks whether the server has hung up, and gives
it back: three times the work of the command itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

import hiredis
from redis import Redis
from redis.exceptions import ConnectionError, DataError, ResponseError, TimeoutError

MAX_CONNECTIONS = 32
"""Redis does one command at a time: more at once make it no faster, and each is a socket of its 10,000."""
_MAX_IDLE = 8
_pack_command: Any = hiredis.pack_command  # its stub says: of one argument exactly

Argument = str | bytes | int | float
Command = Sequence[Argument]


class PersistentConnections:
    """Connections of a client's pool, with its names, passwords and time limits. Safe from any thread.

    ``MAX_CONNECTIONS`` commands run at a time and the others wait for them; when Redis fails those, the
    waiting ones fail with them. Answers come as Redis writes them. Raises ``RedisError``; ``DataError`` for
    a command that cannot be encoded, in which case nothing was sent.
    """

    def __init__(self, client: Redis) -> None:
        self._pool = client.connection_pool
        self._idle: deque[Any] = deque()
        # A semaphore. ``threading.Semaphore`` costs 4 µs under gevent, a third of a command; this a tenth
        # of one.
        self._permits: SimpleQueue[None] = SimpleQueue()
        for _ in range(MAX_CONNECTIONS):
            self._permits.put(None)
        self._failures = 0

    def execute(self, *command: Argument) -> Any:
        """See :meth:`execute_all`."""
        return self.execute_all((command,))[0]

    def execute_all(self, commands: Sequence[Command]) -> list[Any]:
        """Many in one round trip; when Redis refuses one, the others are done and the refusal is raised.

        A kept connection that turns out to be dead is replaced and the commands are sent once more: so only
        for commands that do no harm when they are done twice.
        """
        return self._with_permit(self._send_on_idle, commands)

    def execute_once(self, *command: Argument) -> Any:
        """For a command that must not be done twice: it is never repeated, so after an error it may have been
        done. The connection is checked before, as redis-py does: a restarted Redis is no error."""
        return self._with_permit(self._send_on_checked, (command,))[0]

    def _with_permit(self, send: Callable[[bytes, int], list[Any]], commands: Sequence[Command]) -> list[Any]:
        packed = _pack(commands)
        self._acquire_permit()
        try:
            return send(packed, len(commands))
        except (ConnectionError, TimeoutError):
            self._failures += 1
            raise
        finally:
            self._permits.put(None)

    def _acquire_permit(self) -> None:
        failures = self._failures
        try:
            self._permits.get_nowait()
        except Empty:
            self._permits.get()
            if self._failures != failures:
                self._permits.put(None)
                raise TimeoutError("Redis did not answer the commands before this one") from None

    def _send_on_idle(self, packed: bytes, count: int) -> list[Any]:
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._send_on_checked(packed, count)
        try:
            return self._send(connection, packed, count)
        except ConnectionError:  # Redis was restarted since
            return self._send_on_checked(packed, count)

    def _send_on_checked(self, packed: bytes, count: int) -> list[Any]:
        return self._send(self._pool.get_connection(), packed, count)

    def _send(self, connection: Any, packed: bytes, count: int) -> list[Any]:
        try:
            connection.send_packed_command([packed])
            answers = [_answer(connection) for _ in range(count)]
        except BaseException:
            connection.disconnect()
            self._pool.release(connection)
            raise
        if len(self._idle) < _MAX_IDLE:
            self._idle.append(connection)
        else:
            self._pool.release(connection)
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise answer
        return answers


def _pack(commands: Sequence[Command]) -> bytes:
    """As redis-py has hiredis write it, without redis-py's own checks of each argument."""
    try:
        return b"".join([_pack_command(tuple(command)) for command in commands])
    except UnicodeEncodeError as error:
        raise DataError(f"this cannot be written to Redis: {error}") from error


def _answer(connection: Any) -> Any:
    try:
        return connection.read_response()
    except ResponseError as refusal:
        return refusal
