"""What is passed over because it cannot be read, told to the journal now and then."""

from __future__ import annotations

import time

from judge_core.logging import Journal

_PERIOD_SECONDS = 60.0


class PassedOver:
    """Tells one journal in one sentence, at most once a minute: a release beside ours may send thousands."""

    def __init__(self, journal: Journal, sentence: str) -> None:
        self._journal = journal
        self._sentence = sentence
        self._untold = 0
        self._next = float("-inf")

    def note(self, fault: Exception) -> None:
        self._untold += 1
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _PERIOD_SECONDS
            self._journal.warning(self._sentence, times=self._untold, fault=str(fault))
            self._untold = 0
