"""A Redis that fails over: two servers and three sentinels, all real, on loopback."""

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


@dataclass
class Failover:
    """``url`` is for the settings; otherwise it looks like a ``RedisServer``."""

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
        return Redis(port=self.master(), socket_timeout=5)

    def kill_master(self) -> int:
        """kill -9; returns when another is master and takes writes."""
        dead = self.master()
        self.processes[dead].kill()
        self.processes[dead].wait()
        until(lambda: self.master() != dead, "a new master")
        until(lambda: bool(self.client().set("gavel:probe", "1", ex=5)), "the new master writes")
        return dead


@contextlib.contextmanager
def failover(folder: Path) -> Iterator[Failover]:
    ports, sentinels = free_ports(2), free_ports(3)
    made = Failover(ports, sentinels, {})
    try:
        for port in ports:
            _start_redis(made, folder, port)
        for port in sentinels:
            _start_sentinel(made, folder, port)
        until(lambda: _all_know_each_other(made), "the sentinels know the replica and each other")
        yield made
    finally:
        for process in made.processes.values():
            process.kill()
            process.wait()


def _start_redis(made: Failover, folder: Path, port: int) -> None:
    place = folder / str(port)
    place.mkdir()
    argv = [redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(place), "--save", ""]
    argv += ["--appendonly", "yes", "--repl-diskless-sync-delay", "0"]
    if port != made.ports[0]:
        argv += ["--replicaof", f"127.0.0.1 {made.ports[0]}"]
    made.processes[port] = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: bool(Redis(port=port).ping()), "Redis starts")


def _start_sentinel(made: Failover, folder: Path, port: int) -> None:
    settings = folder / f"sentinel-{port}.conf"
    settings.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {folder}\n"
        f"sentinel monitor gavel 127.0.0.1 {made.ports[0]} 2\n"
        f"sentinel down-after-milliseconds gavel {DOWN_MS}\n"
        "sentinel failover-timeout gavel 5000\n"
    )
    argv = [redis_binary(), str(settings), "--sentinel"]
    made.processes[port] = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _all_know_each_other(made: Failover) -> bool:
    def knows(port: int) -> bool:
        state: Any = Redis(port=port, socket_timeout=1).sentinel_master("gavel")
        return bool(state["num-slaves"] >= 1 and state["num-other-sentinels"] >= 2)

    return all(knows(port) for port in made.sentinels)
