"""A busy host must not turn a program that computes into one that is too slow."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from judge_core.languages import load_languages
from judge_core.model.problem import ProblemLimits
from judge_core.packages import read_package
from sandbox import Ending, RunReport, Sandbox
from tests.support.scripted_sandbox import ScriptedSandbox
from workers.judging.compiler import CompiledProgram
from workers.judging.program_runner import ProgramRunner, allowance_for, sandbox_limits
from workers.judging.settings import JudgingSettings
from workers.judging.verdict import STARVED_WALL_FACTOR, is_starved

PROBLEM = Path(__file__).parents[2] / "problems" / "aplusb"


def ended(ending: Ending, cpu_ms: float, wall_ms: float) -> RunReport:
    return RunReport(ending, 0, None, cpu_ms, wall_ms, 1000, b"", 0, b"")


@pytest.mark.parametrize(
    ("report", "starved"),
    [
        (ended(Ending.WALL, 600, 3000), True),
        (ended(Ending.WALL, 300, 3000), True),
        (ended(Ending.WALL, 10, 3000), False),
        (ended(Ending.CPU, 1100, 3000), False),
        (ended(Ending.EXITED, 900, 2900), False),
    ],
)
def test_only_what_computed_until_the_clock_ran_out_was_starved(report: RunReport, starved: bool) -> None:
    assert is_starved(report) is starved


def run_with(tmp_path: Path, *reports: RunReport) -> tuple[RunReport, ScriptedSandbox]:
    language = load_languages()["cpp20"]
    limits = ProblemLimits()
    settings = JudgingSettings(scratch=tmp_path, prepared=tmp_path)
    box = sandbox_limits(allowance_for(limits, language, settings), limits, language)
    sandbox = ScriptedSandbox(reports=reports)
    program = CompiledProgram(language, tmp_path, ("/app/main",))
    runner = ProgramRunner(cast(Sandbox, sandbox), program, box, tmp_path / "output")
    case = read_package(PROBLEM).cases[0]
    return runner.run(case).report, sandbox


def test_a_starved_run_is_repeated_with_patience_and_the_second_counts(tmp_path: Path) -> None:
    second = ended(Ending.EXITED, 900, 7000)
    report, sandbox = run_with(tmp_path, ended(Ending.WALL, 600, 3000), second)
    assert report is second
    first_limits, second_limits = (command.limits for command in sandbox.commands)
    assert second_limits.wall_seconds == first_limits.wall_seconds * STARVED_WALL_FACTOR
    assert second_limits.cpu_seconds == first_limits.cpu_seconds


def test_a_sleeper_is_run_once(tmp_path: Path) -> None:
    sleeper = ended(Ending.WALL, 4, 3000)
    report, sandbox = run_with(tmp_path, sleeper)
    assert report is sleeper
    assert len(sandbox.commands) == 1
