"""The faults of the chaos run: each hits real processes of a running stack and returns how long it lasted."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import requests
from redis import Redis
from redis.exceptions import RedisError

from judge_api.store.engine import open_engine, write_transaction
from judge_core.model.errors import StoreUnavailable
from judge_core.redis.keys import lease_key
from tests.chaos.database import Database, shift_terms
from tests.chaos.shims import ShiftedClocks

OUTAGE_SECONDS = 20.0
"""Longer than three attempts with pauses of seconds would last."""
COLD_POSTS_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack: its data folder, from which its processes can be found at any time."""

    data: Path
    database: Database
    problems: list[str] = field(default_factory=lambda: ["aplusb"])
    """The problems that the clients post to; all of them ask for a + b."""
    workers: str = "normal=1,premium=1"
    preload: Mapping[str, str] = field(default_factory=dict)
    """The variables of the shims that the processes are preloaded with."""
    clocks: ShiftedClocks | None = None

    @property
    def processes(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.data / "credentials.json").read_text())["processes"]
        return found

    def add_problem(self, slug: str) -> None:
        """Upload the sample problem under another name: a package that no worker has fetched."""
        credentials = json.loads((self.data / "credentials.json").read_text())
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree("problems/aplusb", Path(folder) / slug)
            archive = shutil.make_archive(f"{folder}/package", "zip", folder, slug)
            headers = {"Authorization": f"Bearer {credentials['accounts']['admin']['key']}"}
            with Path(archive).open("rb") as package:
                url = f"{credentials['url']}/admin/problems"
                answer = requests.post(url, files={"package": package}, headers=headers, timeout=60)
        if answer.status_code not in (200, 201):
            raise OSError(f"the problem was not taken: {answer.status_code} {answer.text[:300]}")

    def redis(self) -> Redis:
        return Redis.from_url(f"unix://{self.data}/redis.sock", socket_timeout=2)

    def signal(self, name: str, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.processes[name], number)

    def any_worker(self, rng: random.Random) -> str:
        return rng.choice(sorted(name for name in self.processes if name.startswith("worker")))


def kill_worker(stack: Stack, rng: random.Random) -> None:
    stack.signal(stack.any_worker(rng), signal.SIGKILL)


def stop_worker_past_its_lease(stack: Stack, rng: random.Random) -> None:
    pid = stack.processes[stack.any_worker(rng)]
    os.kill(pid, signal.SIGSTOP)
    time.sleep(16)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def kill_dispatcher(stack: Stack, rng: random.Random) -> None:
    stack.signal("dispatcher", signal.SIGKILL)


def kill_api(stack: Stack, rng: random.Random) -> None:
    stack.signal("api", signal.SIGKILL)


def kill_redis(stack: Stack, rng: random.Random) -> None:
    stack.signal("redis", signal.SIGKILL)


def empty_redis(stack: Stack, rng: random.Random) -> None:
    with contextlib.suppress(RedisError):
        stack.redis().flushall()


def hang_redis(stack: Stack, rng: random.Random) -> None:
    pid = stack.processes["redis"]
    os.kill(pid, signal.SIGSTOP)
    time.sleep(10)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def interrupt_database(stack: Stack, rng: random.Random) -> None:
    stack.database.interrupt()


def shift_clock(stack: Stack, rng: random.Random) -> None:
    """Shift every term in the store and in Redis by an hour, as a clock that jumps would: the host's own
    clock cannot be moved here."""
    hour = rng.choice((timedelta(hours=1), timedelta(hours=-1)))
    engine = open_engine(stack.database.url)
    try:
        with write_transaction(engine) as connection:
            shift_terms(connection, hour)
    except StoreUnavailable as away:
        raise OSError(str(away)) from away
    finally:
        engine.dispose()
    with contextlib.suppress(RedisError):
        redis = stack.redis()
        for key in redis.scan_iter(lease_key("*")):
            redis.pexpire(key, max(1, redis.pttl(key) + int(hour.total_seconds() * 1000)))


def fill_disk(stack: Stack, rng: random.Random) -> None:
    """Fill the data folder's file system for a while; it must be the run's own."""
    filler = stack.data.parent / "filler"
    try:
        with filler.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 20))
                file.flush()
        time.sleep(OUTAGE_SECONDS)
    finally:
        filler.unlink()


def kill_api_repeatedly(stack: Stack, rng: random.Random) -> None:
    """Kill the API as often as it restarts, while programs wait whose package no worker has."""
    slug = f"cold-{rng.randrange(10**9)}"
    stack.add_problem(slug)
    stack.problems[:] = [slug]
    time.sleep(COLD_POSTS_SECONDS)
    end = time.monotonic() + OUTAGE_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(KeyError, OSError, ValueError):
            stack.signal("api", signal.SIGKILL)
        time.sleep(0.05)


Fault = Callable[[Stack, random.Random], None]
QUICK: tuple[Fault, ...] = (kill_worker, kill_dispatcher, kill_api, kill_redis, empty_redis)
SLOW: tuple[Fault, ...] = (
    hang_redis,
    kill_api_repeatedly,
    fill_disk,
    stop_worker_past_its_lease,
    interrupt_database,
    shift_clock,
)
