"""The worker's heartbeat: renews its lease and registration, and reads an operator's command to drain."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import rfc3339
from judge_core.model.worker import LanguageOnWorker, WorkerRecord, WorkerState
from judge_core.redis.client import translate_redis_errors
from judge_core.redis.keys import worker_command_key, worker_key, workers_set
from judge_core.redis.worker_users import user_of_worker
from workers.attempt_runner import ActiveAttempt, AttemptRunner
from workers.redis_link import RedisLink, rfc3339_now

_logger = get_logger(__name__)
_BEATS_PER_LEASE = 4
_MIN_INTERVAL = 0.5
_MAX_INTERVAL = 3.0


@dataclass(frozen=True, slots=True)
class HeartbeatSchedule:
    """The seconds between two heartbeats, and the most that one attempt may last."""

    lease_seconds: float
    attempt_seconds: float

    @property
    def interval(self) -> float:
        return min(_MAX_INTERVAL, max(_MIN_INTERVAL, self.lease_seconds / _BEATS_PER_LEASE))


class Heartbeat:
    """A thread that beats a few times per lease, and at once when the worker's state changes. It never ends
    by itself. If Redis is unreachable, it tries again at the next beat, and registers again."""

    def __init__(
        self,
        record: WorkerRecord,
        runner: AttemptRunner,
        link: RedisLink,
        redis: Redis,
        schedule: HeartbeatSchedule,
        *,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._record = record
        self._workers_set = workers_set(user_of_worker(record.name))
        self._runner = runner
        self._link = link
        self._redis = redis
        self._schedule = schedule
        self._clock = clock
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._redis_is_away = False
        self._record_lock = threading.Lock()
        self.on_beat: Callable[[], None] = lambda: None
        self.on_drain: Callable[[], None] = lambda: None

    @property
    def state(self) -> WorkerState:
        return self._record.state

    def start(self) -> None:
        self._thread.start()

    def set_state(self, state: WorkerState, reason: str | None = None) -> None:
        """Register the worker in this state from now on."""
        with self._record_lock:
            self._record = replace(self._record, state=state, reason=reason)
        self._wake.set()

    def set_languages(self, languages: Mapping[str, LanguageOnWorker]) -> None:
        """Register the worker with these languages from now on. Any thread may call this."""
        with self._record_lock:
            self._record = replace(self._record, languages=dict(languages))
        self._wake.set()

    def language_fault(self, language: str) -> str | None:
        """Why this worker does not offer a language, according to its registration. ``None`` if it offers the
        language."""
        languages = self._record.languages
        offered = languages.get(language)
        if not languages or (offered is not None and offered.version is not None):
            return None
        return (offered.reason if offered else None) or "the language is not offered here"

    def stop(self) -> None:
        """End the thread, and remove the registration. A lost worker stays registered until its registration
        expires."""
        self._ended.set()
        self._wake.set()
        self._thread.join(self._schedule.interval + 5.0)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._beat_safely()
            self._wake.wait(self._schedule.interval)
            self._wake.clear()
        self._unregister()

    def _beat_safely(self) -> None:
        try:
            self.beat()
        except QueueUnavailable as error:
            if not self._redis_is_away:
                _logger.warning("A heartbeat did not reach Redis", reason=str(error))
            self._redis_is_away = True
        except Exception:
            _logger.exception("An unexpected error occurred in a heartbeat")
        else:
            self._redis_is_away = False

    def beat(self) -> None:
        """Renew the lease and the registration once, and drain the worker if an operator has ordered it."""
        attempt = self._runner.active
        if attempt is not None:
            self._keep_lease(attempt)
        with translate_redis_errors():
            command = self._register(attempt)
        if command == b"drain":
            self.on_drain()
        self.on_beat()

    def _keep_lease(self, attempt: ActiveAttempt) -> None:
        """Renew the lease, and stop an attempt that must stop. The attempt is stopped again at every beat
        until it has ended, also while Redis does not answer, because one call stops only a program that is
        running."""
        if self._clock.monotonic() - attempt.started > self._schedule.attempt_seconds:
            attempt.overdue = True
        try:
            if not attempt.lease_lost:
                self._renew(attempt)
        finally:
            if attempt.must_stop:
                self._runner.stop_attempt(attempt)

    def _renew(self, attempt: ActiveAttempt) -> None:
        if self._link.renew(attempt.request):
            self._runner.report_start(attempt)
        elif self._runner.active is attempt:
            _logger.warning(
                "The lease was lost; the attempt is stopped",
                submission=attempt.request.submission,
                attempt=attempt.request.attempt,
            )
            attempt.lease_lost = True

    def _register(self, attempt: ActiveAttempt | None) -> bytes | None:
        """Renew the registration. Returns an operator's command."""
        key, expires_ms = worker_key(self._record.name), int(self._schedule.interval * 3000) + 2000
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.set(key, self._current_record(attempt).dump(), px=expires_ms)
        pipeline.sadd(self._workers_set, self._record.name)
        pipeline.get(worker_command_key(self._record.name))
        answers: list[Any] = pipeline.execute(raise_on_error=False)
        for answer in answers[:2]:
            if isinstance(answer, RedisError):
                raise answer
        # A key of the wrong type gives no command, and must not stop the rest of the heartbeat.
        return answers[2] if isinstance(answers[2], bytes) else None

    def _current_record(self, attempt: ActiveAttempt | None) -> WorkerRecord:
        counters = self._runner.counters
        state = self._record.state
        if state is WorkerState.IDLE and attempt is not None:
            state = WorkerState.BUSY
        return replace(
            self._record,
            state=state,
            submission=attempt.request.submission if attempt else None,
            submission_since=self._leased_at(attempt) if attempt else None,
            heartbeat=rfc3339_now(self._clock),
            judged=counters.judged,
            faults=counters.faults,
            reason=self._record.reason or counters.last_fault,
        )

    def _leased_at(self, attempt: ActiveAttempt) -> str | None:
        """The lease's start by the present wall clock, which may have been set since the lease began."""
        ago = timedelta(seconds=self._clock.monotonic() - attempt.started)
        return rfc3339(self._clock.now() - ago)

    def _unregister(self) -> None:
        try:
            with translate_redis_errors():
                if self._record.state is WorkerState.LOST:
                    self._register(None)
                else:
                    self._redis.srem(self._workers_set, self._record.name)
                    self._redis.delete(worker_key(self._record.name))
        except QueueUnavailable:
            _logger.info("Redis is unreachable; the registration will expire by itself")


def initial_record(name: str, queue: Tier, clock: Clock = SYSTEM_CLOCK) -> WorkerRecord:
    """The registration of an idle worker in this process."""
    now = rfc3339_now(clock)
    return WorkerRecord(name, queue, socket.gethostname(), os.getpid(), WorkerState.IDLE, now, now)
