"""A judge that judges nothing: it says what it is told to say, and can be cancelled while it waits."""

from __future__ import annotations

import threading
from collections.abc import Callable

from judge_api.domain.protocol import JudgeRequest
from judge_api.domain.submission import Outcome
from sandbox import Cancelled
from tests.fakes.records import outcome
from workers.workshop import Watch


class ScriptedJudging:
    """Each source is words: ``ok``, ``wait`` (until cancelled or let go), or a name in ``faults``; with
    ``cached`` before it, it was found compiled."""

    def __init__(self) -> None:
        self.judged: list[str] = []
        self.faults: dict[str, Callable[[], Exception]] = {}
        self.waiting = threading.Event()
        self._cancelled = threading.Event()
        self._let_go = threading.Event()

    def judge(self, request: JudgeRequest, watch: Watch) -> Outcome:
        is_cached, word = request.source.startswith("cached "), request.source.split(" ")[-1]
        if is_cached:
            watch.running(1)
        else:
            watch.compiling()
        self.judged.append(request.submission)
        if word in self.faults:
            raise self.faults[word]()
        if word == "wait":
            self._wait()
        if not is_cached:
            watch.running(1)
        watch.tested(1, 1)
        return outcome()

    def _wait(self) -> None:
        self.waiting.set()
        while not self._let_go.wait(0.01):
            if self._cancelled.is_set():
                self._cancelled.clear()
                raise Cancelled("from outside")

    def let_go(self) -> None:
        self._let_go.set()

    def cancel(self) -> None:
        self._cancelled.set()
