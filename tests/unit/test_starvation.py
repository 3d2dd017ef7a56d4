"""A program gets no TLE because the host is busy, and a sleeping program does not hold a worker for long."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from judge_core.languages import load_languages
from judge_core.model.problem import ProblemLimits
from judge_core.packages import read_package
from sandbox import Ending, RunReport, Sandbox
from tests.support.scripted_sandbox import ScriptedSandbox
from workers.judging.compiler import CompiledProgram
from workers.judging.program_runner import MAX_IDLE_SECONDS, ProgramRunner, allowance_for, sandbox_limits
from workers.judging.settings import JudgingSettings
from workers.judging.verdict import DELAY_FACTOR, Allowance, verdict_from_report

PROBLEM = Path(__file__).parents[2] / "problems" / "aplusb"


def ended(ending: Ending, cpu_ms: float, wall_ms: float, delay_ms: float = 0) -> RunReport:
    return RunReport(ending, 0, None, cpu_ms, wall_ms, 1000, b"", 0, b"", delay_ms=delay_ms)


def run_with(tmp_path: Path, *reports: RunReport) -> ScriptedSandbox:
    language = load_languages()["cpp20"]
    limits = ProblemLimits(time=2)
    settings = JudgingSettings(scratch=tmp_path, prepared=tmp_path)
    box = sandbox_limits(allowance_for(limits, language, settings), limits, language)
    sandbox = ScriptedSandbox(reports=reports)
    program = CompiledProgram(language, tmp_path, ("/app/main",))
    runner = ProgramRunner(cast(Sandbox, sandbox), program, box, tmp_path / "output")
    case = read_package(PROBLEM).cases[0]
    (tmp_path / "output").touch()
    for report in reports:
        assert runner.run(case).report is report
    return sandbox


def test_a_run_gets_extra_wall_time_for_waiting_for_a_cpu(tmp_path: Path) -> None:
    [command] = run_with(tmp_path, ended(Ending.EXITED, 900, 7000, 5000)).commands
    assert command.limits.delay_seconds == DELAY_FACTOR * command.limits.wall_seconds


def test_a_run_that_reached_its_wall_limit_is_not_repeated(tmp_path: Path) -> None:
    assert len(run_with(tmp_path, ended(Ending.WALL, 600, 5000)).commands) == 1


def test_a_submission_that_sleeps_on_every_test_gets_a_lower_wall_limit_from_test_to_test(
    tmp_path: Path,
) -> None:
    commands = run_with(tmp_path, *[ended(Ending.EXITED, 10, 4900)] * 40).commands
    given = [command.limits.wall_seconds for command in commands]
    assert given[0] == given[1] == 5
    assert given == sorted(given, reverse=True)
    assert given[-1] == commands[0].limits.cpu_seconds + 1
    assert sum(given) < 2 * MAX_IDLE_SECONDS + 40 * given[-1]


def test_a_submission_that_waits_for_a_busy_host_keeps_its_wall_limit(tmp_path: Path) -> None:
    commands = run_with(tmp_path, *[ended(Ending.EXITED, 1900, 9900, 8000)] * 60).commands
    assert {command.limits.wall_seconds for command in commands} == {5}


def test_the_detail_of_a_wall_time_verdict_shows_how_long_the_program_ran() -> None:
    decision = verdict_from_report(ended(Ending.WALL, 10, 3200), Allowance(2, 5, 1 << 20))
    assert decision is not None and decision.detail == "wall time: still running after 3.2 s"
