"""Batch problems, the common kind: the program reads the input, and the checker reads its output."""

from __future__ import annotations

from dataclasses import dataclass, replace

from judge_core.model.language import Language
from judge_core.packages import TestCase
from workers.checkers.checker import Checker
from workers.judging.program_runner import ProgramRun, ProgramRunner
from workers.judging.results import CaseRun
from workers.judging.verdict import (
    Allowance,
    is_borderline,
    verdict_from_check,
    verdict_from_report,
    with_both_times,
)


@dataclass(frozen=True, slots=True)
class BatchStrategy:
    """Runs the program once per test. If the run is borderline and the submission may be repeated once more,
    the program runs again, and the lower CPU time counts."""

    runner: ProgramRunner
    checker: Checker
    allowed: Allowance
    language: Language
    rerun_borderline: bool = True

    def run_test(self, case: TestCase) -> CaseRun:
        first = self.runner.run(case)
        is_repeated = (
            self.rerun_borderline and is_borderline(first.report, self.allowed) and self.runner.may_repeat()
        )
        if not is_repeated:
            return self._judge(case, first)
        second = self.runner.run(case)
        run = self._judge(case, second.or_faster(first))
        return replace(run, decision=with_both_times(run.decision, first.report, second.report))

    def _judge(self, case: TestCase, run: ProgramRun) -> CaseRun:
        decision = verdict_from_report(run.report, self.allowed, self.language)
        if decision is not None:
            return CaseRun(case, run.report, decision, output=run.output)
        check = self.checker.check(case, run.output)
        run.require_intact_output()
        return CaseRun(case, run.report, verdict_from_check(check), check, run.output)
