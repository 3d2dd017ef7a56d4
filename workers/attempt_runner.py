"""One attempt at one submission: leased, judged, reported, or let go. What RQ's job function calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from judge_core.logging import get_logger, log_context
from judge_core.messages import JudgeRequest, Report, ReportKind
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Outcome, from_rfc3339, rfc3339
from sandbox import Cancelled, SandboxError
from workers.delayed_call import DelayedCall
from workers.judging.errors import JudgingFault, SandboxBroken
from workers.redis_link import PROGRESS_DELAY, ProgressPublisher, RedisLink, rfc3339_now
from workers.transient_errors import is_transient

_logger = get_logger(__name__)
_RETRY_SECONDS = 0.5


class ProgressListener(Protocol):
    """Whom the judge tells how far it is."""

    def compiling(self) -> None: ...

    def running(self, tests_total: int) -> None: ...

    def tested(self, tests_done: int, tests_total: int) -> None: ...


class RequestJudge(Protocol):
    """Judges a request; the real one is ``workers.judging.judge.Judge``."""

    def judge(self, request: JudgeRequest, watch: ProgressListener) -> Outcome: ...


@dataclass
class ActiveAttempt:
    """The attempt being judged now; the heartbeat and the signal handler look at it from outside."""

    request: JudgeRequest
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    begun: float = field(default_factory=time.monotonic)
    announced: bool = False
    lost: bool = False
    hand_back: bool = False
    overdue: bool = False

    @property
    def is_called_off(self) -> bool:
        return self.lost or self.hand_back or self.overdue

    @property
    def waited_ms(self) -> float | None:
        """From the submission's acceptance, stamped in whole milliseconds, to the begin of this attempt."""
        status_fields = self.request.status_fields
        accepted_at = from_rfc3339(status_fields.submitted_at) if status_fields is not None else None
        return None if accepted_at is None else (self.started_at - accepted_at).total_seconds() * 1000


@dataclass(frozen=True, slots=True)
class InterruptibleProgress:
    """A watch under which an attempt that was called off ends at its next step, with Cancelled.

    A box can be reached only while something runs in it; this reaches what is done between two runs. After
    the last test there is nothing left to end.
    """

    watch: ProgressListener
    assignment: ActiveAttempt

    def compiling(self) -> None:
        self._look()
        self.watch.compiling()

    def running(self, tests_total: int) -> None:
        self._look()
        self.watch.running(tests_total)

    def tested(self, tests_done: int, tests_total: int) -> None:
        self.watch.tested(tests_done, tests_total)
        if tests_done < tests_total:
            self._look()

    def _look(self) -> None:
        if self.assignment.is_called_off:
            raise Cancelled("the attempt was called off")


@dataclass(frozen=True, slots=True)
class WorkerCounters:
    """How the worker has been doing."""

    judged: int = 0
    faults: int = 0
    faults_in_a_row: int = 0
    hindered_in_a_row: int = 0
    last_fault: str | None = None


