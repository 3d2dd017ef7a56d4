"""A run that is too slow by so little that noise may have decided is run once more before it counts."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from judge_core.languages import load_languages
from judge_core.model.verdict import Verdict
from judge_core.packages import TestCase
from sandbox import Ending, Limits, RunReport, Sandbox
from tests.support.scripted_sandbox import ScriptedSandbox
from workers.checkers.checker import CheckResult
from workers.judging.compiler import CompiledProgram
from workers.judging.program_runner import ProgramRunner
from workers.judging.strategies.batch import BatchStrategy
from workers.judging.verdict import Allowance


class AcceptingChecker:
    def check(self, case: TestCase, output: Path) -> CheckResult:
        return CheckResult(True)


def ended(cpu_ms: float, ending: Ending = Ending.EXITED) -> RunReport:
    return RunReport(ending, 0, None, cpu_ms, 3000, 1000, b"", 0, b"")


@pytest.mark.parametrize(
    ("reports", "verdict", "runs"),
    [
        ([ended(990)], Verdict.AC, 1),
        ([ended(1050), ended(980)], Verdict.AC, 2),
        ([ended(1050), ended(1060)], Verdict.TLE, 2),
        ([ended(1099), ended(1100, Ending.CPU)], Verdict.TLE, 2),
        ([ended(1100, Ending.CPU)], Verdict.TLE, 1),
        ([ended(5, Ending.WALL)], Verdict.TLE, 1),
    ],
    ids=["in-time", "noise", "twice", "then-cut", "cut", "sleeps"],
)
def test_a_tenth_beyond_the_limit_is_tried_again(
    tmp_path: Path, reports: list[RunReport], verdict: Verdict, runs: int
) -> None:
    language = load_languages()["cpp20"]
    sandbox = ScriptedSandbox(reports=tuple(reports))
    (tmp_path / "output").touch()  # what a real run writes
    program = CompiledProgram(language, tmp_path, ("/p/program",))
    runner = ProgramRunner(cast(Sandbox, sandbox), program, Limits(1.1, 3, 1 << 28), tmp_path / "output")
    strategy = BatchStrategy(runner, AcceptingChecker(), Allowance(1.0, 3.0, 1 << 28), language)
    run = strategy.run_test(TestCase("secret/1", tmp_path / "1.in", None))
    assert (run.verdict, len(sandbox.commands)) == (verdict, runs)
