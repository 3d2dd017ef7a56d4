"""Runs a step again and again in a thread, through every trouble, until told to stop."""

from __future__ import annotations

import random
import threading
from typing import Protocol

from judge_core.logging import get_logger
from judge_core.model.errors import GavelError

_logger = get_logger(__name__)
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


class Step(Protocol):
    """One round of work; returns how many seconds to rest before the next."""

    def __call__(self) -> float: ...


class Loop:
    """One thread. Trouble (Redis or the store away, or a bug) is told once and tried again with growing
    pauses and jitter; it never ends the thread, because everything here is needed again afterwards."""

    def __init__(self, name: str, step: Step) -> None:
        self.name = name
        self._step = step
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._pause = 0.0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is work: do not rest."""
        self._wake.set()

    def stop(self) -> None:
        """Ends after the step that it is in."""
        self._stop.set()
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """Wait for the end; False when it did not come in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            rest = self._try_step()
            if rest > 0:
                self._wake.wait(rest)
                self._wake.clear()

    def _try_step(self) -> float:
        try:
            rest = self._step()
        except GavelError as trouble:
            return self._note_trouble(str(trouble))
        except Exception as bug:
            _logger.exception("A loop met an error", loop=self.name)
            return self._note_trouble(f"{type(bug).__name__}: {bug}")
        if self._pause:
            _logger.info("A loop works again", loop=self.name)
        self._pause = 0.0
        return rest

    def _note_trouble(self, reason: str) -> float:
        if not self._pause:
            _logger.warning("A loop waits for trouble to pass", loop=self.name, reason=reason)
        self._pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, self._pause * 2))
        return self._pause * random.uniform(0.5, 1.0)
