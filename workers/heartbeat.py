"""The worker's heartbeat: keeps its lease and its registration, and listens for what operators want."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis

from judge_core.logging import get_logger
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import rfc3339
from judge_core.model.worker import WorkerRecord, WorkerState
from judge_core.redis.client import create_redis_client, translate_redis_errors
from judge_core.redis.keys import WORKERS_SET, worker_command_key, worker_key
from workers.attempt_runner import ActiveAttempt, AttemptRunner
from workers.redis_link import RedisLink, rfc3339_now

_logger = get_logger(__name__)
_BEATS_PER_LEASE = 4
_SHORTEST_BEAT = 0.5
_LONGEST_BEAT = 3.0


@dataclass(frozen=True, slots=True)
class HeartbeatSchedule:
    """How often it beats, and how long one attempt may last."""

    lease_seconds: float
    attempt_seconds: float

    @property
    def beat(self) -> float:
        return min(_LONGEST_BEAT, max(_SHORTEST_BEAT, self.lease_seconds / _BEATS_PER_LEASE))


class Heartbeat:
    """A thread that beats a few times per lease, and at once when the state changes to draining.

    It never ends by itself: with Redis away it tries again at the next beat, and registers anew.
    """

    def __init__(
        self,
        record: WorkerRecord,
        workshop: AttemptRunner,
        line: RedisLink,
        redis_url: str,
        rhythm: HeartbeatSchedule,
    ) -> None:
        self._record = record
        self._workshop = workshop
        self._line = line
        self._rhythm = rhythm
        self._redis: Redis = create_redis_client(redis_url, 2.0)
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._away = False
        self.on_beat: Callable[[], None] = lambda: None
        self.on_drain: Callable[[], None] = lambda: None

    @property
    def state(self) -> WorkerState:
        return self._record.state

    def start(self) -> None:
        self._thread.start()

    def beat_now(self) -> None:
        self._wake.set()

    def change(self, state: WorkerState, reason: str | None = None) -> None:
        """Say from now on that the worker is in this state."""
        self._record = replace(self._record, state=state, reason=reason)
        self.beat_now()

    def end(self) -> None:
        """The last beat takes the registration away, or, for a worker that took itself out, leaves it
        to be seen until it expires."""
        self._ended.set()
        self._wake.set()
        self._thread.join(self._rhythm.beat + 5.0)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._beat_safely()
            self._wake.wait(self._rhythm.beat)
            self._wake.clear()
        self._say_goodbye()

    def _beat_safely(self) -> None:
        try:
            self._beat()
        except QueueUnavailable as trouble:
            if not self._away:
                _logger.warning("A heartbeat did not reach Redis", reason=str(trouble))
            self._away = True
        except Exception:
            _logger.exception("A heartbeat met an error")
        else:
            self._away = False

    def _beat(self) -> None:
        assignment = self._workshop.current
        if assignment is not None:
            self._keep(assignment)
        with translate_redis_errors():
            order = self._register(assignment)
        if order == b"drain":
            self.on_drain()
        self.on_beat()

    def _keep(self, assignment: ActiveAttempt) -> None:
        """Keep its lease. What is called off is called off again with every beat until it has ended, whether
        Redis answers or not: a call reaches only a run that is under way."""
        if time.monotonic() - assignment.begun > self._rhythm.attempt_seconds:
            assignment.overdue = True
        try:
            if not assignment.lost:
                self._renew(assignment)
        finally:
            if assignment.is_called_off:
                self._workshop.call_off(assignment)

    def _renew(self, assignment: ActiveAttempt) -> None:
        if self._line.renew(assignment.request):
            self._workshop.announce(assignment)
        elif self._workshop.current is assignment:
            _logger.warning(
                "The lease was lost; the box is ended",
                submission=assignment.request.submission,
                attempt=assignment.request.attempt,
            )
            assignment.lost = True

    def _register(self, assignment: ActiveAttempt | None) -> bytes | None:
        key = worker_key(self._record.name)
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.set(key, self._written(assignment).dump(), px=int(self._rhythm.beat * 3000) + 2000)
        pipeline.sadd(WORKERS_SET, self._record.name)
        pipeline.get(worker_command_key(self._record.name))
        order: Any = pipeline.execute()[2]
        return order if order is None else bytes(order)

    def _written(self, assignment: ActiveAttempt | None) -> WorkerRecord:
        tally = self._workshop.tally
        state = self._record.state
        if state is WorkerState.IDLE and assignment is not None:
            state = WorkerState.BUSY
        return replace(
            self._record,
            state=state,
            submission=assignment.request.submission if assignment else None,
            submission_since=_leased_at(assignment) if assignment else None,
            heartbeat=rfc3339_now(),
            judged=tally.judged,
            faults=tally.faults,
            reason=self._record.reason or tally.last_fault,
        )

    def _say_goodbye(self) -> None:
        try:
            with translate_redis_errors():
                self._redis.delete(worker_command_key(self._record.name))
                if self._record.state is WorkerState.LOST:
                    self._register(None)
                else:
                    self._redis.srem(WORKERS_SET, self._record.name)
                    self._redis.delete(worker_key(self._record.name))
        except QueueUnavailable:
            _logger.info("Redis is away; the registration will expire by itself")


def _leased_at(assignment: ActiveAttempt) -> str | None:
    """When it was taken, by the clock on the wall, which may be set while a program runs."""
    ago = timedelta(seconds=time.monotonic() - assignment.begun)
    return rfc3339(datetime.now(UTC) - ago)


def initial_record(name: str, queue: Tier) -> WorkerRecord:
    """A record with what a process knows of itself."""
    now = rfc3339_now()
    return WorkerRecord(name, queue, socket.gethostname(), os.getpid(), WorkerState.IDLE, now, now)
