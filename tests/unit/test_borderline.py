"""A run that is only a little too slow is repeated before it counts, because noise may be the reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from judge_core.languages import load_languages
from judge_core.model.submission import Verdict
from judge_core.packages import TestCase
from sandbox import Ending, Limits, RunReport, Sandbox
from tests.support.scripted_sandbox import ScriptedSandbox
from workers.checkers.checker import CheckResult
from workers.judging.compiler import CompiledProgram
from workers.judging.program_runner import ProgramRunner
from workers.judging.strategies.batch import BatchStrategy
from workers.judging.verdict import MOST_REPEATS, Allowance


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
def test_a_run_over_its_limit_by_at_most_a_tenth_is_repeated(
    tmp_path: Path, reports: list[RunReport], verdict: Verdict, runs: int
) -> None:
    strategy, sandbox = make_strategy(tmp_path, reports)
    run = strategy.run_test(TestCase("secret/1", tmp_path / "1.in", None))
    assert (run.verdict, len(sandbox.commands)) == (verdict, runs)
    assert ("run twice" in run.decision.detail) == (runs == 2)


@pytest.mark.parametrize("times", [(1050, 1020), (1020, 1050), (1050, 980)])
def test_after_a_repeated_run_the_lower_cpu_time_counts_and_the_detail_has_both_times(
    tmp_path: Path, times: tuple[int, int]
) -> None:
    strategy, _ = make_strategy(tmp_path, [ended(time) for time in times])
    run = strategy.run_test(TestCase("secret/1", tmp_path / "1.in", None))
    assert run.report.cpu_ms == min(times)
    first, second = times
    assert (
        f"run twice, with {first / 1000:.3f} s and {second / 1000:.3f} s of CPU time" in run.decision.detail
    )


def test_if_the_repeated_run_crashes_the_verdict_is_rte(tmp_path: Path) -> None:
    strategy, _ = make_strategy(tmp_path, [ended(1050), replace(ended(10), exit_code=3)])
    assert strategy.run_test(TestCase("secret/1", tmp_path / "1.in", None)).verdict is Verdict.RTE


def test_a_submission_gets_a_limited_number_of_repeated_runs_over_all_its_tests(
    tmp_path: Path,
) -> None:
    strategy, sandbox = make_strategy(tmp_path, [ended(1050)] * 100)
    for number in range(40):
        strategy.run_test(TestCase(f"secret/{number}", tmp_path / "1.in", None))
    assert len(sandbox.commands) == 40 + MOST_REPEATS


def make_strategy(folder: Path, reports: list[RunReport]) -> tuple[BatchStrategy, ScriptedSandbox]:
    language = load_languages()["cpp20"]
    sandbox = ScriptedSandbox(reports=tuple(reports))
    (folder / "output").touch()  # a real run would write this file
    program = CompiledProgram(language, folder, ("/p/program",))
    runner = ProgramRunner(cast(Sandbox, sandbox), program, Limits(1.1, 3, 1 << 28), folder / "output")
    return BatchStrategy(runner, AcceptingChecker(), Allowance(1.0, 3.0, 1 << 28), language), sandbox
