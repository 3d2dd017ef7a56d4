"""Scripted conversations of an interactive test get the right verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from judge_core.languages import load_languages
from judge_core.model.submission import Verdict
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


def strategy_for(*pairs: PairReport, language: str = "c17") -> InteractiveStrategy:
    sandbox = cast(Sandbox, ScriptedSandbox(pairs=pairs))
    limits = Limits(1, 3, 1 << 28)
    program = CompiledProgram(load_languages()[language], Path("/nowhere"), ("/p/program",))
    validator = Validator(
        sandbox, PackageProgram("v", program), limits, ValidatorFiles(Path("/nowhere/feedback"))
    )
    return InteractiveStrategy(
        sandbox,
        ProgramRunner(sandbox, program, limits, Path("/nowhere")),
        validator,
        Allowance(1, 3, 1 << 28),
        program.language,
    )


CASE = TestCase("secret/1", Path("/data/1.in"), None)
LONG = 300.0
CAUGHT = replace(GOOD, ending=Ending.MEMORY, exit_code=None)


@pytest.mark.parametrize(
    ("pair", "verdict"),
    [
        (PairReport(GOOD, ACCEPTS, 0), Verdict.AC),
        (PairReport(GOOD, REFUSES, 0), Verdict.WA),
        (PairReport(GOOD, ACCEPTS, 1, LONG), Verdict.AC),
        (PairReport(CRASH, ACCEPTS, 0, LONG), Verdict.RTE),
        (PairReport(CRASH, REFUSES, 1, LONG), Verdict.WA),
        (PairReport(PIPE, ACCEPTS, 1, LONG), Verdict.AC),
        (PairReport(PIPE, REFUSES, 1, LONG), Verdict.WA),
        (PairReport(CUT, REFUSES, 1, 1000.0), Verdict.WA),
        (PairReport(CUT, REFUSES, 1, 9.0), Verdict.TLE),
        (PairReport(CUT, REFUSES, 0, 9.0), Verdict.TLE),
        (PairReport(CUT, ACCEPTS, 1, 1000.0), Verdict.TLE),
    ],
)
def test_an_interactive_test_runs_once_if_it_is_clear_which_program_ended_first(
    pair: PairReport, verdict: Verdict
) -> None:
    strategy = strategy_for(pair)
    assert strategy.run_test(CASE).verdict is verdict
    assert cast(ScriptedSandbox, strategy.sandbox).ordered == [False]


@pytest.mark.parametrize(
    ("language", "message"),
    [("java", b"java.lang.OutOfMemoryError: Java heap space"), ("python3", b"MemoryError")],
)
def test_an_interactive_program_whose_runtime_lacks_memory_gets_mle(language: str, message: bytes) -> None:
    failed = replace(CRASH, stderr=b"Traceback or frames\n" + message)
    strategy = strategy_for(PairReport(failed, ACCEPTS, 0, LONG), language=language)
    assert strategy.run_test(CASE).verdict is Verdict.MLE


@pytest.mark.parametrize(
    ("solution", "validator", "ended_first", "was_seen", "verdict"),
    [
        (CRASH, REFUSES, 0, False, Verdict.WA),
        (CRASH, REFUSES, 1, False, Verdict.WA),
        (CRASH, REFUSES, 1, True, Verdict.WA),
        (CRASH, REFUSES, 0, True, Verdict.RTE),
        (CRASH, ACCEPTS, 0, False, Verdict.RTE),
        (CRASH, ACCEPTS, 1, False, Verdict.RTE),
        (CRASH, ACCEPTS, 0, True, Verdict.RTE),
        (CRASH, ACCEPTS, 1, True, Verdict.AC),
        (PIPE, ACCEPTS, 1, True, Verdict.AC),
        (PIPE, ACCEPTS, 0, False, Verdict.RTE),
        (CRASH, CRASH, 0, True, Verdict.RTE),
        (CAUGHT, REFUSES, 0, False, Verdict.WA),
        (CAUGHT, REFUSES, 0, True, Verdict.MLE),
        (CAUGHT, ACCEPTS, 1, True, Verdict.MLE),
        (GOOD, ACCEPTS, 1, False, Verdict.AC),
    ],
    ids=[
        "wrong-then-crash",
        "refused-first",
        "refused-and-the-pipe-broke",
        "crash-and-no-more-input",
        "crash-after-all-was-right",
        "crash-before-it-saw-that-the-validator-left",
        "crash-and-a-generous-validator",
        "exit-code-of-a-broken-pipe",
        "sigpipe",
        "sigpipe-of-its-own",
        "both-crash",
        "wrong-then-too-much-memory",
        "too-much-memory-and-no-more-input",
        "too-much-memory-after-the-validator-left",
        "no-failure-this-time",
    ],
)
def test_the_verdict_of_an_interactive_failure_counts_only_what_came_before_the_first_end(
    solution: RunReport, validator: RunReport, ended_first: int, was_seen: bool, verdict: Verdict
) -> None:
    first = CRASH if solution is GOOD else solution
    ordered = PairReport(solution, validator, ended_first, 9.0, True, was_seen)
    strategy = strategy_for(PairReport(first, validator, ended_first, 9.0), ordered)
    assert strategy.run_test(CASE).verdict is verdict
    assert cast(ScriptedSandbox, strategy.sandbox).ordered == [False, True]


@pytest.mark.parametrize(
    ("pair", "is_ordered"),
    [
        (PairReport(CRASH, REFUSES, 0, LONG), True),
        (PairReport(CRASH, ACCEPTS, 1, LONG), True),
        (PairReport(CRASH, REFUSES, 1, LONG), False),
        (PairReport(PIPE, ACCEPTS, 1, LONG), False),
    ],
    ids=["slow-validator", "late-crash", "refused-long-before", "late-sigpipe"],
)
def test_a_second_ordered_run_is_made_only_if_the_order_does_not_show_the_cause(
    pair: PairReport, is_ordered: bool
) -> None:
    strategy = strategy_for(pair, replace(pair, ordered=True))
    strategy.run_test(CASE)
    assert cast(ScriptedSandbox, strategy.sandbox).ordered == [False, True][: 1 + is_ordered]


STANDS_STILL = PairReport(replace(CUT, ending=Ending.WALL), REFUSES, 0, 5000.0, True)


def test_a_pair_that_stops_making_progress_in_an_ordered_run_runs_again_unordered() -> None:
    strategy = strategy_for(PairReport(CRASH, REFUSES, 1), STANDS_STILL, PairReport(CRASH, REFUSES, 0))
    assert strategy.run_test(TestCase("secret/1", Path("/data/1.in"), None)).verdict is Verdict.RTE
    assert cast(ScriptedSandbox, strategy.sandbox).ordered == [False, True, False]


def test_if_the_validator_fails_first_the_package_is_at_fault() -> None:
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
def test_an_interactive_program_that_is_only_a_little_too_slow_runs_again(
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
def test_a_pass_that_is_only_a_little_too_slow_runs_again(
    reports: tuple[RunReport, ...], verdict: Verdict, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    output.touch()
    script = ScriptedSandbox(reports=reports)
    strategy = strategy_for()
    runner = ProgramRunner(
        cast(Sandbox, script), strategy.validator.program.program, Limits(1, 3, 1 << 28), output
    )
    validator = replace(strategy.validator, sandbox=cast(Sandbox, script))
    language = load_languages()["c17"]
    passes = MultipassStrategy(runner, validator, strategy.allowed, language, 2, tmp_path)
    assert passes.run_test(TestCase("secret/1", Path("/data/1.in"), None)).verdict is verdict
    assert len(script.commands) == len(reports)
