"""A judge that returns scripted outcomes and can be cancelled while it waits."""

from __future__ import annotations

import threading
from collections.abc import Callable

from judge_core.messages import JudgeRequest
from judge_core.model.submission import Outcome
from sandbox import Cancelled
from tests.support.records import outcome
from workers.judging.progress import ProgressListener


class ScriptedJudge:
    """A judge for which each source is one word, which says how it is judged.

    ``ok`` passes. ``wait`` waits in a run until it is cancelled or released. ``between`` runs test after
    test until it is released, and none of these tests can be cancelled. A name in ``faults`` raises that
    fault. ``cached`` before the word means that the program is in the compile cache.

    ``unheard`` is the number of first cancellations that have no effect, as if they came just before a
    run began.
    """

    def __init__(self) -> None:
        self.judged: list[str] = []
        self.unheard = 0
        self.cancelled = 0
        self.faults: dict[str, Callable[[], Exception]] = {}
        self.waiting = threading.Event()
        self._cancelled = threading.Event()
        self._released = threading.Event()

    def judge(self, request: JudgeRequest, progress: ProgressListener) -> Outcome:
        is_cached, word = request.source.startswith("cached "), request.source.split(" ")[-1]
        if is_cached:
            progress.running(1)
        else:
            progress.compiling()
        self.judged.append(request.submission)
        if word in self.faults:
            raise self.faults[word]()
        if word == "wait":
            self._wait()
        if word == "between":
            self._test(progress)
        if not is_cached:
            progress.running(1)
        progress.tested(1, 1)
        return outcome()

    def _wait(self) -> None:
        self.waiting.set()
        while not self._released.wait(0.01):
            if self._cancelled.is_set():
                self._cancelled.clear()
                raise Cancelled("from outside")

    def _test(self, progress: ProgressListener) -> None:
        self.waiting.set()
        done = 0
        while not self._released.wait(0.005):
            done += 1
            progress.tested(done, done + 1)

    def release(self) -> None:
        self._released.set()

    def block(self) -> None:
        """Let ``wait`` wait again from now on."""
        self._released.clear()
        self.waiting.clear()

    def cancel(self) -> None:
        self.cancelled += 1
        if self.cancelled > self.unheard:
            self._cancelled.set()
