"""Runs several tests of one submission at once, each in its own sandbox slot.

The first tests run one after another, until a test takes at least ``WORTHWHILE_MS``. Then side slots run the
following tests, while the worker's own slot runs tests too. Results are asked for in the tests' order, so the
verdict is the same as with a single slot. If a group ends with its first failure, the later results are not
asked for. They are dropped, and their runs are cancelled.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.packages import TestCase
from sandbox import Cancelled, Sandbox, SandboxError
from workers.judging.errors import JudgingFault
from workers.judging.results import CaseRun
from workers.judging.test_runner import JudgingStrategy

WORTHWHILE_MS = 5.0
"""If a test takes at least this wall time, running the following tests side by side saves time."""
_AHEAD = 4
"""How many tests each slot may run ahead of the test that is asked for. There is a bound because outputs use
disk space."""
_CANCEL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class SideSlots:
    """The sandboxes besides the worker's own. ``may_run`` is called before each of their tests."""

    sandboxes: tuple[Sandbox, ...] = ()
    may_run: Callable[[], bool] = lambda: True

    def cancel(self) -> None:
        """Stop the programs that run in these sandboxes, from another thread."""
        for sandbox in self.sandboxes:
            sandbox.cancel()


NO_SIDE_SLOTS = SideSlots()


@dataclass(frozen=True, slots=True)
class Lane:
    """A slot's strategy, and the folder into which each output is moved, since the next run would overwrite
    the output."""

    strategy: JudgingStrategy
    kept: Path

    def run(self, index: int, case: TestCase) -> CaseRun:
        """Run one test. Its output stays until the folder is removed."""
        run = self.strategy.run_test(case)
        if run.output is None:
            return run
        self.kept.mkdir(parents=True, exist_ok=True)
        return replace(run, output=run.output.replace(self.kept / str(index)))


class SideBySide:
    """Runs the tests of one submission in the worker's own slot and in its side slots."""

    def __init__(self, lanes: Sequence[Lane], cases: Sequence[TestCase], slots: SideSlots) -> None:
        self._own, *self._side = lanes
        self._cases = cases
        self._index = {case.name: index for index, case in enumerate(cases)}
        self._slots = slots
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._free = list(self._side)
        self._runs: dict[int, Future[CaseRun]] = {}
        self._next = 0
        self._asked = 0
        self._is_closed = False

    def run_test(self, case: TestCase) -> CaseRun:
        """The result of a test. Runs the test in the worker's own slot. If a side slot runs it already, the
        own slot runs later tests meanwhile."""
        index = self._index[case.name]
        if self._pool is None:
            run = self._own.strategy.run_test(case)
            self._start_after(index, run)
            return run
        self._ask(index)
        while (asked := self._runs.get(index)) is None or not asked.done():
            if not self._run_next_here():
                wait([self._runs[index]])
        return self._take(index)

    def close(self) -> None:
        """Cancel the runs that nothing asked for, and wait until their slots are free."""
        if self._pool is None:
            return
        with self._lock:
            self._is_closed = True
            left = list(self._runs.values())
        while wait(left, _CANCEL_SECONDS).not_done:
            self._slots.cancel()
        self._pool.shutdown()
        for lane in (self._own, *self._side):
            shutil.rmtree(lane.kept, ignore_errors=True)

    def _start_after(self, index: int, run: CaseRun) -> None:
        if run.report.wall_ms >= WORTHWHILE_MS and len(self._cases) - index > 2:
            self._pool = ThreadPoolExecutor(len(self._side), "side-slot")
            self._next = index + 1

    def _ask(self, index: int) -> None:
        """Start tests in the free side slots, from this one on. The caller skips earlier tests that have not
        begun, so they are not started any more."""
        with self._lock:
            self._asked = index
            self._next = max(self._next, index)
            free, self._free = self._free, []
        for lane in free:
            self._feed(lane)

    def _feed(self, lane: Lane) -> None:
        """Start the next test in a side slot. If side slots may not run now, the slot stays free until the
        next test is asked for."""
        with self._lock:
            index = self._claim() if self._slots.may_run() else None
            if index is None or self._pool is None:
                self._free.append(lane)
                return
            run = self._runs[index] = self._pool.submit(lane.run, index, self._cases[index])
        run.add_done_callback(lambda _: self._feed(lane))

    def _claim(self) -> int | None:
        """The number of the next test that no slot has begun, if it is not too far ahead."""
        index = self._next
        furthest = min(len(self._cases), self._asked + _AHEAD * (len(self._side) + 1))
        if self._is_closed or index >= furthest:
            return None
        self._next = index + 1
        return index

    def _run_next_here(self) -> bool:
        with self._lock:
            index = self._claim()
            if index is None:
                return False
            here = self._runs[index] = Future[CaseRun]()
        try:
            here.set_result(self._own.run(index, self._cases[index]))
        except (JudgingFault, SandboxError, OSError) as fault:
            here.set_exception(fault)  # It is raised if this test is asked for.
            if isinstance(fault, Cancelled):
                raise
        except BaseException as bug:
            here.set_exception(bug)  # Otherwise ``close`` would wait for this run without end.
            raise
        return True

    def _take(self, index: int) -> CaseRun:
        with self._lock:
            return self._runs.pop(index).result()


@contextlib.contextmanager
def side_by_side(lanes: Sequence[Lane], cases: Sequence[TestCase], slots: SideSlots) -> Iterator[SideBySide]:
    """Run the tests in these lanes, of which the first is the worker's own. At the end of the block no test
    runs any more."""
    shared = SideBySide(lanes, cases, slots)
    try:
        yield shared
    finally:
        shared.close()
