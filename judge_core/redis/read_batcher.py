"""Reads many keys in one round trip when many readers wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from judge_core.model.errors import QueueUnavailable

Fetch = Callable[[Sequence[str]], Mapping[str, bytes | None]]
_MAX_WAIT_SECONDS = 20.0
"""Far more than two reads may take by Redis' own time limits. Only a reader whose leader died waits so
long."""


class _Batch:
    """The keys of one round trip and its result. It has neither values nor an error if it was broken off."""

    __slots__ = ("done", "error", "keys", "values")

    def __init__(self) -> None:
        self.keys: dict[str, None] = {}
        self.values: Mapping[str, bytes | None] | None = None
        self.error: str | None = None
        self.done = threading.Event()


class ReadBatcher:
    """One read is under way at a time; readers that come meanwhile share the next one.

    A lone reader never waits, and a thousand cost two round trips. Every value was read after it was asked
    for. When a read fails, all its readers get ``QueueUnavailable``. A read may be broken off: one key cannot
    be sent, or the thread that led it dies. Then each reader repeats it alone, and one bad key spoils only
    its own read.
    """

    def __init__(self, fetch: Fetch, max_wait_seconds: float = _MAX_WAIT_SECONDS) -> None:
        self._fetch = fetch
        self._max_wait_seconds = max_wait_seconds
        self._lock = threading.Lock()
        self._fetching = threading.Lock()
        self._open_batch: _Batch | None = None

    def get(self, key: str) -> bytes | None:
        with self._lock:
            batch = self._open_batch
            leads = batch is None
            if batch is None:
                batch = self._open_batch = _Batch()
            batch.keys[key] = None
        if leads:
            self._lead(batch)
        elif not batch.done.wait(self._max_wait_seconds):
            self._close(batch)
            raise QueueUnavailable("the read that others wait for as well does not end")
        if batch.error is not None:
            raise QueueUnavailable(batch.error)
        if batch.values is None:
            return self._fetch_alone(key)
        return batch.values[key]

    def _lead(self, batch: _Batch) -> None:
        try:
            with self._fetching:
                self._close(batch)
                batch.values = self._fetch(list(batch.keys))
        except QueueUnavailable as error:
            batch.error = str(error)
        except Exception:  # noqa: BLE001 (each reader repeats its read alone, and its own error is raised there)
            pass
        finally:
            self._close(batch)
            batch.done.set()

    def _close(self, batch: _Batch) -> None:
        """Let no further reader join the batch. It is closed already, unless its leader died before its
        turn."""
        with self._lock:
            if self._open_batch is batch:
                self._open_batch = None

    def _fetch_alone(self, key: str) -> bytes | None:
        with self._fetching:
            return self._fetch([key])[key]
