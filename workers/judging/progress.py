"""The progress protocol: judging reports its progress to one listener."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from workers.judging.errors import JudgingFault


class ProgressListener(Protocol):
    """Its methods are called while a submission is judged. A method may raise to stop the judgement."""

    def compiling(self) -> None: ...

    def running(self, tests_total: int) -> None: ...

    def tested(self, tests_done: int, tests_total: int) -> None: ...


class NoProgress:
    """A listener that ignores progress."""

    def compiling(self) -> None:
        """Ignored."""

    def running(self, tests_total: int) -> None:
        """Ignored."""

    def tested(self, tests_done: int, tests_total: int) -> None:
        """Ignored."""


class OutOfTime(JudgingFault):
    """The time for judging one of the package's own submissions is over."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Stops a judgement before its compilation or between two tests when its time is over, and passes on its
    progress to another listener."""

    moment: float
    listener: ProgressListener

    def compiling(self) -> None:
        self._check()
        self.listener.compiling()

    def running(self, tests_total: int) -> None:
        self.listener.running(tests_total)

    def tested(self, tests_done: int, tests_total: int) -> None:
        self.listener.tested(tests_done, tests_total)
        if tests_done < tests_total:
            self._check()

    def _check(self) -> None:
        if time.monotonic() > self.moment:
            raise OutOfTime("not measured: no time was left")
