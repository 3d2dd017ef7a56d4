"""Multi-pass problems: the submission runs again while the validator accepts its output and writes a next
input."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from judge_core.model.language import Language
from judge_core.packages import TestCase
from sandbox import RunReport
from workers.checkers.checker import CheckResult
from workers.checkers.validator import ValidationRequest, Validator
from workers.judging.errors import PackageBroken
from workers.judging.program_runner import ProgramRun, ProgramRunner
from workers.judging.results import CaseRun
from workers.judging.verdict import (
    Allowance,
    TestVerdict,
    is_borderline,
    verdict_from_check,
    verdict_from_report,
    with_both_times,
)


@dataclass(frozen=True, slots=True)
class MultipassStrategy:
    """Runs pass after pass. The limits apply to each pass. The times that are reported are those of the
    slowest pass, or of the pass that failed by itself."""

    runner: ProgramRunner
    validator: Validator
    allowed: Allowance
    language: Language
    passes: int
    scratch: Path
    rerun_borderline: bool = True

    def run_test(self, case: TestCase) -> CaseRun:
        request = ValidationRequest(case, case.input)
        slowest: RunReport | None = None
        for _ in range(self.passes):
            run, repeated = self._run(request)
            slowest = run.report if slowest is None or run.report.cpu_ms > slowest.cpu_ms else slowest
            decision = verdict_from_report(run.report, self.allowed, self.language)
            if decision is not None:
                return CaseRun(case, run.report, repeated(decision), output=run.output)
            check = self.validator.validate(request, run.output)
            run.require_intact_output()
            if not check.accepted or check.next_input is None:
                return CaseRun(case, slowest, repeated(verdict_from_check(check)), check, run.output)
            request = next_pass(request, check, self.scratch)
        raise too_many_passes(case, self.passes)

    def _run(self, request: ValidationRequest) -> tuple[ProgramRun, Callable[[TestVerdict], TestVerdict]]:
        """Run one pass. It is repeated once if it is borderline, and if the submission may be repeated once
        more. Returns the run, and a function that adds a note about the repetition to a verdict."""
        first = self.runner.run(request.case, request.input)
        is_repeated = (
            self.rerun_borderline and is_borderline(first.report, self.allowed) and self.runner.may_repeat()
        )
        if not is_repeated:
            return first, lambda decision: decision
        second = self.runner.run(request.case, request.input)
        note = partial(with_both_times, first=first.report, second=second.report)
        return second.or_faster(first), note


def next_pass(request: ValidationRequest, check: CheckResult, scratch: Path) -> ValidationRequest:
    """The validation request of the next pass, with its new input and the present feedback folder."""
    assert check.next_input is not None
    passes = scratch / "passes"
    shutil.rmtree(passes, ignore_errors=True)
    (passes / "in").mkdir(parents=True)
    for folder in (passes, passes / "in"):
        folder.chmod(0o755)
    path = passes / "in" / request.case.input.name
    check.next_input.rename(path)
    path.chmod(0o644)
    check.next_input.parent.rename(passes / "feedback")
    return replace(request, input=path, feedback=passes / "feedback")


def too_many_passes(case: TestCase, passes: int) -> PackageBroken:
    return PackageBroken(
        f"{case.name}: the validator asks for more passes than the {passes} of limits.validation_passes"
    )
