"""A status channel inside one process. It keeps the same contract as the channel over Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from judge_core.model.submission import Status
from judge_core.redis.status_channel import dump_status, load_status_of


class MemoryStatusListener:
    def __init__(self) -> None:
        self.queue: SimpleQueue[Status] = SimpleQueue()

    def wait(self, seconds: float, wanted: Callable[[str], bool] | None = None) -> Status | None:
        try:
            status = self.queue.get(timeout=seconds)
        except Empty:
            return None
        return status if wanted is None or wanted(status.id) else None


class MemoryStatusChannel:
    def __init__(self) -> None:
        self._kept: dict[str, Status] = {}
        self._listeners: list[MemoryStatusListener] = []

    def publish(self, statuses: Sequence[Status]) -> None:
        for status in statuses:
            kept = self._kept.get(status.id)
            if kept is not None and kept.order >= status.order:
                continue
            self._kept[status.id] = status
            for listener in self._listeners:
                listener.queue.put(status)

    def replace(self, status: Status) -> None:
        self._kept.pop(status.id, None)
        self.publish([status])

    def forget(self, submission: str) -> None:
        """Remove a status. Tests also use this in place of an expiry or a loss by Redis."""
        self._kept.pop(submission, None)

    def parse(self, submission: str, text: bytes) -> Status:
        return load_status_of(submission, text)

    def latest(self, submission: str) -> Status | None:
        return self._kept.get(submission)

    def latest_text(self, submission: str) -> bytes | None:
        kept = self._kept.get(submission)
        return dump_status(kept).encode() if kept else None

    @contextmanager
    def listen(self) -> Iterator[MemoryStatusListener]:
        listener = MemoryStatusListener()
        self._listeners.append(listener)
        try:
            yield listener
        finally:
            self._listeners.remove(listener)
