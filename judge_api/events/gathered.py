"""Reads that come together go together: many waiting readers, one round trip."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from judge_api.domain.errors import QueueUnavailable

Fetch = Callable[[Sequence[str]], Mapping[str, bytes | None]]


class _Batch:
    """The keys of one round trip, and what came of it."""

    __slots__ = ("done", "found", "keys", "trouble")

    def __init__(self) -> None:
        self.keys: dict[str, None] = {}
        self.found: Mapping[str, bytes | None] = {}
        self.trouble: str | None = "the read was broken off"
        self.done = threading.Event()


class GatheredReads:
    """One read is under way at a time; whoever comes meanwhile goes with the next one.

    A lone reader waits for nobody, and a thousand cost two round trips. What a reader gets was always
    read after it asked. When a read fails, all who went with it get ``QueueUnavailable``.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._gathering: _Batch | None = None

    def get(self, key: str) -> bytes | None:
        with self._lock:
            batch = self._gathering
            leads = batch is None
            if batch is None:
                batch = self._gathering = _Batch()
            batch.keys[key] = None
        if leads:
            self._lead(batch)
        else:
            batch.done.wait()
        if batch.trouble is not None:
            raise QueueUnavailable(batch.trouble)
        return batch.found[key]

    def _lead(self, batch: _Batch) -> None:
        with self._turn:
            with self._lock:
                self._gathering = None
            try:
                batch.found = self._fetch(list(batch.keys))
                batch.trouble = None
            except QueueUnavailable as trouble:
                batch.trouble = str(trouble)
            finally:
                batch.done.set()
