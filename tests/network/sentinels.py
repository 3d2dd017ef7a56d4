"""A Redis that fails over. It has two real servers and three real sentinels on loopback."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis
from redis.sentinel import Sentinel

from tests.network.waiting import until
from tests.support.ports import free_ports
from tests.support.redis_server import redis_binary

DOWN_MS = 1000
ATTEMPTS = 3
SETTLED_SECONDS = 40
"""The sentinels find each other within two or three seconds, also on a busy machine."""


class NotSettled(Exception):
    """A server ended, or the sentinels did not find each other in time."""


@dataclass
class Failover:
    """The running servers and sentinels. ``url`` is for Gavel's settings. Tests can use it like a
    ``RedisServer``."""

    ports: Sequence[int]
    sentinels: Sequence[int]
    processes: dict[int, subprocess.Popen[bytes]]

    @property
    def url(self) -> str:
        return f"sentinel://{','.join(f'127.0.0.1:{port}' for port in self.sentinels)}/gavel/0"

    def master(self) -> int:
        asked = Sentinel([("127.0.0.1", port) for port in self.sentinels], socket_timeout=1)
        return int(asked.discover_master("gavel")[1])

    def client(self) -> Redis:
        return Redis(host="127.0.0.1", port=self.master(), socket_timeout=5)

    def kill_master(self) -> int:
        """Kill the master by SIGKILL, and wait until a second server is master and takes writes. Returns the
        port of the killed server."""
        dead = self.master()
        self.processes[dead].kill()
        self.processes[dead].wait()
        until(lambda: self.master() != dead, "a new master")
        until(lambda: bool(self.client().set("gavel:probe", "1", ex=5)), "the new master writes")
        return dead


@contextlib.contextmanager
def failover(folder: Path) -> Iterator[Failover]:
    """Runs the servers and sentinels during the block. If they do not find each other, they are started again
    on other ports.

    That can happen because another process takes a port between its choice and its use, or because a
    sentinel pauses when the machine's clock jumps. Raises :class:`NotSettled` with the state of each process
    if no attempt succeeds.
    """
    found = _settled(folder)
    try:
        yield found
    finally:
        _end(found)


def _settled(folder: Path) -> Failover:
    failures: list[str] = []
    for attempt in range(ATTEMPTS):
        place = folder / f"attempt-{attempt}"
        place.mkdir()
        ports = free_ports(5)
        made = Failover(ports[:2], ports[2:], {})
        try:
            _start_all(made, place)
            return made
        except (NotSettled, TimeoutError) as error:
            failures.append(f"{error}\n{_describe(made, place)}")
            _end(made)
        except BaseException:
            _end(made)
            raise
    raise NotSettled("\n\n".join(failures))


def _start_all(made: Failover, folder: Path) -> None:
    for port in made.ports:
        _start_redis(made, folder, port)
    for port in made.sentinels:
        _start_sentinel(made, folder, port)
    until(lambda: _know_each_other(made), "the sentinels know the replica and each other", SETTLED_SECONDS)


def _end(made: Failover) -> None:
    for process in made.processes.values():
        process.kill()
        process.wait()


def _describe(made: Failover, folder: Path) -> str:
    """For each process, whether it lives, and the end of its log."""
    lines: list[str] = []
    for port, process in made.processes.items():
        kind = "sentinel" if port in made.sentinels else "Redis"
        state = "alive" if process.poll() is None else f"ended with {process.returncode}"
        lines += [f"{kind} on port {port}, {state}:", *_log(folder, port).read_text().splitlines()[-12:]]
    return "\n".join(lines)


def _log(folder: Path, port: int) -> Path:
    return folder / f"{port}.log"


def _run(made: Failover, folder: Path, port: int, argv: list[str]) -> None:
    with _log(folder, port).open("wb") as log:
        made.processes[port] = subprocess.Popen(argv, stdout=log, stderr=log)


def _raise_if_ended(made: Failover) -> None:
    for port, process in made.processes.items():
        if process.poll() is not None:
            raise NotSettled(f"the process for port {port} ended with {process.returncode}")


def _start_redis(made: Failover, folder: Path, port: int) -> None:
    place = folder / str(port)
    place.mkdir()
    argv = [redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(place), "--save", ""]
    argv += ["--appendonly", "yes", "--repl-diskless-sync-delay", "0"]
    if port != made.ports[0]:
        argv += ["--replicaof", f"127.0.0.1 {made.ports[0]}"]
    _run(made, folder, port, argv)

    def answers() -> bool:
        _raise_if_ended(made)
        return bool(Redis(host="127.0.0.1", port=port, socket_timeout=5).ping())

    until(answers, "Redis starts", SETTLED_SECONDS)


def _start_sentinel(made: Failover, folder: Path, port: int) -> None:
    settings = folder / f"sentinel-{port}.conf"
    settings.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {folder}\n"
        f"sentinel monitor gavel 127.0.0.1 {made.ports[0]} 2\n"
        f"sentinel down-after-milliseconds gavel {DOWN_MS}\n"
        "sentinel failover-timeout gavel 5000\n"
    )
    _run(made, folder, port, [redis_binary(), str(settings), "--sentinel"])


def _know_each_other(made: Failover) -> bool:
    def knows(port: int) -> bool:
        state: Any = Redis(host="127.0.0.1", port=port, socket_timeout=1).sentinel_master("gavel")
        return bool(state["num-slaves"] >= 1 and state["num-other-sentinels"] >= 2)

    _raise_if_ended(made)
    return all(knows(port) for port in made.sentinels)
