"""Interactive problems: the submission and the validator run together, each under its own limits.

One rule decides when the submission fails:

- If the validator could not yet see the submission's end and refused the conversation, the verdict is
  the validator's refusal.
- If the submission could see the validator's end before its runtime error, the validator's verdict counts.
  Whether SIGPIPE or its runtime's exit code for a broken pipe ended the submission makes no difference.
- Otherwise the failure is the submission's own.

The first run usually shows which of these cases it was. If it does not, both programs run once more as an
ordered pair, in which each side sees the other's end only when it waits for the other.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.model.language import Language
from judge_core.model.submission import Verdict
from judge_core.packages import TestCase
from sandbox import Ending, PairReport, RunReport, Sandbox
from workers.checkers.validator import ValidationRequest, Validator
from workers.judging.program_runner import ProgramRunner
from workers.judging.results import CaseRun, is_shown
from workers.judging.strategies.interaction import transcript_of
from workers.judging.strategies.multipass import next_pass, too_many_passes
from workers.judging.verdict import (
    Allowance,
    TestVerdict,
    is_borderline,
    verdict_from_check,
    verdict_from_report,
    with_both_times,
)

_CLEAR_LEAD_MS = 200.0
_RECORD_BYTES = 16_000
_REFUSAL = "the interaction is not accepted"


@dataclass(frozen=True, slots=True)
class InteractiveStrategy:
    """Runs the submission and the validator as a pair, in one pass or in several."""

    sandbox: Sandbox
    runner: ProgramRunner
    validator: Validator
    allowed: Allowance
    language: Language
    passes: int = 1
    scratch: Path = Path()
    rerun_borderline: bool = True

    def run_test(self, case: TestCase) -> CaseRun:
        request = ValidationRequest(case, case.input)
        for _ in range(self.passes):
            run = self._run_pass(request)
            if not run.accepted and is_shown(run) and self.runner.may_repeat():
                return replace(run, interaction=self._transcript(request, run))
            if not run.accepted or run.check is None or run.check.next_input is None:
                return run
            request = next_pass(request, run.check, self.scratch)
        raise too_many_passes(case, self.passes)

    def _run_pass(self, request: ValidationRequest) -> CaseRun:
        """Run one pass. If the submission's run is borderline and the submission may be repeated once more,
        the pass is repeated, and the lower CPU time counts."""
        pair = self._run_pair(request)
        if self.rerun_borderline and is_borderline(pair.first, self.allowed) and self.runner.may_repeat():
            return self._repeat(request, pair)
        return self._settle(request, pair)

    def _repeat(self, request: ValidationRequest, first: PairReport) -> CaseRun:
        second = self._run_pair(request)
        is_faster = second.first.cpu_ms <= first.first.cpu_ms
        run = self._settle(request, second) if is_faster else self._judge(request, first)
        return replace(run, decision=with_both_times(run.decision, first.first, second.first))

    def _settle(self, request: ValidationRequest, pair: PairReport) -> CaseRun:
        """The verdict of a pair. If it is unclear which end caused the other, the pair is run again first."""
        if self._is_unclear(pair):
            pair = self._run_pair(request, ordered=True)
            # In an ordered pair both sides may have waited for an end that was hidden from them.
            if _ran_out_of_time(pair):
                pair = self._run_pair(request)
        return self._judge(request, pair)

    def _is_unclear(self, pair: PairReport) -> bool:
        """Whether the submission failed, and the order and distance of the ends do not show why."""
        decision = self._failure(pair)
        if decision is None or decision.verdict is Verdict.TLE:
            return False
        if pair.lead_ms < _CLEAR_LEAD_MS:
            return True
        if pair.ended_first == 0:
            # A refusal may have two causes: a wrong conversation, or only that the submission's output ended.
            return self._refused(pair)
        return not self._refused(pair) and not died_of_sigpipe(pair.first)

    def _failure(self, pair: PairReport) -> TestVerdict | None:
        """The verdict of the submission's run alone. ``None`` if it ended well."""
        return verdict_from_report(pair.first, self.allowed, self.language)

    def _refused(self, pair: PairReport) -> bool:
        return not self.validator.accepts(pair.second)

    def _transcript(self, request: ValidationRequest, run: CaseRun) -> str | None:
        """Run once more and record the conversation. Returns the transcript, or ``None`` if only this run
        exceeds a limit, since its transcript would not explain the verdict."""
        pair = self._run_pair(request, record_bytes=_RECORD_BYTES)
        decision = self._failure(pair)
        failed_alike = decision is None or decision.verdict in (run.verdict, Verdict.RTE)
        return transcript_of(pair) if failed_alike else None

    def _run_pair(
        self, request: ValidationRequest, ordered: bool = False, record_bytes: int = 0
    ) -> PairReport:
        solution = replace(self.runner.command(request.case, None), stdout=None)
        validator = self.validator.command(request, None)
        limits = solution.limits
        wall = limits.wall_seconds + limits.delay_seconds + validator.limits.wall_seconds
        validator = replace(validator, limits=replace(validator.limits, wall_seconds=wall))
        return self.sandbox.run_pair(solution, validator, ordered=ordered, record_bytes=record_bytes)

    def _judge(self, request: ValidationRequest, pair: PairReport) -> CaseRun:
        decision = self._failure(pair)
        if decision is not None and not self._is_validators(pair, decision):
            return CaseRun(request.case, pair.first, decision)
        check = self.validator.result(pair.second, request)
        return CaseRun(request.case, pair.first, verdict_from_check(check, _REFUSAL), check)

    def _is_validators(self, pair: PairReport, failure: TestVerdict) -> bool:
        """Whether the validator's verdict counts, although the submission failed."""
        if self._refused(pair) and _ended_by_itself(pair):
            return True
        return failure.verdict is Verdict.RTE and pair.ended_first == 1 and pair.was_seen


def _ended_by_itself(pair: PairReport) -> bool:
    """Whether the validator ended before it could see the submission's end.

    A submission that runs out of time closes its pipes before its end is reported. The validator may then
    seem to have ended slightly earlier, so only a clear lead counts.
    """
    if _ran_out_of_time(pair) and pair.lead_ms <= _CLEAR_LEAD_MS:
        return False
    return pair.ended_first == 1 or not pair.was_seen


def _ran_out_of_time(pair: PairReport) -> bool:
    return pair.first.ending in (Ending.CPU, Ending.WALL)


def died_of_sigpipe(report: RunReport) -> bool:
    return report.ending is Ending.SIGNALLED and report.signal == signal.SIGPIPE
