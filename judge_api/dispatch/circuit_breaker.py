"""Stops requests from waiting for a Redis that has failed several times in a row."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from judge_api.services.submission_service import JudgeQueue
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.messages import JudgeRequest
from judge_core.model.errors import QueueUnavailable

T = TypeVar("T")


class CircuitBreaker:
    """A :class:`~judge_api.services.submission_service.JudgeQueue` that passes its calls on to another queue.

    It opens after ``failures`` failed calls in a row. While it is open, :meth:`ready` is False, apart from
    one caller every ``retry_seconds``, who may try. The outbox relay sends the submissions that are not sent
    meanwhile.
    """

    def __init__(
        self,
        queue: JudgeQueue,
        failures: int = 3,
        retry_seconds: float = 1.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._queue = queue
        self._max_failures = failures
        self._retry_seconds = retry_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._next_try = 0.0

    def ready(self) -> bool:
        """Whether a caller may use the queue. While the breaker is open, this is True for one caller every
        ``retry_seconds``."""
        with self._lock:
            if self._failures < self._max_failures:
                return True
            if self._clock.monotonic() < self._next_try:
                return False
            self._next_try = self._clock.monotonic() + self._retry_seconds
            return True

    def send(self, queue: str, requests: Sequence[JudgeRequest]) -> bool:
        return self._call(lambda: self._queue.send(queue, requests))

    def send_ahead(self, queue: str, requests: Sequence[JudgeRequest]) -> bool:
        return self._call(lambda: self._queue.send_ahead(queue, requests))

    def revoke(self, submission: str, attempt: int) -> None:
        self._call(lambda: self._queue.revoke(submission, attempt))

    def cancel(self, submission: str, attempt: int) -> None:
        self._call(lambda: self._queue.cancel(submission, attempt))

    def _call(self, function: Callable[[], T]) -> T:
        try:
            result = function()
        except QueueUnavailable:
            self._count_failure()
            raise
        self._reset()
        return result

    def _count_failure(self) -> None:
        with self._lock:
            self._failures += 1
            self._next_try = self._clock.monotonic() + self._retry_seconds

    def _reset(self) -> None:
        with self._lock:
            self._failures = 0
