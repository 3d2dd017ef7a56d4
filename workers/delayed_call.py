"""One thing that is done in a moment, unless it is called off before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from judge_core.logging import get_logger

_logger = get_logger(__name__)


class DelayedCall:
    """Does it from a thread of its own, which sleeps in between whatever was put off: a hundred things that
    are called off in time wake it no oftener than one. The next takes the place of one that still waits."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._bell = threading.Event()
        self._pending: tuple[float, Callable[[], None]] | None = None
        self._thread = threading.Thread(target=self._run, name="postponed", daemon=True)

    def put_off(self, act: Callable[[], None]) -> None:
        self._pending = (time.monotonic() + self._seconds, act)
        if not self._thread.is_alive():
            self._thread.start()
        self._bell.set()

    def call_off(self) -> None:
        """It is not done, unless it has just begun."""
        self._pending = None

    def _run(self) -> None:
        while True:
            self._bell.wait()
            self._bell.clear()
            time.sleep(self._seconds)
            self._do_what_is_due()

    def _do_what_is_due(self) -> None:
        pending = self._pending
        if pending is None:
            return
        at, act = pending
        if at > time.monotonic():
            self._bell.set()
            return
        self._pending = None
        try:
            act()
        except Exception:
            _logger.exception("What was put off met an error")
