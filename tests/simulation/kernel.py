"""Runs many processes in one thread, in simulated time, in an order that one seed decides.

Each actor is a greenlet. It gives up control only where a real process would touch the outside: before a
command to Redis, before a connection to the database, and while it sleeps. The kernel then continues the
actor whose time is next. The same seed gives the same order and the same faults.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import time_machine
from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

from judge_core.clock import Clock

START = datetime(2030, 1, 1, tzinfo=UTC).timestamp()


class Crashed(BaseException):
    """Ends an actor whose process was killed, at its next touch of the outside."""


@dataclass(eq=False)
class Process:
    """A process that can be killed, or stopped until a moment."""

    name: str
    is_alive: bool = True
    stopped_until: float = 0.0


@dataclass(eq=False)
class Actor:
    """One thread of a process."""

    name: str
    process: Process
    body: Callable[[], None]
    thread: greenlet = field(init=False)


class Kernel:
    """The scheduler, the simulated clock and the source of all randomness of one run."""

    def __init__(self, seed: int) -> None:
        random.seed(seed)  # for the parts of redis-py, RQ and the project that take no source of their own
        self.random = random.Random(seed)
        self.seconds = 0.0
        self.steps = 0
        self.trace: list[str] = []
        self.clock = Clock(now=self._now, monotonic=lambda: self.seconds, sleep=self.sleep)
        self.before_touch: Callable[[Actor], None] = lambda _actor: None
        self._queue: list[tuple[float, float, int, Actor]] = []
        self._pushed = 0
        self._current: Actor | None = None
        self._hub = getcurrent()
        self._travel = time_machine.travel(START, tick=False)
        self._traveller = self._travel.start()

    def close(self) -> None:
        """Give the real time back."""
        self._travel.stop()

    def start(self, process: Process, name: str, body: Callable[[], None]) -> None:
        """Add a thread to a process; it begins at once."""
        actor = Actor(name, process, body)
        actor.thread = greenlet(lambda: self._run(actor), parent=self._hub)
        self._push(actor, self.seconds)

    def kill(self, process: Process) -> None:
        """As kill -9: nothing that the process does from now on has an effect."""
        process.is_alive = False
        self.note(f"kill {process.name}")

    def sleep(self, seconds: float) -> None:
        """Let the others run for so long."""
        actor = self._current
        if actor is None:
            return
        self._check_alive(actor)
        self._push(actor, max(self.seconds + seconds, actor.process.stopped_until))
        self._hub.switch()
        self._check_alive(actor)

    def touch(self) -> None:
        """The current actor is about to touch the outside: others may come first."""
        if self._current is not None:
            self.before_touch(self._current)
        roll = self.random.random()
        self.sleep(roll * 0.003 if roll < 0.97 else self.random.uniform(0.003, 0.4))

    def run(self, until: Callable[[], bool]) -> None:
        """Continue actors in the order of their times until the condition holds, or none is left."""
        while self._queue and not until():
            moment, _, _, actor = heapq.heappop(self._queue)
            self.seconds = max(self.seconds, moment)
            self._traveller.move_to(START + self.seconds)
            self.steps += 1
            self._current = actor
            try:
                actor.thread.switch()
            finally:
                self._current = None

    @property
    def process(self) -> Process | None:
        """The process whose actor runs now."""
        return None if self._current is None else self._current.process

    def note(self, text: str) -> None:
        """Write a line into the trace of this run."""
        self.trace.append(f"{self.seconds:9.3f} {text}")

    def _run(self, actor: Actor) -> None:
        try:
            self._check_alive(actor)
            actor.body()
        except Crashed:
            pass

    def _push(self, actor: Actor, moment: float) -> None:
        self._pushed += 1
        heapq.heappush(self._queue, (moment, self.random.random(), self._pushed, actor))

    @staticmethod
    def _check_alive(actor: Actor) -> None:
        if not actor.process.is_alive:
            raise Crashed

    def _now(self) -> datetime:
        return datetime.fromtimestamp(START + self.seconds, UTC)
