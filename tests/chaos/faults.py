"""What a storm does to a running house: each fault hits real processes and says how long it lasted."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.chaos.database import Database


@dataclass(frozen=True, slots=True)
class House:
    """A house that runs: its data folder, from which its processes can be found at any time."""

    data: Path
    database: Database

    @property
    def processes(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.data / "credentials.json").read_text())["processes"]
        return found

    def redis(self) -> Redis:
        return Redis.from_url(f"unix://{self.data}/redis.sock", socket_timeout=2)

    def signal(self, name: str, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.processes[name], number)

    def some_worker(self, dice: random.Random) -> str:
        return dice.choice(sorted(name for name in self.processes if name.startswith("worker")))


def kill_worker(house: House, dice: random.Random) -> None:
    house.signal(house.some_worker(dice), signal.SIGKILL)


def stop_worker_past_its_lease(house: House, dice: random.Random) -> None:
    pid = house.processes[house.some_worker(dice)]
    os.kill(pid, signal.SIGSTOP)
    time.sleep(16)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def kill_dispatcher(house: House, dice: random.Random) -> None:
    house.signal("dispatcher", signal.SIGKILL)


def kill_api(house: House, dice: random.Random) -> None:
    house.signal("api", signal.SIGKILL)


def kill_redis(house: House, dice: random.Random) -> None:
    house.signal("redis", signal.SIGKILL)


def empty_redis(house: House, dice: random.Random) -> None:
    with contextlib.suppress(RedisError):
        house.redis().flushall()


def hang_redis(house: House, dice: random.Random) -> None:
    pid = house.processes["redis"]
    os.kill(pid, signal.SIGSTOP)
    time.sleep(10)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def take_database_away(house: House, dice: random.Random) -> None:
    house.database.take_away()


def fill_disk(house: House, dice: random.Random) -> None:
    """No byte is left for three seconds on the data folder's file system, which must be the storm's own."""
    filler = house.data.parent / "filler"
    try:
        with filler.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 20))
                file.flush()
        time.sleep(3)
    finally:
        filler.unlink()


Fault = Callable[[House, random.Random], None]
QUICK: tuple[Fault, ...] = (kill_worker, kill_dispatcher, kill_api, kill_redis, empty_redis)
SLOW: tuple[Fault, ...] = (hang_redis, stop_worker_past_its_lease, take_database_away, fill_disk)
