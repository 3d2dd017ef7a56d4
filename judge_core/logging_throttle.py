"""A warning about input that cannot be read, logged at most once a minute."""

from __future__ import annotations

import time

from judge_core.logging import StructuredLogger

_PERIOD_SECONDS = 60.0


class ThrottledWarning:
    """Logs one warning at most once a minute: another release may send thousands of bad messages."""

    def __init__(self, logger: StructuredLogger, sentence: str) -> None:
        self._logger = logger
        self._sentence = sentence
        self._unlogged = 0
        self._next = float("-inf")

    def log(self, fault: Exception | str) -> None:
        """Count one more occurrence, and log the number since the last line if a minute has passed."""
        self._unlogged += 1
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _PERIOD_SECONDS
            self._logger.warning(self._sentence, times=self._unlogged, reason=str(fault))
            self._unlogged = 0
