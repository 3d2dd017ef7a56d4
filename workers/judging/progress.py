"""The progress protocol: judging reports how far it is to one listener."""

from __future__ import annotations

from typing import Protocol


class ProgressListener(Protocol):
    """Is called while a submission is judged. A method may raise to stop the judgement."""

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
