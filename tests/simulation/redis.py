"""The simulated Redis as its clients see it. By the kernel's seed, commands may be late, lost or repeated.

The commands themselves are in ``redis_commands.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import hiredis
import redis
from redis._parsers import Encoder
from redis._parsers.base import BaseParser
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.simulation.kernel import Actor, Kernel, Process
from tests.simulation.redis_commands import RedisData
from tests.simulation.redis_values import OK, Refusal, Simple

Command = list[bytes]
_QUEUED = Simple(b"QUEUED")
_LATE_SECONDS = 8.0
_BETWEEN_TWO = 0.03
"""The chance that another process comes between two commands of one packet."""


@dataclass
class RedisFaults:
    """How Redis and the connections to it behave now. The rates are probabilities for one packet, from 0 to
    1.

        A ``late`` packet arrives after its sender has given up waiting, so it may come after its repetition.
    """

    is_down: bool = False
    is_hung: bool = False
    lost_requests: float = 0.0
    lost_answers: float = 0.0
    late: float = 0.0
    repeated: float = 0.0


@dataclass(eq=False)
class Waiter:
    """A client that waits in Redis for a push (BLMOVE, XREADGROUP)."""

    actor: Actor
    command: Command
    keys: list[bytes]
    answers: list[Any] | None = None
    is_broken: bool = False


@dataclass
class SimulatedRedis:
    """The Redis of a run. ``loses`` is called whenever a command or data may have been lost."""

    kernel: Kernel
    faults: RedisFaults = field(default_factory=RedisFaults)
    loses: Callable[[], None] = lambda: None
    on_push: Callable[[bytes], None] = lambda _key: None
    data: RedisData = field(init=False)
    _saved: Any = ({}, {})
    _waiters: list[Waiter] = field(default_factory=list)
    _pushed: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = RedisData(lambda: int(self.kernel.wall_seconds * 1000))
        self.data.on_push = self._note_push

    def do(self, *command: str | bytes | int) -> Any:
        """Do a command, which is neither delayed nor lost."""
        return self.execute(_encoded(command))

    def execute(self, command: Command) -> Any:
        """Do a command, then serve the clients that wait for what it has pushed. An error is returned as a
        ``Refusal``."""
        answer = self._answer(command)
        self._serve()
        return answer

    def _answer(self, command: Command) -> Any:
        try:
            return self.data.execute(command)
        except Refusal as refusal:
            if str(refusal).startswith("OOM"):
                self.loses()
            return refusal

    def _note_push(self, key: bytes) -> None:
        self.on_push(key)
        self._pushed.append(key)

    def _serve(self) -> None:
        while self._pushed:
            key = self._pushed.pop(0)
            for waiter in [each for each in self._waiters if key in each.keys]:
                if not waiter.actor.process.is_alive:
                    self._waiters.remove(waiter)
                    continue
                answer = self._answer(waiter.command)
                if answer is not None:
                    self._waiters.remove(waiter)
                    waiter.answers = [answer]
                    self.kernel.wake(waiter.actor)

    def wait(self, command: Command, keys: list[bytes], seconds: float) -> Waiter:
        """Let the current actor wait until Redis serves its command."""
        assert self.kernel.current is not None
        waiter = Waiter(self.kernel.current, command, keys)
        self._waiters.append(waiter)
        self.kernel.sleep(seconds)
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        return waiter

    def break_connections(self) -> None:
        """Break the connections of all waiting clients, as the end of the server does."""
        for waiter in self._waiters:
            waiter.is_broken = True
            self.kernel.wake(waiter.actor)
        self._waiters.clear()

    def save(self) -> None:
        """Keep a copy, as Redis writes its file now and then."""
        self._saved = self.data.snapshot()

    def restart(self, from_copy: bool) -> None:
        """Come back without data, or with the data that was saved last, which may be old."""
        self.loses()
        self.data.restart(self._saved if from_copy else ({}, {}))
        self.break_connections()


class SimulatedConnection:
    """Replaces redis-py's connection. It gives up control before each packet, and fails as the faults of the
    run demand."""

    def __init__(self, simulated: SimulatedRedis, timeout: float | None) -> None:
        self._simulated = simulated
        self._kernel = simulated.kernel
        self._answers: deque[Any] = deque()
        self._queued: list[Command] | None = None
        self.socket_timeout = timeout
        self.retry = Retry(NoBackoff(), 0)
        self.host, self.port, self.db = "simulated", 0, 0

    def pack_commands(self, commands: Sequence[Sequence[Any]]) -> list[Command]:
        return [_encoded(command) for command in commands]

    def send_command(self, *command: Any, **_options: Any) -> None:
        self._send([_encoded(command)])

    def send_packed_command(self, packet: Any, check_health: bool = True) -> None:
        self._send(packet if isinstance(packet[0], list) else _unpacked(packet))

    def read_response(self, *_arguments: Any, **_named: Any) -> Any:
        if not self._answers:
            raise redis.ConnectionError("Connection closed by server.")
        answer = self._answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def disconnect(self, *_arguments: Any) -> None:
        self._answers.clear()
        self._queued = None

    def should_reconnect(self) -> bool:
        return False

    def register_connect_callback(self, _callback: Any) -> None:
        """Do nothing, because nothing is sent when a connection is opened."""

    def _send(self, commands: list[Command]) -> None:
        kernel, faults = self._kernel, self._simulated.faults
        kernel.touch()
        if kernel.process is None:
            self._execute(commands)
            return
        if faults.is_hung:
            self._give_up()
        if faults.is_down or self._happens(faults.lost_requests):
            self._break("Connection closed by server.")
        if self._happens(faults.late):
            self._arrive_late(commands)
            self._give_up()
        if not self._wait_if_blocking(commands):
            self._execute(commands)
        if self._happens(faults.repeated):
            self._arrive_late(commands)
        if self._happens(faults.lost_answers):
            self._break("Connection closed by server.")

    def _happens(self, rate: float) -> bool:
        return rate > 0.0 and self._kernel.random.random() < rate

    def _give_up(self) -> None:
        self._kernel.sleep(float(self.socket_timeout or 1.0))
        self.disconnect()
        self._simulated.loses()
        raise redis.TimeoutError("Timeout reading from socket")

    def _break(self, reason: str) -> None:
        self.disconnect()
        self._simulated.loses()
        raise redis.ConnectionError(reason)

    def _arrive_late(self, commands: list[Command]) -> None:
        """Do the commands some time later, even if their sender has ended."""
        network, after = Process("network"), self._kernel.random.uniform(0.0, _LATE_SECONDS)
        if _blocking(commands) is not None or self._queued is not None or commands[0] == [b"MULTI"]:
            return

        def arrive() -> None:
            if not (self._simulated.faults.is_down or self._simulated.faults.is_hung):
                for command in commands:
                    self._simulated.execute(command)

        self._kernel.start(network, "network", arrive, after)

    def _wait_if_blocking(self, commands: list[Command]) -> bool:
        """Whether the packet was a blocking command. If so, this has waited and queued the answer."""
        blocking = _blocking(commands)
        if blocking is None:
            return False
        command, keys, seconds = blocking
        answer = self._simulated.execute(command)
        if answer is None:
            waiter = self._simulated.wait(command, keys, seconds)
            if waiter.is_broken:
                self._break("Connection closed by server.")
            answer = waiter.answers[0] if waiter.answers else None
        self._answers.append(_shown(answer))
        return True

    def _execute(self, commands: list[Command]) -> None:
        for number, command in enumerate(commands):
            if number and self._queued is None and self._happens(_BETWEEN_TWO):
                self._kernel.sleep(self._kernel.random.random() * 0.003)
            self._answers.append(self._execute_one(command))

    def _execute_one(self, command: Command) -> Any:
        name = command[0].upper()
        if name == b"MULTI":
            self._queued = []
            return OK
        if name == b"EXEC":
            queued, self._queued = self._queued or [], None
            return [_shown(self._simulated.execute(each)) for each in queued]
        if self._queued is not None:
            self._queued.append(command)
            return _QUEUED
        return _shown(self._simulated.execute(command))


def _shown(answer: Any) -> Any:
    return BaseParser.parse_error(str(answer)) if isinstance(answer, Refusal) else answer


def _encoded(command: Sequence[Any]) -> Command:
    first, rest = command[0], command[1:]
    names = first.split() if isinstance(first, str) and " " in first else [first]
    return [_bytes(each) for each in (*names, *rest)]


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, float):
        return repr(value).encode()
    return str(value).encode()


def _unpacked(packet: Sequence[bytes]) -> list[Command]:
    reader: Any = hiredis.Reader()
    for part in packet:
        reader.feed(part)
    return list(iter(reader.gets, False))


def _blocking(commands: list[Command]) -> tuple[Command, list[bytes], float] | None:
    """For a blocking command: the same command without blocking, the keys whose push ends the wait, and its
    longest time."""
    command = commands[0]
    name = command[0].upper()
    if name == b"BLMOVE":
        return [b"LMOVE", *command[1:-1]], [command[1]], float(command[-1])
    if name == b"XREADGROUP" and b"BLOCK" in command:
        at, streams = command.index(b"BLOCK"), command.index(b"STREAMS")
        keys = command[streams + 1 :]
        plain = command[:at] + command[at + 2 :]
        return plain, keys[: len(keys) // 2], int(command[at + 1]) / 1000
    return None


class SimulatedPool:
    """Replaces redis-py's pool of connections."""

    def __init__(self, simulated: SimulatedRedis, timeout: float | None) -> None:
        self._simulated = simulated
        self._free: list[SimulatedConnection] = []
        self.connection_kwargs: dict[str, Any] = {"protocol": 2, "socket_timeout": timeout}
        self.get_encoder = partial(Encoder, "utf-8", "strict", False)

    def get_connection(self, *_arguments: Any, **_named: Any) -> SimulatedConnection:
        if self._free:
            return self._free.pop()
        return SimulatedConnection(self._simulated, self.connection_kwargs["socket_timeout"])

    def release(self, connection: SimulatedConnection) -> None:
        self._free.append(connection)

    def get_protocol(self) -> int:
        return 2

    def disconnect(self, *_arguments: Any) -> None:
        self._free.clear()

    close = disconnect


class ClientFactory:
    """Replaces ``Redis`` and its pool in ``judge_core.redis.client``, so that every client uses the simulated
    Redis.

        redis-py builds a table of some 300 parsers of answers for each client. Here each client gets a copy
        of one table.
    """

    def __init__(self, simulated: SimulatedRedis) -> None:
        self._simulated = simulated
        self._template: Any = redis.Redis(connection_pool=self.from_url(""))  # type: ignore[arg-type]

    def from_url(self, _url: str, **options: Any) -> SimulatedPool:
        return SimulatedPool(self._simulated, options.get("socket_timeout"))

    def __call__(self, connection_pool: Any) -> Any:
        client = copy(self._template)
        callbacks: Any = redis.client.CaseInsensitiveDict({})
        dict.update(callbacks, self._template.response_callbacks)
        client.connection_pool, client.response_callbacks = connection_pool, callbacks
        return client
