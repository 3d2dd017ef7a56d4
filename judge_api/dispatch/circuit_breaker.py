"""Keeps the queue's trouble out of requests: after a few failures nobody waits for Redis any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from judge_api.services.submission_service import JudgeQueue
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable

T = TypeVar("T")


class BreakerQueue:
    """A queue that stops being tried after ``failures`` in a row, and is tried again by one caller
    every ``rest_seconds``. While it is open, sending fails at once: the relay has the work anyway."""

    def __init__(
        self,
        queue: JudgeQueue,
        failures: int = 3,
        rest_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._allowed = failures
        self._rest = rest_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._next_try = 0.0
        self._since: datetime | None = None

    @property
    def unreachable_since(self) -> datetime | None:
        """Since when the queue has failed us, or ``None`` when the last word was good."""
        return self._since

    def ready(self) -> bool:
        """False while it rests; one caller per rest is let through to try."""
        with self._lock:
            if self._failed < self._allowed:
                return True
            if self._clock() < self._next_try:
                return False
            self._next_try = self._clock() + self._rest
            return True

    def send(self, tier: Tier, requests: Sequence[JudgeRequest]) -> bool:
        return self._watched(lambda: self._queue.send(tier, requests))

    def revoke(self, submission: str, attempt: int) -> None:
        self._watched(lambda: self._queue.revoke(submission, attempt))

    def cancel(self, submission: str, attempt: int) -> None:
        self._watched(lambda: self._queue.cancel(submission, attempt))

    def _watched(self, call: Callable[[], T]) -> T:
        try:
            answer = call()
        except QueueUnavailable:
            self._note_failure()
            raise
        self._note_success()
        return answer

    def _note_failure(self) -> None:
        with self._lock:
            self._failed += 1
            self._next_try = self._clock() + self._rest
            self._since = self._since or datetime.now(UTC)

    def _note_success(self) -> None:
        with self._lock:
            self._failed = 0
            self._since = None
