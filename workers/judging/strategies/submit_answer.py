"""Submit-answer problems: the submitted files are the outputs, and no program is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from judge_core.model.submission import Verdict
from judge_core.packages import TestCase
from workers.checkers.checker import Checker
from workers.judging.results import NOT_RUN, CaseRun
from workers.judging.verdict import TestVerdict, verdict_from_check


@dataclass(frozen=True, slots=True)
class SubmitAnswerStrategy:
    """Checks the answer that was submitted for a test. The key ``""`` has an answer for all tests."""

    answers: dict[str, Path]
    checker: Checker

    def run_test(self, case: TestCase) -> CaseRun:
        output = self.answers.get(case.name.split("/")[-1]) or self.answers.get("")
        if output is None:
            decision = TestVerdict(Verdict.WA, "no answer was submitted for this test")
            return CaseRun(case, NOT_RUN, decision)
        check = self.checker.check(case, output)
        return CaseRun(case, NOT_RUN, verdict_from_check(check), check, output)
