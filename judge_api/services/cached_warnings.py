"""Warnings for operators that are looked up at most once a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable

from judge_core.clock import Clock

_CACHE_SECONDS = 60.0


class CachedWarnings:
    """Keeps what ``read`` returned last. While ``read`` returns ``None``, earlier warnings stay."""

    def __init__(self, read: Callable[[], tuple[str, ...] | None], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._warnings: tuple[str, ...] = ()

    def latest(self) -> tuple[str, ...]:
        """The warnings. If the last call of ``read`` was more than a minute ago, ``read`` is called first."""
        with self._lock:
            if self._clock.monotonic() - self._read_at > _CACHE_SECONDS:
                self._read_at = self._clock.monotonic()
                found = self._read()
                self._warnings = self._warnings if found is None else found
        return self._warnings
