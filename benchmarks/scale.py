"""Internet scale on paper: a simulated day with a contest burst, fed with service times measured here.

One tier is a FIFO queue with c workers; an autoscaler looks at the backlog every ``LOOK_SECONDS`` and new
workers are there ``LAG_SECONDS`` later. The engines (Redis, PostgreSQL) are not simulated as queues: their
operations a second are counted against what they were measured to take, which names the first bottleneck.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import simpy

from benchmarks.answer import Answer, Row, spread
from benchmarks.posting import SOURCES, milliseconds_between, post, wait, wait_for_all
from benchmarks.stack import Stack, started

LOOK_SECONDS = 15.0
LAG_SECONDS = 60.0
BURST_FACTOR = 3.0
SIMULATED_SECONDS = 3600.0
REDIS_COMMANDS_PER_SUBMISSION = 25
STORE_TRANSACTIONS_PER_SUBMISSION = 3
POSTGRES_TAKES = 472.0  # commits a second of one PostgreSQL 15 on two cores, submission and outbox row
RATES = (10, 100, 1000)


@dataclass(frozen=True, slots=True)
class World:
    """One simulated tier: arrivals a second (without the burst), one submission's service, its workers."""

    rate: float
    service_seconds: float
    workers: int
    burst: float = BURST_FACTOR
    seconds: float = SIMULATED_SECONDS
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """What the simulation is fed with and held against, all from one real run."""

    service_seconds: float
    real_wait_ms: float
    simulated_wait_ms: float
    redis_commands_per_second: float


def measure(short: bool = False) -> Answer:
    real = _run_a_small_one(40 if short else 200)
    rows = [
        Row("service time of one submission, measured", real.service_seconds * 1000),
        Row("wait p50 in a real burst", real.real_wait_ms),
        Row("wait p50 of it, simulated", real.simulated_wait_ms, "ms", _miss(real), 1.2),
        Row("Redis commands one client got through", real.redis_commands_per_second, "/s"),
    ]
    for rate in RATES[: 1 if short else 3]:
        rows += _size(rate, real)
    question = "Workers for a premium p99 wait of one second, with a threefold contest burst"
    return Answer(question, tuple(rows), _NOTES)


def _miss(real: Measured) -> float:
    """How far the simulated wait is from the real one, as a factor of at least 1."""
    ratio = real.simulated_wait_ms / real.real_wait_ms
    return max(ratio, 1 / ratio)


_NOTES = (
    f"One PostgreSQL is taken to bear {POSTGRES_TAKES:,.0f} commits/s on 2 cores; Redis as measured.",
    "Commits run out first. Then: batches in the recorder, partitioned tables, sharded queues.",
)


def _run_a_small_one(count: int) -> Measured:
    """A burst of ``count`` to one real worker, and the same burst replayed from its service time alone."""
    with started("normal=1,premium=1") as stack:
        session = stack.session()
        wait(session, stack.url, post(session, stack.url, "aplusb", "cpp20", SOURCES["cpp20"]))
        statuses = _burst(stack, count)
        redis_rate = _redis_rate(stack)
    begun = [_seconds(status["started_at"]) for status in statuses]
    arrivals = sorted(_seconds(status["submitted_at"]) for status in statuses)
    service = (max(begun) - min(begun)) / (count - 1)
    waits = [milliseconds_between(status, "submitted_at", "started_at") for status in statuses]
    return Measured(service, spread(waits).p50, spread(replay(arrivals, service)).p50 * 1000, redis_rate)


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def _redis_rate(stack: Stack, pipelines: int = 200, commands: int = 100) -> float:
    client = stack.redis()
    began = time.perf_counter()
    for _ in range(pipelines):
        pipe = client.pipeline(transaction=False)
        for number in range(commands):
            pipe.set(f"bench:{number}", b"x" * 200, ex=60)
        pipe.execute()
    return pipelines * commands / (time.perf_counter() - began)


