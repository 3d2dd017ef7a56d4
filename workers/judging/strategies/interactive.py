"""Interactive problems: the submission and the validator talk, each under its own limits.

Whichever side ends first with a fault decides. A submission that dies of a broken pipe after the validator
has gone is not at fault for that; one that fails first is, whatever the validator makes of the silence. Where
the verdict hangs on which was first by a hair, the two talk once more in an ordered conversation.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.model.verdict import Verdict
from judge_core.packages import TestCase
from sandbox import Ending, PairReport, RunReport, Sandbox
from workers.checkers.checker import CheckResult
from workers.checkers.validator import ACCEPT, ValidationRequest, Validator
from workers.judging.program_runner import ProgramRunner
from workers.judging.results import CaseRun
from workers.judging.strategies.multipass import next_pass, too_many_passes
from workers.judging.verdict import Allowance, TestVerdict, is_borderline, verdict_from_report

_CLEAR_LEAD_MS = 200.0


@dataclass(frozen=True, slots=True)
class InteractiveStrategy:
    """Tries an interactive problem, in one pass or in several."""

    sandbox: Sandbox
    runner: ProgramRunner
    validator: Validator
    allowed: Allowance
    passes: int = 1
    scratch: Path = Path()
    rerun_borderline: bool = True

    def attempt(self, case: TestCase) -> CaseRun:
        question = ValidationRequest(case, case.input)
        for _ in range(self.passes):
            run = self._try(question)
            if not run.accepted or run.check is None or run.check.next_input is None:
                return run
            question = next_pass(question, run.check, self.scratch)
        raise too_many_passes(case, self.passes)

    def _try(self, question: ValidationRequest) -> CaseRun:
        """One conversation, and a second one if the first was too slow by so little that it may be noise."""
        talk = self._converse(question)
        if self.rerun_borderline and is_borderline(talk.first, self.allowed):
            talk = self._converse(question)
        if self._hangs_on_order(talk):
            talk = self._converse(question, ordered=True)
            if _was_cut(talk):  # it may be that they waited for what an ordered conversation does not show
                talk = self._converse(question)
        return self._judge(question, talk)

    def _hangs_on_order(self, talk: PairReport) -> bool:
        """The verdict depends on who was first, and a busy host may have seen the second of them first."""
        failed = verdict_from_report(talk.first, self.allowed, None) is not None and not _was_cut(talk)
        return failed and talk.lead_ms < _CLEAR_LEAD_MS and (died_of_sigpipe(talk.first) or _refused(talk))

    def _converse(self, question: ValidationRequest, ordered: bool = False) -> PairReport:
        solution = replace(self.runner.command(question.case, None), stdout=None)
        validator = self.validator.command(question, None)
        wall = solution.limits.wall_seconds + validator.limits.wall_seconds
        validator = replace(validator, limits=replace(validator.limits, wall_seconds=wall))
        return self.sandbox.run_pair(solution, validator, ordered=ordered)

    def _judge(self, question: ValidationRequest, talk: PairReport) -> CaseRun:
        opinion = verdict_from_report(talk.first, self.allowed, None)
        if opinion is not None and self._is_excused(talk):
            opinion = None
        if opinion is not None and not self._refused_first(talk):
            return CaseRun(question.case, talk.first, opinion)
        check = self.validator.read(talk.second, question)
        return CaseRun(question.case, talk.first, _opinion(check), check)

    def _is_excused(self, talk: PairReport) -> bool:
        return talk.ended_first == 1 and died_of_sigpipe(talk.first)

    def _refused_first(self, talk: PairReport) -> bool:
        """The validator had left with its refusal before the submission failed.

        A submission that is cut off closes its pipes before its end is told, so that a validator may seem to
        have been first by a little: only a clear lead counts there.
        """
        clear = not _was_cut(talk) or talk.lead_ms > _CLEAR_LEAD_MS
        return _refused(talk) and talk.ended_first == 1 and clear


def _was_cut(talk: PairReport) -> bool:
    return talk.first.ending not in (Ending.EXITED, Ending.SIGNALLED)


def _refused(talk: PairReport) -> bool:
    return not (talk.second.ending is Ending.EXITED and talk.second.exit_code == ACCEPT)


def died_of_sigpipe(report: RunReport) -> bool:
    return report.ending is Ending.SIGNALLED and report.signal == signal.SIGPIPE


def _opinion(check: CheckResult) -> TestVerdict:
    return (
        TestVerdict(Verdict.AC, "")
        if check.accepted
        else TestVerdict(Verdict.WA, "the interaction is not accepted")
    )
