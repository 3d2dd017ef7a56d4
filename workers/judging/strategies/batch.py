"""One program on one test, start to opinion; each kind of problem has its own way of trying."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from judge_core.model.language import Language
from judge_core.model.verdict import Verdict
from judge_core.packages import TestCase
from sandbox import Ending, RunReport
from workers.checkers.checker import Checker, CheckResult
from workers.judging.program_runner import ProgramRun, ProgramRunner
from workers.judging.results import CaseRun
from workers.judging.verdict import Allowance, TestVerdict, is_borderline, verdict_from_report

NOT_RUN = RunReport(Ending.EXITED, 0, None, 0.0, 0.0, 0, b"", 0, b"")
"""The facts of a test on which nothing was run."""


class JudgingStrategy(Protocol):
    """Tries a program on a test. Raises a JudgingFault when something of ours breaks."""

    def attempt(self, case: TestCase) -> CaseRun: ...


@dataclass(frozen=True, slots=True)
class BatchStrategy:
    """The common kind: input in, output out, then the checker looks."""

    runner: ProgramRunner
    checker: Checker
    allowed: Allowance
    language: Language
    rerun_borderline: bool = True

    def attempt(self, case: TestCase) -> CaseRun:
        run = self.runner.run(case)
        if self.rerun_borderline and is_borderline(run.report, self.allowed):
            run = self.runner.run(case)
        opinion = verdict_from_report(run.report, self.allowed, self.language)
        if opinion is not None:
            return CaseRun(case, run.report, opinion, output=run.output)
        return checked_result(case, run, self.checker.check(case, run.output))


def checked_result(case: TestCase, run: ProgramRun, check: CheckResult) -> CaseRun:
    """The result of a run that ended well, by what the checker says of its output."""
    return CaseRun(case, run.report, _opinion(check), check, run.output)


def _opinion(check: CheckResult) -> TestVerdict:
    if check.accepted:
        return TestVerdict(Verdict.AC, "")
    return TestVerdict(Verdict.WA, "the output is not accepted")


@dataclass(frozen=True, slots=True)
class SubmitAnswerStrategy:
    """A submit-answer problem: what was handed in is the output; nothing of it is run."""

    answers: dict[str, Path]
    checker: Checker

    def attempt(self, case: TestCase) -> CaseRun:
        output = self.answers.get(case.name.split("/")[-1]) or self.answers.get("")
        if output is None:
            return CaseRun(case, NOT_RUN, TestVerdict(Verdict.WA, "no answer was handed in for this test"))
        return checked_result(case, ProgramRun(NOT_RUN, output), self.checker.check(case, output))
