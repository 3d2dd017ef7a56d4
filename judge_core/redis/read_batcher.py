"""Reads that come together go together: many waiting readers, one round trip."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from judge_core.model.errors import QueueUnavailable

Fetch = Callable[[Sequence[str]], Mapping[str, bytes | None]]
_PATIENCE_SECONDS = 20.0
"""Far above what two reads may take by Redis' own time limits: only whose leader is gone waits so long."""


class _Batch:
    """The keys of one round trip, and what came of it: neither answer nor trouble when it was broken off."""

    __slots__ = ("done", "found", "keys", "trouble")

    def __init__(self) -> None:
        self.keys: dict[str, None] = {}
        self.found: Mapping[str, bytes | None] | None = None
        self.trouble: str | None = None
        self.done = threading.Event()


class GatheredReads:
    """One read is under way at a time; whoever comes meanwhile goes with the next one.

    A lone reader waits for nobody, and a thousand cost two round trips. What a reader gets was always
    read after it asked. When a read fails, all who went with it get ``QueueUnavailable``. One that is broken
    off, by a key that cannot be asked for or by the death of whoever led it, is made once more by each alone:
    so nobody answers for another's question.
    """

    def __init__(self, fetch: Fetch, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._fetch = fetch
        self._patience = patience_seconds
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
        elif not batch.done.wait(self._patience):
            self._close(batch)
            raise QueueUnavailable("the read that others wait for as well does not end")
        if batch.trouble is not None:
            raise QueueUnavailable(batch.trouble)
        if batch.found is None:
            return self._ask_alone(key)
        return batch.found[key]

    def _lead(self, batch: _Batch) -> None:
        try:
            with self._turn:
                self._close(batch)
                batch.found = self._fetch(list(batch.keys))
        except QueueUnavailable as trouble:
            batch.trouble = str(trouble)
        except Exception:  # noqa: BLE001 (whose it is shows when each asks alone, and is raised there)
            pass
        finally:
            self._close(batch)
            batch.done.set()

    def _close(self, batch: _Batch) -> None:
        """Nobody joins it any more: usually so already, not when its leader was killed before its turn."""
        with self._lock:
            if self._gathering is batch:
                self._gathering = None

    def _ask_alone(self, key: str) -> bytes | None:
        with self._turn:
            return self._fetch([key])[key]
