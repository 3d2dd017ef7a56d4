"""The worker's sandbox slot. Its overhead is measured, and it is opened again between two attempts if
toolchains have changed.

An open slot shows the host's files as they were when it was opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.messages import JudgeRequest
from judge_core.model.submission import Outcome
from sandbox import Command, Isolation, PairReport, RunReport, Sandbox, SandboxError
from sandbox.slot import JudgingMark
from workers.judging.judge import Judge
from workers.judging.progress import ProgressListener

_logger = get_logger(__name__)
RETRY_SECONDS = 10.0
"""The pause after a slot could not be opened again. To open one can take seconds."""


class RenewableSandbox:
    """Wraps a :class:`sandbox.Sandbox`, and adds up its overhead: the time of runs in addition to the
    programs' own."""

    def __init__(
        self, sandbox: Sandbox, open_again: Callable[[], Sandbox] | None = None, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self._sandbox = sandbox
        self._open_again = open_again
        self._clock = clock
        self._is_renewal_due = False
        self._failed_at = float("-inf")
        self._overhead_ms = 0.0

    @property
    def isolation(self) -> Isolation:
        return self._sandbox.isolation

    def run(self, command: Command) -> RunReport:
        report = self._sandbox.run(command)
        self._overhead_ms += report.overhead_ms
        return report

    def run_pair(
        self, first: Command, second: Command, *, ordered: bool = False, record_bytes: int = 0
    ) -> PairReport:
        pair = self._sandbox.run_pair(first, second, ordered=ordered, record_bytes=record_bytes)
        self._overhead_ms += max(pair.first.overhead_ms, pair.second.overhead_ms)
        return pair

    def request_renewal(self) -> None:
        """Request that the slot is opened again before the next attempt. Any thread may call this."""
        self._is_renewal_due = True

    def renew_if_due(self) -> bool:
        """Open the slot again if that was requested. If that fails, the old slot stays, and the first call
        after a pause tries again. Raises SandboxError or OSError."""
        if not self._is_renewal_due or self._open_again is None:
            return False
        if self._clock.monotonic() - self._failed_at < RETRY_SECONDS:
            return False
        self._is_renewal_due = False
        try:
            opened = self._open_again()
        except BaseException:
            self._is_renewal_due, self._failed_at = True, self._clock.monotonic()
            raise
        old, self._sandbox = self._sandbox, opened
        try:
            old.close()
        except (SandboxError, OSError) as error:
            _logger.warning("The slot was opened anew, but the old one was not closed", reason=str(error))
        return True

    def cancel(self) -> None:
        self._sandbox.cancel()

    def close(self) -> None:
        self._sandbox.close()

    def pop_overhead_ms(self) -> float:
        """The overhead since the last call."""
        overhead_ms, self._overhead_ms = self._overhead_ms, 0.0
        return overhead_ms


class JudgeOfCurrentToolchains:
    """Opens the worker's slots again before an attempt if toolchains have changed."""

    def __init__(self, judge: Judge, slots: Sequence[RenewableSandbox], mark: JudgingMark) -> None:
        self._judge = judge
        self._slots = slots
        self._mark = mark

    def judge(self, request: JudgeRequest, progress: ProgressListener) -> Outcome:
        """Judge a request, as :meth:`Judge.judge` does. Meanwhile other workers of the machine see that this
        worker judges."""
        renewed = [_renewed(slot) for slot in self._slots]
        if any(renewed):
            self._judge.forget_versions()
        with self._mark.held():
            return self._judge.judge(request, progress)

    def cancel(self) -> None:
        self._judge.cancel()


def _renewed(slot: RenewableSandbox) -> bool:
    """Open a slot again if that is due. Returns whether it was opened again."""
    try:
        return slot.renew_if_due()
    except (SandboxError, OSError) as error:
        _logger.warning("The slot could not be opened again; the old one is used for now", reason=str(error))
        return False
