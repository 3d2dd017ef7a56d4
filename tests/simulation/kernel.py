"""Runs many processes in one thread, in simulated time, in an order that one seed decides.

Each actor is a greenlet. It gives up control only where a real process would use something outside: before a
command to Redis, before a connection to the database, and while it sleeps. Then the kernel continues the
actor whose time is next. The same seed gives the same order and the same faults.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import time_machine
from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

from judge_core.clock import Clock

START = datetime(2030, 1, 1, tzinfo=UTC).timestamp()


class Crashed(BaseException):
    """Raised in an actor whose process was killed, at its next call of the kernel."""


@dataclass(eq=False)
class Process:
    """A process that can be killed, or stopped until a certain time. The clock of its host is wrong by
    ``skew`` seconds."""

    name: str
    is_alive: bool = True
    stopped_until: float = 0.0
    skew: float = 0.0


@dataclass(eq=False)
class Actor:
    """One thread of a process. ``pushes`` counts the entries that it has had in the kernel's queue. Only the
    last entry is valid."""

    name: str
    process: Process
    body: Callable[[], None]
    thread: greenlet = field(init=False)
    pushes: int = 0


class Kernel:
    """The scheduler, the simulated clock and the source of all randomness of one run."""

    def __init__(self, seed: int) -> None:
        random.seed(seed)  # for code of redis-py, RQ and Gavel that uses Python's global random numbers
        self.random = random.Random(seed)
        self.seconds = 0.0
        self.wall_offset = 0.0
        self.steps = 0
        self.trace: list[str] = []
        self.clock = Clock(now=self._now, monotonic=lambda: self.seconds, sleep=self.sleep)
        self.on_error: Callable[[str], None] = self.note
        self.after_step: Callable[[], None] | None = None
        self.before_touch: dict[int, Callable[[Actor], None]] = {}
        self._queue: list[tuple[float, float, int, Actor]] = []
        self._pushed = 0
        self.current: Actor | None = None
        self._hub = getcurrent()
        self._travel = time_machine.travel(START, tick=False)
        self._traveller = self._travel.start()

    def close(self) -> None:
        """End the simulated time. Python's clocks show the real time again."""
        self._travel.stop()

    def start(self, process: Process, name: str, body: Callable[[], None], after: float = 0.0) -> None:
        """Add a thread to a process. It begins at once, or after this many seconds."""
        actor = Actor(name, process, body)
        actor.thread = greenlet(lambda: self._run(actor), parent=self._hub)
        self._push(actor, self.seconds + after)

    def kill(self, process: Process) -> None:
        """Kill a process as SIGKILL does. Nothing that it does from now on has an effect."""
        process.is_alive = False
        self.note(f"kill {process.name}")

    def sleep(self, seconds: float) -> None:
        """Let the other actors run for these seconds, or until :meth:`wake`."""
        actor = self.current
        if actor is None:
            return
        self._check_alive(actor)
        self._push(actor, self.seconds + seconds)
        self._hub.switch()
        self._check_alive(actor)

    def wake(self, actor: Actor) -> None:
        """End an actor's sleep within a millisecond."""
        self._push(actor, self.seconds + self.random.random() * 0.001)

    def touch(self) -> None:
        """Let other actors run first. Called when the current actor is about to use something outside."""
        if self.current is not None:
            for watch in list(self.before_touch.values()):
                watch(self.current)
        roll = self.random.random()
        self.sleep(roll * 0.003 if roll < 0.97 else self.random.uniform(0.003, 0.4))

    def run(self, until: Callable[[], bool]) -> None:
        """Continue actors in the order of their times until the condition is true, or no actor is left."""
        while self._queue and not until():
            moment, _, pushes, actor = heapq.heappop(self._queue)
            if pushes != actor.pushes:
                continue  # this entry is old, because the actor was woken earlier
            if actor.process.stopped_until > moment and actor.process.is_alive:
                self._push(actor, actor.process.stopped_until)
                continue
            self.seconds = max(self.seconds, moment)
            self._traveller.move_to(self.wall_seconds + actor.process.skew)
            self.steps += 1
            self.current = actor
            try:
                actor.thread.switch()
            finally:
                self.current = None
            if self.after_step is not None:
                self.after_step()

    @property
    def process(self) -> Process | None:
        """The process whose actor runs now."""
        return None if self.current is None else self.current.process

    @property
    def wall_seconds(self) -> float:
        """The time of the wall clock, which may have been set."""
        return START + self.seconds + self.wall_offset

    def note(self, text: str) -> None:
        """Write a line into the trace of this run."""
        self.trace.append(f"{self.seconds:9.3f} {text}")

    def _run(self, actor: Actor) -> None:
        try:
            self._check_alive(actor)
            actor.body()
        except Crashed:
            pass
        except Exception as error:  # noqa: BLE001 - the outermost frame of a simulated thread
            self.on_error(f"{actor.name} ended with {type(error).__name__}: {error}")

    def _push(self, actor: Actor, moment: float) -> None:
        actor.pushes += 1
        heapq.heappush(self._queue, (moment, self.random.random(), actor.pushes, actor))

    @staticmethod
    def _check_alive(actor: Actor) -> None:
        if not actor.process.is_alive:
            raise Crashed

    def _now(self) -> datetime:
        skew = 0.0 if self.current is None else self.current.process.skew
        return datetime.fromtimestamp(self.wall_seconds + skew, UTC)


class Lock:
    """Replaces ``threading.Lock``. An actor that waits for it lets the other actors run."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._holder: Actor | None = None

    def acquire(self, *_arguments: Any, **_named: Any) -> bool:
        while self._holder is not None and self._holder.process.is_alive:
            self._kernel.sleep(0.001)
        self._holder = self._kernel.current
        return True

    def release(self) -> None:
        self._holder = None

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()
