"""Multi-pass problems: as long as the validator accepts and writes a next input, the submission runs
again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.model.language import Language
from judge_core.packages import TestCase
from sandbox import RunReport
from workers.checkers.checker import CheckResult
from workers.checkers.validator import ValidationRequest, Validator
from workers.judging.errors import PackageBroken
from workers.judging.program_runner import ProgramRun, ProgramRunner
from workers.judging.results import CaseRun
from workers.judging.strategies.batch import checked_result
from workers.judging.verdict import Allowance, is_borderline, verdict_from_report


@dataclass(frozen=True, slots=True)
class MultipassStrategy:
    """Time and memory limits hold for each pass alone; the slowest pass is what is told."""

    runner: ProgramRunner
    validator: Validator
    allowed: Allowance
    language: Language
    passes: int
    scratch: Path
    rerun_borderline: bool = True

    def attempt(self, case: TestCase) -> CaseRun:
        question = ValidationRequest(case, case.input)
        slowest: RunReport | None = None
        for _ in range(self.passes):
            run = self._run(question)
            slowest = run.report if slowest is None or run.report.cpu_ms > slowest.cpu_ms else slowest
            opinion = verdict_from_report(run.report, self.allowed, self.language)
            if opinion is not None:
                return CaseRun(case, run.report, opinion, output=run.output)
            check = self.validator.ask(question, run.output)
            if not check.accepted or check.next_input is None:
                return checked_result(case, ProgramRun(slowest, run.output), check)
            question = next_pass(question, check, self.scratch)
        raise too_many_passes(case, self.passes)

    def _run(self, question: ValidationRequest) -> ProgramRun:
        """One pass, and once more if it was too slow by so little that it may be noise."""
        run = self.runner.run(question.case, question.input)
        if self.rerun_borderline and is_borderline(run.report, self.allowed):
            run = self.runner.run(question.case, question.input)
        return run


def next_pass(question: ValidationRequest, check: CheckResult, scratch: Path) -> ValidationRequest:
    """The question of the next pass: a new input, and the feedback folder as it was left."""
    assert check.next_input is not None
    kept = scratch / "passes"
    shutil.rmtree(kept, ignore_errors=True)
    (kept / "in").mkdir(parents=True)
    for folder in (kept, kept / "in"):
        folder.chmod(0o755)
    path = kept / "in" / question.case.input.name
    check.next_input.rename(path)
    path.chmod(0o644)
    check.next_input.parent.rename(kept / "feedback")
    return replace(question, input=path, feedback=kept / "feedback")


def too_many_passes(case: TestCase, passes: int) -> PackageBroken:
    return PackageBroken(f"{case.name}: the validator asks for more than the {passes} passes of problem.yaml")