def _burst(stack: Stack, count: int) -> list[dict[str, Any]]:
    session = stack.session()
    submissions = [post(session, stack.url, "aplusb", "cpp20", SOURCES["cpp20"]) for _ in range(count)]
    return wait_for_all(stack, "normal", submissions)


def replay(arrivals: list[float], service: float) -> list[float]:
    """Waits in seconds of the given arrivals at one worker with a constant service time."""
    free, waits = 0.0, []
    for arrival in arrivals:
        begin = max(free, arrival)
        waits.append(begin - arrival)
        free = begin + service
    return waits


def _size(rate: int, real: Measured) -> list[Row]:
    """The least number of workers that keeps the p99 wait within a second through the burst."""
    service = real.service_seconds
    seconds = SIMULATED_SECONDS if rate <= 100 else 600.0
    workers = max(1, math.ceil(rate * BURST_FACTOR * service))
    while (p99 := spread(simulate(World(rate, service, workers, seconds=seconds))).p99) > 1.0:
        workers += max(1, workers // 50)
    few = max(1, math.ceil(rate * service * 1.3))
    followed = spread(simulate(World(rate, service, few, seconds=seconds), autoscaled=True))
    return [
        Row(f"{rate:,}/s: workers", float(workers), "", note=f"p99 wait {p99:.2f} s in the burst"),
        Row(f"{rate:,}/s: p99 wait when an autoscaler follows", followed.p99, "s"),
        *_shares(rate, real),
    ]


def _shares(rate: int, real: Measured) -> list[Row]:
    burst = rate * BURST_FACTOR
    redis_share = burst * REDIS_COMMANDS_PER_SUBMISSION / real.redis_commands_per_second
    store_share = burst * STORE_TRANSACTIONS_PER_SUBMISSION / POSTGRES_TAKES
    return [
        Row(f"{rate:,}/s: share of one Redis in the burst", redis_share * 100, "%"),
        Row(f"{rate:,}/s: share of one PostgreSQL in the burst", store_share * 100, "%"),
    ]


def simulate(world: World, autoscaled: bool = False) -> list[float]:
    """Waits in seconds of every submission of the simulated span."""
    environment = simpy.Environment()
    desk = _Desk(environment, world) if autoscaled else simpy.Resource(environment, world.workers)
    waits: list[float] = []
    environment.process(_arrive(environment, desk, world, waits))
    environment.run(until=world.seconds)
    return waits


class _Desk(simpy.Resource):
    """A resource whose capacity an autoscaler raises with the backlog, ``LAG_SECONDS`` late."""

    def __init__(self, environment: simpy.Environment, world: World) -> None:
        super().__init__(environment, capacity=world.workers)
        environment.process(self._follow(environment, world))

    def _follow(self, environment: simpy.Environment, world: World) -> Generator[Any, Any, None]:
        while True:
            yield environment.timeout(LOOK_SECONDS)
            missing = math.ceil(len(self.queue) * world.service_seconds / LOOK_SECONDS)
            if missing:
                environment.process(self._grow(environment, missing))

    def _grow(self, environment: simpy.Environment, workers: int) -> Generator[Any, Any, None]:
        yield environment.timeout(LAG_SECONDS)
        self._capacity += workers


def _arrive(
    environment: simpy.Environment, desk: simpy.Resource, world: World, waits: list[float]
) -> Generator[Any, Any, None]:
    """Poisson arrivals; the middle third of the span is the contest."""
    chance = random.Random(world.seed)
    while True:
        contest = world.seconds / 3 < environment.now < world.seconds * 2 / 3
        yield environment.timeout(chance.expovariate(world.rate * (world.burst if contest else 1.0)))
        service = chance.gammavariate(4.0, world.service_seconds / 4.0)
        environment.process(_judge(environment, desk, service, waits))


def _judge(
    environment: simpy.Environment, desk: simpy.Resource, service: float, waits: list[float]
) -> Generator[Any, Any, None]:
    came = environment.now
    with desk.request() as turn:
        yield turn
        waits.append(environment.now - came)
        yield environment.timeout(service)
