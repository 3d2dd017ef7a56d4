"""Batch problems, the common kind: the program reads the input, and the checker reads its output."""

from __future__ import annotations

from dataclasses import dataclass

from judge_core.model.language import Language
from judge_core.packages import TestCase
from workers.checkers.checker import Checker
from workers.judging.program_runner import ProgramRunner
from workers.judging.results import CaseRun
from workers.judging.verdict import Allowance, is_borderline, verdict_from_check, verdict_from_report


@dataclass(frozen=True, slots=True)
class BatchStrategy:
    """Runs the program once per test, and once more if it was over its time limit by so little that noise may
    be the cause."""

    runner: ProgramRunner
    checker: Checker
    allowed: Allowance
    language: Language
    rerun_borderline: bool = True

    def run_test(self, case: TestCase) -> CaseRun:
        run = self.runner.run(case)
        if self.rerun_borderline and is_borderline(run.report, self.allowed):
            run = self.runner.run(case)
        decision = verdict_from_report(run.report, self.allowed, self.language)
        if decision is not None:
            return CaseRun(case, run.report, decision, output=run.output)
        check = self.checker.check(case, run.output)
        run.require_intact_output()
        return CaseRun(case, run.report, verdict_from_check(check), check, run.output)
