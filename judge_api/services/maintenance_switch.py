"""Refuses or holds submissions while the judge is under maintenance. The state is read at most once a
second."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from judge_api.services.submission_service import JudgeQueue
from judge_api.store.maintenance import MaintenanceStore
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.messages import JudgeRequest
from judge_core.model.errors import StoreUnavailable, UnderMaintenance
from judge_core.model.maintenance import Maintenance, MaintenanceMode
from judge_core.model.submission import rfc3339

CACHE_SECONDS = 1.0
_RETRY_AFTER_SECONDS = 300
_LONGEST_RETRY_AFTER = 3600


class MaintenanceSwitch:
    """Reads and changes the state. While the database cannot be reached, the last known state is used."""

    def __init__(self, store: MaintenanceStore, clock: Clock = SYSTEM_CLOCK) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._state = Maintenance()

    def current(self) -> Maintenance:
        """The state as it was read last. A call after more than a second reads it again. Before the first
        read has ended, all calls wait for it."""
        is_known = self._read_at > float("-inf")
        if self._clock.monotonic() - self._read_at > CACHE_SECONDS and self._lock.acquire(not is_known):
            try:
                self._state = self._store.read()
            except StoreUnavailable:
                pass
            finally:
                self._read_at = self._clock.monotonic()
                self._lock.release()
        return self._state

    def change(self, new: Maintenance) -> Maintenance:
        """Replace the state. Other processes apply it within a second."""
        self._state = self._store.write(new)
        self._read_at = self._clock.monotonic()
        return self._state

    @property
    def is_holding(self) -> bool:
        """Whether submissions stay in the database."""
        return self.current().mode is not MaintenanceMode.OPEN

    def require_open(self) -> None:
        """Raise ``UnderMaintenance`` while submissions are refused."""
        state = self.current()
        if state.mode is not MaintenanceMode.REFUSE:
            return
        until = f" until about {rfc3339(state.until)}" if state.until else ""
        words = f": {state.message}" if state.message else ""
        raise UnderMaintenance(
            f"no submissions are accepted{until}{words}. Nothing was stored: submit again later",
            self._retry_after(state),
        )

    def _retry_after(self, state: Maintenance) -> int:
        if state.until is None:
            return _RETRY_AFTER_SECONDS
        left = (state.until - self._clock.now()).total_seconds()
        return max(5, min(_LONGEST_RETRY_AFTER, round(left))) if left > 0 else _RETRY_AFTER_SECONDS


class HeldQueue:
    """A :class:`~judge_api.services.submission_service.JudgeQueue` that is not ready while submissions are
    held.

    So callers leave them in the outbox.
    """

    def __init__(self, queue: JudgeQueue, switch: MaintenanceSwitch) -> None:
        self._queue = queue
        self._switch = switch

    def ready(self) -> bool:
        return not self._switch.is_holding and self._queue.ready()

    def send(self, queue: str, requests: Sequence[JudgeRequest]) -> bool:
        return self._queue.send(queue, requests)

    def send_ahead(self, queue: str, requests: Sequence[JudgeRequest]) -> bool:
        return self._queue.send_ahead(queue, requests)

    def revoke(self, submission: str, attempt: int) -> None:
        self._queue.revoke(submission, attempt)

    def cancel(self, submission: str, attempt: int) -> None:
        self._queue.cancel(submission, attempt)
