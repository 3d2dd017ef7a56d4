"""Simulates a tier during a day with a contest in the evening: one queue, its workers, and an autoscaler.

A tier is a FIFO queue with c workers. Arrivals are Poisson with the rate of the hour. Service times have a
gamma distribution of shape 4 around the measured mean, so their standard deviation is half the mean. The
autoscaler looks at the queue every ``LOOK_SECONDS``. If the workers need more than ``TOLERATED_SECONDS`` for
the queue, it asks for further workers. These start work ``lag`` seconds later, and stay.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

HOUR = 3600.0
LOOK_SECONDS, TOLERATED_SECONDS = 15.0, 0.5
BURST = 3.0
CONTEST = (20 * HOUR, 21 * HOUR)
# The rate of each hour as a share of the evening's peak. This is an assumption about a university's day.
DAY = (30, 20, 14, 10, 10, 12, 18, 30, 45, 60, 70, 75, 75, 75, 80, 85, 85, 85, 90, 95, 100, 95, 75, 50)
Events = Generator[Any, Any, None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulated tier: submissions per second at the evening's peak (during the contest ``BURST`` times as
    many), the mean service time of a submission, the workers at the beginning, and the part of the day that
    is simulated."""

    height: float
    service_seconds: float
    workers: int
    begin: float = 0.0
    end: float = 24 * HOUR
    seed: int = 1

    def rate(self, at: float) -> float:
        """The arrivals per second at this second of the day."""
        contest = BURST if CONTEST[0] <= at < CONTEST[1] else 1.0
        return self.height * contest * DAY[int(at // HOUR) % 24] / 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """The wait of each submission in seconds, and the number of workers at the end."""

    waits: array[float]
    workers: int

    def late(self) -> int:
        """How many submissions waited for more than a second."""
        return sum(wait > 1.0 for wait in self.waits)


def simulate(scenario: Scenario, lag: float | None = None) -> Outcome:
    """Simulate the tier. With ``lag``, an autoscaler adds workers, which start this many seconds after it
    asked for them. Without ``lag``, the number of workers stays the same."""
    environment = simpy.Environment(initial_time=scenario.begin)
    pool, waits = WorkerPool(environment, scenario.workers), array("d")
    if lag is not None:
        environment.process(_autoscale(environment, pool, scenario.service_seconds, lag))
    environment.process(_arrive(environment, pool, scenario, waits))
    environment.run(until=scenario.end)
    return Outcome(waits, pool.workers)


def least_workers(scenario: Scenario, most_seconds: float = 1.0) -> Scenario:
    """The same scenario with about the fewest workers that keep the p99 wait within ``most_seconds``. Above
    100 workers it tries steps of two percent."""
    busiest = scenario.height * BURST * scenario.service_seconds
    workers = math.ceil(busiest)
    while True:
        tried = Scenario(
            scenario.height, scenario.service_seconds, workers, scenario.begin, scenario.end, scenario.seed
        )
        if p99(simulate(tried).waits) <= most_seconds:
            return tried
        workers += max(1, workers // 50)


def p99(waits: array[float]) -> float:
    return sorted(waits)[min(len(waits) - 1, int(0.99 * len(waits)))]


class WorkerPool(simpy.Store):
    """The idle workers. A submission takes one for the time of its service."""

    def __init__(self, environment: simpy.Environment, workers: int) -> None:
        super().__init__(environment)
        self.workers = 0
        self.add_workers(workers)

    def add_workers(self, workers: int) -> None:
        for number in range(workers):
            self.put(self.workers + number)
        self.workers += workers


def _autoscale(
    environment: simpy.Environment, pool: WorkerPool, service_seconds: float, lag: float
) -> Events:
    """Add as many workers as would empty the queue until the next look, less those that are still
    starting."""
    starting: list[int] = []
    while True:
        yield environment.timeout(LOOK_SECONDS)
        work = len(pool.get_queue) * service_seconds
        missing = math.ceil(work / LOOK_SECONDS) - sum(starting)
        if missing > 0 and work / pool.workers > TOLERATED_SECONDS:
            starting.append(missing)
            environment.process(_add_after_lag(environment, pool, starting, lag))


def _add_after_lag(
    environment: simpy.Environment, pool: WorkerPool, starting: list[int], lag: float
) -> Events:
    yield environment.timeout(lag)
    pool.add_workers(starting.pop(0))


def _arrive(
    environment: simpy.Environment, pool: WorkerPool, scenario: Scenario, waits: array[float]
) -> Events:
    rng = random.Random(scenario.seed)
    scale = scenario.service_seconds / 4.0
    while True:
        yield environment.timeout(rng.expovariate(scenario.rate(environment.now)))
        environment.process(_serve(environment, pool, rng.gammavariate(4.0, scale), waits))


def _serve(environment: simpy.Environment, pool: WorkerPool, service: float, waits: array[float]) -> Events:
    arrived = environment.now
    worker = yield pool.get()
    waits.append(environment.now - arrived)
    yield environment.timeout(service)
    pool.put(worker)


def replay(arrivals: list[float], service: float) -> list[float]:
    """The waits in seconds of these arrivals, if one worker serves each in the same time."""
    free, waits = 0.0, []
    for arrival in arrivals:
        begin = max(free, arrival)
        waits.append(begin - arrival)
        free = begin + service
    return waits
