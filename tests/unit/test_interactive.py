"""Who decides an interactive test, by scripted conversations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from judge_core.languages import load_languages
from judge_core.model.verdict import Verdict
from judge_core.packages import TestCase
from sandbox import Ending, Limits, PairReport, RunReport, Sandbox
from tests.support.scripted_sandbox import ScriptedSandbox
from workers.checkers.programs import PackageProgram
from workers.checkers.validator import Validator, ValidatorFiles
from workers.judging.compiler import CompiledProgram
from workers.judging.errors import PackageBroken
from workers.judging.program_runner import ProgramRunner
from workers.judging.strategies.interactive import InteractiveStrategy
from workers.judging.strategies.multipass import MultipassStrategy
from workers.judging.verdict import Allowance

GOOD = RunReport(Ending.EXITED, 0, None, 10.0, 100.0, 1000, b"", 0, b"")
ACCEPTS, REFUSES = replace(GOOD, exit_code=42), replace(GOOD, exit_code=43)
CRASH = replace(GOOD, exit_code=1)
PIPE = replace(GOOD, ending=Ending.SIGNALLED, exit_code=None, signal=13)
CUT = replace(GOOD, ending=Ending.CPU, exit_code=None, wall_ms=1100.0, cpu_ms=1100.0)

CASES = [
    (GOOD, ACCEPTS, 0, Verdict.AC),
    (GOOD, REFUSES, 0, Verdict.WA),
    (CRASH, REFUSES, 0, Verdict.RTE),
    (CRASH, REFUSES, 1, Verdict.WA),
    (CRASH, ACCEPTS, 1, Verdict.RTE),
    (PIPE, ACCEPTS, 1, Verdict.AC),
    (PIPE, REFUSES, 1, Verdict.WA),
    (CRASH, CRASH, 0, Verdict.RTE),
    (CUT, REFUSES, 1, Verdict.TLE),
]


def strategy_for(*pairs: PairReport) -> InteractiveStrategy:
    sandbox = cast(Sandbox, ScriptedSandbox(pairs=pairs))
    limits = Limits(1, 3, 1 << 28)
    program = CompiledProgram(load_languages()["c17"], Path("/nowhere"), ("/p/program",))
    validator = Validator(
        sandbox, PackageProgram("v", program), limits, ValidatorFiles(Path("/nowhere/feedback"))
    )
    return InteractiveStrategy(
        sandbox,
        ProgramRunner(sandbox, program, limits, Path("/nowhere")),
        validator,
        Allowance(1, 3, 1 << 28),
    )


@pytest.mark.parametrize(("solution", "validator", "ended_first", "verdict"), CASES)
def test_whichever_side_ends_first_with_a_fault_decides(
    solution: RunReport, validator: RunReport, ended_first: int, verdict: Verdict
) -> None:
    case = TestCase("secret/1", Path("/data/1.in"), None)
    assert strategy_for(*[PairReport(solution, validator, ended_first)] * 2).run_test(case).verdict is verdict


STANDS_STILL = PairReport(replace(CUT, ending=Ending.WALL), REFUSES, 0, 5000.0)


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        ((PairReport(CRASH, REFUSES, 1, 9.0), PairReport(CRASH, REFUSES, 0, 9.0)), Verdict.RTE),
        ((PairReport(CRASH, REFUSES, 0, 9.0), PairReport(CRASH, REFUSES, 1, 9.0)), Verdict.WA),
        ((PairReport(CRASH, CRASH, 1, 9.0), PairReport(CRASH, CRASH, 0, 9.0)), Verdict.RTE),
        ((PairReport(PIPE, ACCEPTS, 0, 9.0), PairReport(GOOD, ACCEPTS, 1, 9.0)), Verdict.AC),
    ],
    ids=["solution", "validator", "broken-validator", "broken-pipe"],
)
def test_a_tiny_lead_is_decided_by_an_ordered_pair(pairs: tuple[PairReport, ...], verdict: Verdict) -> None:
    strategy = strategy_for(*pairs)
    assert strategy.run_test(TestCase("secret/1", Path("/data/1.in"), None)).verdict is verdict
    assert cast(ScriptedSandbox, strategy.sandbox).ordered == [False, True]


def test_a_pair_that_stands_still_when_ordered_runs_once_more_unordered() -> None:
    strategy = strategy_for(PairReport(CRASH, REFUSES, 1), STANDS_STILL, PairReport(CRASH, REFUSES, 0))
    assert strategy.run_test(TestCase("secret/1", Path("/data/1.in"), None)).verdict is Verdict.RTE
    assert cast(ScriptedSandbox, strategy.sandbox).ordered == [False, True, False]


def test_a_clear_lead_is_believed_at_once() -> None:
    strategy = strategy_for(PairReport(CRASH, REFUSES, 1, 300.0))
    assert strategy.run_test(TestCase("secret/1", Path("/data/1.in"), None)).verdict is Verdict.WA


def test_a_validator_that_refused_long_before_the_cut_decides() -> None:
    strategy = strategy_for(PairReport(CUT, REFUSES, 1, 1000.0))
    assert strategy.run_test(TestCase("secret/1", Path("/data/1.in"), None)).verdict is Verdict.WA


def test_a_validator_that_breaks_first_is_our_fault() -> None:
    with pytest.raises(PackageBroken):
        strategy_for(*[PairReport(PIPE, CRASH, 1)] * 2).run_test(
            TestCase("secret/1", Path("/data/1.in"), None)
        )


SLOW, SLOWER = replace(GOOD, cpu_ms=1050.0), replace(GOOD, cpu_ms=1090.0)


@pytest.mark.parametrize(
    ("first", "second", "verdict", "pairs"),
    [
        (SLOW, GOOD, Verdict.AC, 2),
        (SLOW, SLOWER, Verdict.TLE, 2),
        (GOOD, SLOW, Verdict.AC, 1),
        (CUT, GOOD, Verdict.TLE, 1),
    ],
    ids=["noise", "twice", "in-time", "far-over"],
)
def test_a_pair_that_is_too_slow_by_little_runs_again(
    first: RunReport, second: RunReport, verdict: Verdict, pairs: int
) -> None:
    strategy = strategy_for(PairReport(first, ACCEPTS, 0), PairReport(second, ACCEPTS, 0))
    assert strategy.run_test(TestCase("secret/1", Path("/data/1.in"), None)).verdict is verdict
    assert cast(ScriptedSandbox, strategy.sandbox).ordered == [False] * pairs


@pytest.mark.parametrize(
    ("reports", "verdict"),
    [
        ((SLOW, GOOD, ACCEPTS), Verdict.AC),
        ((SLOW, SLOWER), Verdict.TLE),
        ((CUT,), Verdict.TLE),
    ],
    ids=["noise", "twice", "far-over"],
)
def test_a_pass_that_is_too_slow_by_little_is_run_again(
    reports: tuple[RunReport, ...], verdict: Verdict
) -> None:
    script = ScriptedSandbox(reports=reports)
    strategy = strategy_for()
    runner = ProgramRunner(
        cast(Sandbox, script), strategy.validator.program.program, Limits(1, 3, 1 << 28), Path("/x")
    )
    validator = replace(strategy.validator, sandbox=cast(Sandbox, script))
    language = load_languages()["c17"]
    passes = MultipassStrategy(runner, validator, strategy.allowed, language, 2, Path("/x"))
    assert passes.run_test(TestCase("secret/1", Path("/data/1.in"), None)).verdict is verdict
    assert len(script.commands) == len(reports)
