"""A clock that a test controls."""

from __future__ import annotations

import threading

from judge_core.clock import Clock

PATIENCE = 60


class HeldClock:
    """A clock whose sleeps end when the test sets ``may_pass``. Only a sleep moves the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.may_pass = threading.Event()

    def sleep(self, seconds: float) -> None:
        assert self.may_pass.wait(PATIENCE)
        self.now += seconds

    @property
    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.now, sleep=self.sleep)
