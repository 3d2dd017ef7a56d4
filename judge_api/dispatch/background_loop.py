"""Repeats a step in a thread until it is stopped. A failing step is retried with growing pauses."""

from __future__ import annotations

import threading
from typing import Protocol

from judge_core.clock import SYSTEM_JITTER, Jitter
from judge_core.logging import get_logger
from judge_core.model.errors import GavelError

_logger = get_logger(__name__)
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


class Step(Protocol):
    """Do one round of work. Returns how many seconds to wait before the next round."""

    def __call__(self) -> float: ...


class BackgroundLoop:
    """One thread that runs a step again and again.

    If a step fails (Redis or the database does not answer, or there is a bug), it is retried with growing
    pauses and jitter. The first failure in a row is logged, and each unexpected error with its traceback. An
    error does not end the thread, since its work is needed again once the cause is gone.
    """

    def __init__(self, name: str, step: Step, jitter: Jitter = SYSTEM_JITTER) -> None:
        self.name = name
        self._step = step
        self._jitter = jitter
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._pause = 0.0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Run the next step now, without waiting for the pause to end."""
        self._wake.set()

    def stop(self) -> None:
        """End the thread after its current step."""
        self._stop.set()
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """Wait for the thread to end. False if it did not end in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def run_step(self) -> float:
        """Run the step once. Returns how many seconds to wait before the next step, even after an error."""
        try:
            pause = self._step()
        except GavelError as error:
            return self._back_off(str(error))
        except Exception as error:  # This is the outermost loop of the thread.
            _logger.exception("Unexpected error in a background loop", loop=self.name)
            return self._back_off(f"{type(error).__name__}: {error}")
        if self._pause:
            _logger.info("A background loop works again", loop=self.name)
        self._pause = 0.0
        return pause

    def _run(self) -> None:
        while not self._stop.is_set():
            pause = self.run_step()
            if pause > 0:
                self._wake.wait(pause)
                self._wake.clear()

    def _back_off(self, reason: str) -> float:
        if not self._pause:
            _logger.warning("A background loop failed and is retried", loop=self.name, reason=reason)
        self._pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, self._pause * 2))
        return self._jitter.apply(self._pause)
