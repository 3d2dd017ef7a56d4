"""The simulated Redis: the commands and Lua scripts by fakeredis, the faults by the kernel's seed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import fakeredis
import redis
from fakeredis import FakeServer
from redis import Redis

from tests.simulation.kernel import Kernel


@dataclass
class RedisFaults:
    """How Redis behaves now. The rates are chances of one command, from 0 to 1."""

    is_down: bool = False
    is_hung: bool = False
    lost_requests: float = 0.0
    lost_answers: float = 0.0


@dataclass
class SimulatedRedis:
    """One Redis of a run."""

    kernel: Kernel
    faults: RedisFaults = field(default_factory=RedisFaults)
    server: FakeServer = field(default_factory=lambda: FakeServer(version=(7,)))
    _snapshot: dict[Any, Any] = field(default_factory=dict)

    loses: Callable[[], None] = lambda: None
    """Called whenever a command or data may have been lost."""

    def client(self) -> Redis:
        """A client whose commands are neither delayed nor lost."""
        return fakeredis.FakeRedis(server=self.server, version=(7,))

    def restart_empty(self) -> None:
        """As a Redis without a file."""
        self.loses()
        client = self.client()
        client.flushall()
        client.script_flush()

    def save(self) -> None:
        """Keep a copy, as Redis writes its file now and then."""
        self._snapshot = copy.deepcopy(self.server.dbs[0]._dict)

    def restart_from_copy(self) -> None:
        """Come back with what was saved last, which may be long ago."""
        self.restart_empty()
        self.server.dbs[0]._dict.update(copy.deepcopy(self._snapshot))


_Connection: Any = fakeredis.FakeRedisConnection  # redis-py's connections are not typed


class SimulatedConnection(_Connection):  # type: ignore[misc]
    """Gives up control before each command, and fails as the faults of the run say."""

    simulated: SimulatedRedis

    def __init__(self, *arguments: Any, simulated: SimulatedRedis, **options: Any) -> None:
        super().__init__(*arguments, server=simulated.server, version=(7,), **options)
        self.simulated = simulated
        self._loses_answer = False

    def send_command(self, *arguments: Any, **options: Any) -> Any:
        """Blocking commands become their plain forms: the caller sleeps in simulated time instead."""
        return super().send_command(*_without_blocking(arguments), **options)

    def send_packed_command(self, command: Any, check_health: bool = True) -> Any:
        kernel, faults = self.simulated.kernel, self.simulated.faults
        kernel.touch()
        if kernel.process is not None:
            if faults.is_hung:
                self.simulated.loses()
                kernel.sleep(float(self.socket_timeout or 1.0))
                self.disconnect()
                raise redis.TimeoutError("Timeout reading from socket")
            if faults.is_down or kernel.random.random() < faults.lost_requests:
                self.simulated.loses()
                self.disconnect()
                raise redis.ConnectionError("Connection closed by server.")
            self._loses_answer = kernel.random.random() < faults.lost_answers
        return super().send_packed_command(command, check_health)

    def read_response(self, *arguments: Any, **options: Any) -> Any:
        if self._loses_answer:
            self._loses_answer = False
            self.simulated.loses()
            self.disconnect()
            raise redis.ConnectionError("Connection closed by server.")
        return super().read_response(*arguments, **options)


def _without_blocking(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    name = str(arguments[0]).upper()
    if name == "BLMOVE":
        return ("LMOVE", *arguments[1:-1])
    if name == "XREADGROUP" and "BLOCK" in arguments:
        at = arguments.index("BLOCK")
        return (*arguments[:at], *arguments[at + 2 :])
    return arguments


def replace_pools(simulated: SimulatedRedis) -> Any:
    """A class in place of redis-py's pool in ``judge_core.redis.client``: every client uses this Redis."""

    class Pool(redis.ConnectionPool):
        @classmethod
        def from_url(cls, url: str, **options: Any) -> Any:
            timeout = options.get("socket_timeout")
            return cls(
                connection_class=SimulatedConnection,
                simulated=simulated,
                socket_timeout=timeout,
                max_connections=64,
            )

    return Pool
