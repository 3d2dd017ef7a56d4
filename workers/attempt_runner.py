"""Runs one attempt at one submission: leases the attempt, judges it, and reports the result. RQ's job
function calls this module."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger, log_context
from judge_core.messages import JudgeRequest, Report, ReportKind, WrongVersion
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Outcome, from_rfc3339, rfc3339
from judge_core.telemetry import Telemetry
from sandbox import Cancelled, SandboxError
from workers.attempt_trace import AttemptTrace
from workers.judging.errors import JudgingFault, LanguageUnavailable, PackageBroken, SandboxBroken
from workers.judging.progress import ProgressListener
from workers.progress_publisher import PROGRESS_DELAY, DelayedCall, ProgressPublisher
from workers.redis_link import NOT_LEASED, NextJob, PoppedJob, RedisLink, rfc3339_now
from workers.transient_errors import is_transient

_logger = get_logger(__name__)
_RETRY_SECONDS = 0.5
_MAX_REASON = 10_000


class RequestJudge(Protocol):
    """Judges one request at a time. In a worker this is :class:`workers.judging.judge.Judge`."""

    def judge(self, request: JudgeRequest, progress: ProgressListener) -> Outcome: ...

    def cancel(self) -> None:
        """Stop the program that is running now, from another thread."""
        ...


@dataclass
class ActiveAttempt:
    """The attempt that is being judged. The heartbeat and the signal thread set the flags that stop it."""

    request: JudgeRequest
    started_at: datetime
    started: float
    start_reported: bool = False
    lease_lost: bool = False
    returned: bool = False
    overdue: bool = False

    @property
    def must_stop(self) -> bool:
        return self.lease_lost or self.returned or self.overdue

    @property
    def waited_ms(self) -> float | None:
        """The time from the submission's acceptance, stored in whole milliseconds, to the start of this
        attempt."""
        status_fields = self.request.status_fields
        accepted_at = from_rfc3339(status_fields.submitted_at) if status_fields is not None else None
        return None if accepted_at is None else (self.started_at - accepted_at).total_seconds() * 1000


@dataclass(frozen=True, slots=True)
class InterruptibleProgress:
    """Passes progress on, and raises Cancelled when the attempt must stop.

    ``RequestJudge.cancel`` stops only a running program. This class stops the attempt between two runs. After
    the last test nothing is left to stop.
    """

    listener: ProgressListener
    attempt: ActiveAttempt

    def compiling(self) -> None:
        self._check()
        self.listener.compiling()

    def running(self, tests_total: int) -> None:
        self._check()
        self.listener.running(tests_total)

    def tested(self, tests_done: int, tests_total: int) -> None:
        self.listener.tested(tests_done, tests_total)
        if tests_done < tests_total:
            self._check()

    def _check(self) -> None:
        if self.attempt.must_stop:
            raise Cancelled("the attempt was stopped")


@dataclass(frozen=True, slots=True)
class WorkerCounters:
    """The judgements of a worker, its faults, and its faults and transient errors in a row."""

    judged: int = 0
    faults: int = 0
    consecutive_faults: int = 0
    consecutive_transient_errors: int = 0
    last_fault: str | None = None


class AttemptRunner:
    """Judges one attempt at a time, in the main thread. Other threads may call ``stop_attempt``.

    Progress is sent over ``progress_link``, which has a shorter timeout than ``link``, so that judging does
    not wait for a Redis that hangs. ``overhead_ms`` returns the sandbox's overhead since the last call.
    """

    def __init__(
        self,
        name: str,
        judge: RequestJudge,
        link: RedisLink,
        progress_link: RedisLink,
        *,
        overhead_ms: Callable[[], float] = lambda: 0.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._name = name
        self._judge = judge
        self._link = link
        self._progress_link = progress_link
        self._overhead_ms = overhead_ms
        self._clock = clock
        self._delayed_call = DelayedCall(PROGRESS_DELAY, clock)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._judging: ActiveAttempt | None = None
        self.active: ActiveAttempt | None = None
        self.counters = WorkerCounters()
        self.language_fault: Callable[[str], str | None] = lambda _: None
        """Why this worker does not offer a language, or ``None`` if it does."""
        self.telemetry: Telemetry | None = None
        self.next_bytes: Callable[[], int] = lambda: 0
        """The most bytes of a job to take together with a report. 0 if the worker takes no job now."""
        self.next_job: NextJob | None = None
        """The job that was taken with the last report. A worker that must end judges this job first."""

    def pop_next(self) -> NextJob | None:
        """The job that was taken with the last report. A second call returns ``None``."""
        found, self.next_job = self.next_job, None
        return found

    def take(self, popped: PoppedJob, most_bytes: int) -> bytes | int | None:
        """Lease a popped job and return its data, as :meth:`RedisLink.take` does. Also returns ``None`` if
        another worker has the attempt or the attempt was cancelled. Raises ``QueueUnavailable``."""
        data = self._link.take(popped, most_bytes)
        if data == NOT_LEASED:
            _logger.info(
                "Cannot lease a popped attempt: another worker has it, or it was cancelled",
                submission=popped.submission,
                attempt=popped.attempt,
            )
            return None
        return data

    def discard(self, popped: PoppedJob) -> None:
        """Remove a popped job that cannot be judged, with its lease. Raises ``QueueUnavailable``."""
        self._link.discard(popped)

    def return_unread(self, popped: PoppedJob, fault: WrongVersion) -> None:
        """Return a popped job of another release without a charge. The main server sends it again after a
        while, for a worker that can read it."""
        report = Report(
            ReportKind.TRANSIENT_ERROR,
            popped.submission,
            popped.attempt,
            self._name,
            at=rfc3339_now(self._clock),
            reason=f"the worker that popped it is of another release: {fault}",
        )
        self._retry(lambda: self._link.finish_popped(popped, report, fault.proof))

    def run(self, request: JudgeRequest) -> None:
        """Judge and report one attempt that this worker has taken. Faults go into the report. It raises only
        for a bug in this module."""
        attempt = ActiveAttempt(request, self._clock.now(), self._clock.monotonic())
        attempt.returned = self._stopping.is_set()
        self._overhead_ms()
        self.active = attempt
        trace = None
        if self.telemetry is not None or request.traceparent is not None:
            trace = AttemptTrace.begin(request, attempt.started_at, self.telemetry)
        fields = trace.log_fields if trace else {}
        try:
            with log_context(submission=request.submission, attempt=request.attempt, **fields):
                report = self._judge_attempt(attempt)
                self._send_report(attempt, trace.end(report) if trace else report)
        finally:
            self.active = None

    def _judge_attempt(self, attempt: ActiveAttempt) -> Report | None:
        """The report to send, or ``None`` if the lease was lost."""
        missing = self.language_fault(attempt.request.language)
        if missing is not None:
            return self._without_language(attempt, missing)
        publisher = ProgressPublisher(
            self._progress_link, attempt.request, attempt.started_at, self._delayed_call, self._clock
        )
        try:
            with self._cancellable(attempt):
                outcome = self._judge.judge(attempt.request, InterruptibleProgress(publisher, attempt))
        except (JudgingFault, SandboxError, OSError) as fault:
            return self._failure_report(attempt, fault)
        except Exception as bug:
            _logger.exception("An unexpected error occurred while judging")
            return self._failure_report(attempt, bug)
        finally:
            publisher.end()
        counters = self.counters
        self.counters = WorkerCounters(counters.judged + 1, counters.faults, last_fault=counters.last_fault)
        return self._report(attempt, ReportKind.FINISHED, outcome)

    def _failure_report(self, attempt: ActiveAttempt, fault: Exception) -> Report | None:
        if attempt.lease_lost:
            return None
        if attempt.returned:
            report = self._report(attempt, ReportKind.RETURNED)
            return replace(report, reason="the worker was stopped")
        reason = _reason_of(fault)
        if isinstance(fault, LanguageUnavailable) and fault.is_submissions:
            return self._without_language(attempt, reason)
        if attempt.overdue:
            reason = "judging did not end in the time that GAVEL_ATTEMPT_SECONDS gives one attempt"
        if not attempt.overdue and is_transient(fault):
            self._count_transient_error(reason)
            return replace(self._report(attempt, ReportKind.TRANSIENT_ERROR), reason=reason)
        self._count_fault(fault, reason)
        at_fault = isinstance(fault, PackageBroken) and not attempt.overdue
        return replace(
            self._report(attempt, ReportKind.FAULT),
            reason=reason,
            package_at_fault=at_fault,
            package_unusable=at_fault and isinstance(fault, PackageBroken) and fault.is_unusable,
        )

    def _without_language(self, attempt: ActiveAttempt, reason: str) -> Report:
        """The report that sends the attempt to another worker. It does not count as a fault of this worker,
        and the attempt is not charged."""
        text = f"this worker cannot judge {attempt.request.language}: {reason}"
        report = self._report(attempt, ReportKind.RETURNED)
        return replace(report, reason=text[:_MAX_REASON], lacks_language=True)

    def _count_transient_error(self, reason: str) -> None:
        count = self.counters.consecutive_transient_errors + 1
        self.counters = replace(self.counters, consecutive_transient_errors=count, last_fault=reason)

    def _count_fault(self, fault: Exception, reason: str) -> None:
        # A broken package or an unreachable server is no fault of this worker.
        is_workers_own = not isinstance(fault, JudgingFault) or isinstance(fault, SandboxBroken)
        self.counters = replace(
            self.counters,
            faults=self.counters.faults + 1,
            consecutive_faults=self.counters.consecutive_faults + int(is_workers_own),
            last_fault=reason,
        )

    def _report(self, attempt: ActiveAttempt, kind: ReportKind, outcome: Outcome | None = None) -> Report:
        """The report of an attempt, without a reason."""
        request = attempt.request
        return Report(
            kind,
            request.submission,
            request.attempt,
            self._name,
            at=rfc3339_now(self._clock),
            started_at=rfc3339(attempt.started_at),
            outcome=outcome,
            timings=self._timings(attempt) if outcome is not None else {},
        )

    def _timings(self, attempt: ActiveAttempt) -> dict[str, float]:
        judged_ms = (self._clock.monotonic() - attempt.started) * 1000
        timings = {
            "judged_ms": round(judged_ms, 2),
            "sandbox_overhead_ms": round(self._overhead_ms(), 2),
        }
        waited_ms = attempt.waited_ms
        return timings if waited_ms is None else {"waited_ms": round(waited_ms, 2), **timings}

    def _send_report(self, attempt: ActiveAttempt, report: Report | None) -> None:
        request = attempt.request
        sent = report is not None and self._retry(lambda: self._finish(request, report))
        if report is not None and sent:
            _logger.info("Reported", kind=report.kind.value, **report.timings)
        else:
            _logger.warning("The lease was lost, so nothing is reported")
            self._retry(lambda: self._link.release(request))

    def _finish(self, request: JudgeRequest, report: Report) -> bool:
        next_bytes = self.next_bytes() if report.kind is ReportKind.FINISHED else 0
        finished = self._link.finish(request, report, next_bytes)
        self.next_job = finished.next_job
        return finished.is_sent

    def report_start(self, attempt: ActiveAttempt) -> None:
        """Report once that an attempt has started, so that the server records it before the verdict."""
        if not attempt.start_reported:
            self._link.send_report(attempt.request, self._report(attempt, ReportKind.STARTED))
            attempt.start_reported = True

    @contextmanager
    def _cancellable(self, attempt: ActiveAttempt) -> Iterator[None]:
        with self._lock:
            self._judging = attempt
        try:
            yield
        finally:
            with self._lock:
                self._judging = None

    def stop_attempt(self, attempt: ActiveAttempt) -> None:
        """Cancel the attempt's running program, if there is one. The caller has set the attempt's flag. A
        later attempt is never cancelled. Between two runs there is no program to cancel. Then the progress
        listener stops the attempt, and the caller repeats the call until the attempt has ended."""
        with self._lock:
            if self._judging is attempt:
                self._judge.cancel()

    def stop_now(self) -> None:
        """Return the active attempt at once, and stop waiting for Redis."""
        self._stopping.set()
        attempt = self.active
        if attempt is not None:
            attempt.returned = True
            self.stop_attempt(attempt)

    def _retry(self, send: Callable[[], bool | None]) -> bool:
        """Repeat a call until Redis accepts it. A report is not given up while this process runs. A worker
        that has to end at once still tries once more, since the previous call may have taken the next job
        although its answer was lost. The repeated call finds that job, so the worker can return it. Otherwise
        the job would be charged to its submission."""
        is_logged = is_last = False
        while True:
            try:
                return bool(send())
            except QueueUnavailable as error:
                if not is_logged:
                    _logger.warning("Redis is unreachable; the worker waits for it", reason=str(error))
                is_logged = True
            if is_last:
                return False
            is_last = self._stopping.wait(_RETRY_SECONDS)


def _reason_of(fault: Exception) -> str:
    reason = fault.reason if isinstance(fault, JudgingFault) else f"{type(fault).__name__}: {fault}"
    return reason[:_MAX_REASON]
