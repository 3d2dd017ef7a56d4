"""The faults of the chaos run. Each acts on a running stack: its processes, disk, database or Redis. Each
returns when it is over."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import timedelta

from redis.exceptions import RedisError

from judge_api.store.engine import open_engine, write_transaction
from judge_core.model.errors import StoreUnavailable
from judge_core.redis.keys import lease_key
from tests.chaos.database import shift_terms
from tests.chaos.stack import Stack

OUTAGE_SECONDS = 20.0
"""This is longer than three attempts, with pauses of seconds between them."""
COLD_POSTS_SECONDS = 0.3


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
    """Shift the claims, pauses and queue times of submissions, and the leases in Redis, by an hour. For these
    times a jump of the clock has the same effect. The host's clock cannot be changed here."""
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
    """Fill the data folder's file system for a while. This file system must belong to the run alone."""
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
    """Kill the API each time it has restarted, while submissions wait for a package that no worker has
    yet."""
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
