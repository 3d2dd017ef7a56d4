"""A simulated tier: a day's load with a contest in the evening, one line, its workers, an autoscaler.

A tier is a FIFO queue with c workers. Arrivals are Poisson with the hour's rate, services are gamma of shape
4 around the measured mean (programs of one contest differ by a half). The autoscaler looks at the line every
``LOOK_SECONDS`` and acts on one that lasts for over ``TOLERATED_SECONDS``; the workers it asks for are there
``lag`` later, and stay.
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
# Assumed: a university's day. The share of the evening's height that each hour has.
DAY = (30, 20, 14, 10, 10, 12, 18, 30, 45, 60, 70, 75, 75, 75, 80, 85, 85, 85, 90, 95, 100, 95, 75, 50)
Events = Generator[Any, Any, None]


@dataclass(frozen=True, slots=True)
class World:
    """One simulated tier: submissions a second at the evening's height (the contest brings ``BURST`` times as
    many), one submission's mean service, workers at the beginning, the part of the day that is simulated."""

    height: float
    service_seconds: float
    workers: int
    begin: float = 0.0
    end: float = 24 * HOUR
    seed: int = 1

    def rate(self, at: float) -> float:
        """Arrivals a second at this second of the day."""
        contest = BURST if CONTEST[0] <= at < CONTEST[1] else 1.0
        return self.height * contest * DAY[int(at // HOUR) % 24] / 100


@dataclass(frozen=True, slots=True)
class Day:
    """What came of it: every wait in seconds by arrival, and how many workers there were at the end."""

    waits: array[float]
    workers: int

    def late(self) -> int:
        """How many waited for over a second."""
        return sum(wait > 1.0 for wait in self.waits)


def simulate(world: World, lag: float | None = None) -> Day:
    """With ``lag`` an autoscaler follows, this many seconds late; without, the workers stay as many."""
    environment = simpy.Environment(initial_time=world.begin)
    desk, waits = Desk(environment, world.workers), array("d")
    if lag is not None:
        environment.process(_follow(environment, desk, world.service_seconds, lag))
    environment.process(_arrive(environment, desk, world, waits))
    environment.run(until=world.end)
    return Day(waits, desk.workers)


def least_workers(world: World, most_seconds: float = 1.0) -> World:
    """The same world with as few workers as keep the p99 wait within ``most_seconds``."""
    busiest = world.height * BURST * world.service_seconds
    workers = math.ceil(busiest)
    while True:
        tried = World(world.height, world.service_seconds, workers, world.begin, world.end, world.seed)
        if p99(simulate(tried).waits) <= most_seconds:
            return tried
        workers += max(1, workers // 50)


def p99(waits: array[float]) -> float:
    return sorted(waits)[min(len(waits) - 1, int(0.99 * len(waits)))]


class Desk(simpy.Store):
    """The idle workers; who gets one has begun."""

    def __init__(self, environment: simpy.Environment, workers: int) -> None:
        super().__init__(environment)
        self.workers = 0
        self.hire(workers)

    def hire(self, workers: int) -> None:
        for number in range(workers):
            self.put(self.workers + number)
        self.workers += workers


def _follow(environment: simpy.Environment, desk: Desk, service_seconds: float, lag: float) -> Events:
    """As many more as would empty the line until the next look, those that are under way taken off."""
    coming: list[int] = []
    while True:
        yield environment.timeout(LOOK_SECONDS)
        work = len(desk.get_queue) * service_seconds
        missing = math.ceil(work / LOOK_SECONDS) - sum(coming)
        if missing > 0 and work / desk.workers > TOLERATED_SECONDS:
            coming.append(missing)
            environment.process(_bring(environment, desk, coming, lag))


def _bring(environment: simpy.Environment, desk: Desk, coming: list[int], lag: float) -> Events:
    yield environment.timeout(lag)
    desk.hire(coming.pop(0))


def _arrive(environment: simpy.Environment, desk: Desk, world: World, waits: array[float]) -> Events:
    chance = random.Random(world.seed)
    scale = world.service_seconds / 4.0
    while True:
        yield environment.timeout(chance.expovariate(world.rate(environment.now)))
        environment.process(_judge(environment, desk, chance.gammavariate(4.0, scale), waits))


def _judge(environment: simpy.Environment, desk: Desk, service: float, waits: array[float]) -> Events:
    came = environment.now
    worker = yield desk.get()
    waits.append(environment.now - came)
    yield environment.timeout(service)
    desk.put(worker)


def replay(arrivals: list[float], service: float) -> list[float]:
    """Waits in seconds of the given arrivals at one worker with a constant service time."""
    free, waits = 0.0, []
    for arrival in arrivals:
        begin = max(free, arrival)
        waits.append(begin - arrival)
        free = begin + service
    return waits