class AttemptRunner:
    """What a worker process owns for judging. Judges one attempt at a time, in the main thread.

    ``call_off`` may be called from another thread or a signal handler; it reaches the box. Progress goes over
    a line of its own, ``impatient``: judging does not wait for a Redis that hangs.
    """

    def __init__(
        self,
        name: str,
        judging: RequestJudge,
        cancel_box: Callable[[], None],
        line: RedisLink,
        impatient: RedisLink,
    ) -> None:
        self._name = name
        self._judging = judging
        self._cancel_box = cancel_box
        self._line = line
        self._impatient = impatient
        self._postponed = DelayedCall(PROGRESS_DELAY)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._in_box: ActiveAttempt | None = None
        self.current: ActiveAttempt | None = None
        self.tally = WorkerCounters()
        self.take_overhead_ms: Callable[[], float] = lambda: 0.0

    def judge(self, request: JudgeRequest) -> None:
        """All of one attempt. Returns whatever happens to it; only a bug here raises."""
        if not self._insist(lambda: self._line.take(request)):
            _logger.info(
                "An attempt is not ours to judge", submission=request.submission, attempt=request.attempt
            )
            self._insist(lambda: self._line.leave(request))
            return
        assignment = ActiveAttempt(request)
        self.take_overhead_ms()
        self.current = assignment
        try:
            with log_context(submission=request.submission, attempt=request.attempt):
                self._tell(assignment, self._attempt(assignment))
        finally:
            self.current = None

    def _attempt(self, assignment: ActiveAttempt) -> Report | None:
        request = assignment.request
        watch = ProgressPublisher(self._impatient, request, assignment.started_at, self._postponed)
        try:
            with self._boxed(assignment):
                outcome = self._judging.judge(request, InterruptibleProgress(watch, assignment))
        except (JudgingFault, SandboxError, OSError) as fault:
            return self._explain(assignment, fault)
        except Exception as bug:
            _logger.exception("RequestJudge met an error")
            return self._explain(assignment, bug)
        finally:
            watch.end()
        tally = self.tally
        self.tally = WorkerCounters(tally.judged + 1, tally.faults, last_fault=tally.last_fault)
        return self._report(assignment, ReportKind.FINISHED, outcome)

    def _explain(self, assignment: ActiveAttempt, fault: Exception) -> Report | None:
        if assignment.lost:
            return None
        if assignment.hand_back:
            report = self._report(assignment, ReportKind.RETURNED)
            return replace(report, reason="the worker was told to stop")
        reason = _reason_of(fault)
        if assignment.overdue:
            reason = "judging did not end in the time that a worker gives one attempt"
        if not assignment.overdue and is_transient(fault):
            self._count_hindrance(reason)
            return replace(self._report(assignment, ReportKind.TRANSIENT_ERROR), reason=reason)
        self._count_fault(fault, reason)
        return replace(self._report(assignment, ReportKind.FAULT), reason=reason)

    def _count_hindrance(self, reason: str) -> None:
        in_a_row = self.tally.hindered_in_a_row + 1
        self.tally = replace(self.tally, hindered_in_a_row=in_a_row, last_fault=reason)

    def _count_fault(self, fault: Exception, reason: str) -> None:
        # A broken package or a server that is away says nothing about this worker.
        ours = not isinstance(fault, JudgingFault) or isinstance(fault, SandboxBroken)
        in_a_row = self.tally.faults_in_a_row + int(ours)
        self.tally = replace(
            self.tally, faults=self.tally.faults + 1, faults_in_a_row=in_a_row, last_fault=reason
        )

    def _report(self, assignment: ActiveAttempt, kind: ReportKind, outcome: Outcome | None = None) -> Report:
        """What is known of an attempt; a reason is filled in by ``replace``."""
        request = assignment.request
        return Report(
            kind,
            request.submission,
            request.attempt,
            self._name,
            at=rfc3339_now(),
            started_at=rfc3339(assignment.started_at),
            outcome=outcome,
            timings=self._timings(assignment) if outcome is not None else {},
        )

    def _timings(self, assignment: ActiveAttempt) -> dict[str, float]:
        judged_ms = (time.monotonic() - assignment.begun) * 1000
        timings = {
            "judged_ms": round(judged_ms, 2),
            "sandbox_overhead_ms": round(self.take_overhead_ms(), 2),
        }
        waited_ms = assignment.waited_ms
        return timings if waited_ms is None else {"waited_ms": round(waited_ms, 2), **timings}

    def _tell(self, assignment: ActiveAttempt, report: Report | None) -> None:
        request = assignment.request
        told = report is not None and self._insist(lambda: self._line.finish(request, report))
        if report is not None and told:
            _logger.info("Reported", kind=report.kind.value, **report.timings)
        else:
            _logger.warning("A lost attempt is dropped")
            self._insist(lambda: self._line.leave(request))

    def announce(self, assignment: ActiveAttempt) -> None:
        """Tell the store, once, that an attempt which takes its time has begun."""
        if not assignment.announced:
            self._line.say(self._report(assignment, ReportKind.STARTED))
            assignment.announced = True

    @contextmanager
    def _boxed(self, assignment: ActiveAttempt) -> Iterator[None]:
        with self._lock:
            self._in_box = assignment
        try:
            yield
        finally:
            with self._lock:
                self._in_box = None

    def call_off(self, assignment: ActiveAttempt) -> None:
        """End the attempt's run that is under way now, if there is one; why is written on it beforehand.

        Never the run of a later attempt. What comes between two runs is told by its watch, and whoever wants
        to be sure calls again.
        """
        with self._lock:
            if self._in_box is assignment:
                self._cancel_box()

    def hand_back(self) -> None:
        """Second request to stop: the current attempt goes back at once, and nothing is waited for."""
        self._stopping.set()
        assignment = self.current
        if assignment is not None:
            assignment.hand_back = True
            self.call_off(assignment)

    def _insist(self, say: Callable[[], bool | None]) -> bool:
        """Say it until Redis takes it: a report is kept for as long as this process lives."""
        told_of_trouble = False
        while True:
            try:
                return bool(say())
            except QueueUnavailable as trouble:
                if not told_of_trouble:
                    _logger.warning("Redis is away; the worker waits for it", reason=str(trouble))
                told_of_trouble = True
            if self._stopping.wait(_RETRY_SECONDS):
                return False


def _reason_of(fault: Exception) -> str:
    if isinstance(fault, JudgingFault):
        return fault.reason
    return f"{type(fault).__name__}: {fault}"
