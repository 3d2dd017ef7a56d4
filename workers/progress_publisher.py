"""Publishes the progress of an attempt to the clients that follow it, without slowing the judgement."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.messages import JudgeRequest
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage, Status, from_rfc3339
from workers.redis_link import RedisLink

_logger = get_logger(__name__)
PROGRESS_INTERVAL = 0.05
PROGRESS_DELAY = 0.02
_PAUSE_AFTER_FAILURE = 2.0


class DelayedCall:
    """Calls a function after a delay, unless it is cancelled before. A new call replaces a pending one.

    One thread sleeps through each delay, so a hundred cancelled calls wake it no more often than one.
    """

    def __init__(self, seconds: float, clock: Clock = SYSTEM_CLOCK) -> None:
        self._seconds = seconds
        self._clock = clock
        self._scheduled = threading.Event()
        self._pending: tuple[float, Callable[[], None]] | None = None
        self._thread = threading.Thread(target=self._run, name="delayed-call", daemon=True)

    def schedule(self, function: Callable[[], None]) -> None:
        self._pending = (self._clock.monotonic() + self._seconds, function)
        if not self._thread.is_alive():
            self._thread.start()
        self._scheduled.set()

    def cancel(self) -> None:
        """Cancel the pending call, unless it has just begun."""
        self._pending = None

    def _run(self) -> None:
        while True:
            self._scheduled.wait()
            self._scheduled.clear()
            self._clock.sleep(self._seconds)
            self._call_if_due()

    def _call_if_due(self) -> None:
        pending = self._pending
        if pending is None:
            return
        due, function = pending
        if due > self._clock.monotonic():
            self._scheduled.set()
            return
        self._pending = None
        try:
            function()
        except Exception:
            _logger.exception("An unexpected error occurred in a delayed call")


class ProgressPublisher:
    """The progress listener of an attempt: publishes each stage at once, then at most every 50 ms.

    An attempt whose program is in the compile cache publishes nothing in its first 20 ms, because most end
    sooner. After a failure of Redis nothing is published for two seconds.
    """

    def __init__(
        self,
        link: RedisLink,
        request: JudgeRequest,
        started_at: datetime,
        delayed_call: DelayedCall,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._link = link
        self._request = request
        self._started_at = started_at
        self._delayed_call = delayed_call
        self._clock = clock
        self._next = 0.0
        self._paused_until = 0.0
        self._stage: Stage | None = None

    def compiling(self) -> None:
        self._publish_if_due(Stage.COMPILING, 0, 0)

    def running(self, tests_total: int) -> None:
        if self._stage is not None:
            self._publish_if_due(Stage.RUNNING, 0, tests_total)
        elif self._request.status_fields is not None:
            self._next, self._stage = self._clock.monotonic() + PROGRESS_INTERVAL, Stage.RUNNING
            self._delayed_call.schedule(lambda: self._publish(Stage.RUNNING, 0, tests_total))

    def tested(self, tests_done: int, tests_total: int) -> None:
        self._publish_if_due(Stage.RUNNING, tests_done, tests_total)

    def end(self) -> None:
        """Publish nothing more, since the report follows."""
        self._delayed_call.cancel()

    def _publish_if_due(self, stage: Stage, done: int, total: int) -> None:
        now = self._clock.monotonic()
        too_soon = stage is self._stage and now < self._next
        if too_soon or now < self._paused_until or self._request.status_fields is None:
            return
        self._next, self._stage = now + PROGRESS_INTERVAL, stage
        self._publish(stage, done, total)

    def _publish(self, stage: Stage, done: int, total: int) -> None:
        try:
            self._link.publish_progress(self._request, self._status(stage, done, total))
        except QueueUnavailable:
            self._paused_until = self._clock.monotonic() + _PAUSE_AFTER_FAILURE

    def _status(self, stage: Stage, done: int, total: int) -> Status:
        request, status_fields = self._request, self._request.status_fields
        assert status_fields is not None
        return Status(
            id=request.submission,
            serial=status_fields.serial,
            owner=status_fields.owner,
            kind=status_fields.kind,
            stage=stage,
            queue=request.queue,
            problem=request.package.slug if request.package else None,
            language=request.language,
            attempt=request.attempt,
            submitted_at=from_rfc3339(status_fields.submitted_at) or self._started_at,
            started_at=self._started_at,
            tests_done=done,
            tests_total=total,
        )
