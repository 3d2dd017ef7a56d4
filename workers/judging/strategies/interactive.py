"""Interactive problems: the submission and the validator run together, each under its own limits.

The side that first ends with a failure decides. A submission that dies of a broken pipe after the validator
has ended did not fail; one that fails first did, whatever the validator says. Where the verdict depends on an
order that was too close to tell, both run once more as an ordered pair.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.packages import TestCase
from sandbox import Ending, PairReport, RunReport, Sandbox
from workers.checkers.validator import ACCEPT, ValidationRequest, Validator
from workers.judging.program_runner import ProgramRunner
from workers.judging.results import CaseRun
from workers.judging.strategies.multipass import next_pass, too_many_passes
from workers.judging.verdict import Allowance, is_borderline, verdict_from_check, verdict_from_report

_CLEAR_LEAD_MS = 200.0
_REFUSAL = "the interaction is not accepted"


@dataclass(frozen=True, slots=True)
class InteractiveStrategy:
    """Runs submission and validator as a pair, in one pass or in several."""

    sandbox: Sandbox
    runner: ProgramRunner
    validator: Validator
    allowed: Allowance
    passes: int = 1
    scratch: Path = Path()
    rerun_borderline: bool = True

    def run_test(self, case: TestCase) -> CaseRun:
        request = ValidationRequest(case, case.input)
        for _ in range(self.passes):
            run = self._run_pass(request)
            if not run.accepted or run.check is None or run.check.next_input is None:
                return run
            request = next_pass(request, run.check, self.scratch)
        raise too_many_passes(case, self.passes)

    def _run_pass(self, request: ValidationRequest) -> CaseRun:
        """One pass, repeated when it was over its time by little or when the order of the ends is unclear."""
        pair = self._run_pair(request)
        if self.rerun_borderline and is_borderline(pair.first, self.allowed):
            pair = self._run_pair(request)
        if self._depends_on_order(pair):
            pair = self._run_pair(request, ordered=True)
            if _was_stopped(pair):  # both may have waited for output that an ordered pair does not show
                pair = self._run_pair(request)
        return self._judge(request, pair)

    def _depends_on_order(self, pair: PairReport) -> bool:
        """Whether the verdict depends on which side ended first, and the lead is too small to be sure."""
        failed = verdict_from_report(pair.first, self.allowed, None) is not None and not _was_stopped(pair)
        return failed and pair.lead_ms < _CLEAR_LEAD_MS and (died_of_sigpipe(pair.first) or _refused(pair))

    def _run_pair(self, request: ValidationRequest, ordered: bool = False) -> PairReport:
        solution = replace(self.runner.command(request.case, None), stdout=None)
        validator = self.validator.command(request, None)
        limits = solution.limits
        wall = limits.wall_seconds + limits.delay_seconds + validator.limits.wall_seconds
        validator = replace(validator, limits=replace(validator.limits, wall_seconds=wall))
        return self.sandbox.run_pair(solution, validator, ordered=ordered)

    def _judge(self, request: ValidationRequest, pair: PairReport) -> CaseRun:
        decision = verdict_from_report(pair.first, self.allowed, None)
        if decision is not None and self._is_excused(pair):
            decision = None
        if decision is not None and not self._refused_first(pair):
            return CaseRun(request.case, pair.first, decision)
        check = self.validator.result(pair.second, request)
        return CaseRun(request.case, pair.first, verdict_from_check(check, _REFUSAL), check)

    def _is_excused(self, pair: PairReport) -> bool:
        return pair.ended_first == 1 and died_of_sigpipe(pair.first)

    def _refused_first(self, pair: PairReport) -> bool:
        """Whether the validator refused and ended before the submission failed.

        A submission that is stopped closes its pipes before its end is reported. The validator may then seem
        to have ended slightly earlier, so only a clear lead counts.
        """
        clear = not _was_stopped(pair) or pair.lead_ms > _CLEAR_LEAD_MS
        return _refused(pair) and pair.ended_first == 1 and clear


def _was_stopped(pair: PairReport) -> bool:
    return pair.first.ending not in (Ending.EXITED, Ending.SIGNALLED)


def _refused(pair: PairReport) -> bool:
    return not (pair.second.ending is Ending.EXITED and pair.second.exit_code == ACCEPT)


def died_of_sigpipe(report: RunReport) -> bool:
    return report.ending is Ending.SIGNALLED and report.signal == signal.SIGPIPE
