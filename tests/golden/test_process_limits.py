"""Judge0's clients may set limits for each single process. These work for programs of several processes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from judge_core.messages import CustomRun, RunLimits
from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture

COMPUTE = """
import os, time
def work(seconds):
    while time.process_time() < seconds:
        pass
"""
BY_TWO = f"""{COMPUTE}
for _ in range(2):
    if os.fork() == 0:
        work(0.6)
        os._exit(0)
    os.wait()
print(1)
"""
ALONE = f"{COMPUTE}\nwork(5)\nprint(1)"
TAKE_BY_TWO = """
import os
ready, go = os.pipe(), os.pipe()
for _ in range(2):
    if os.fork() == 0:
        kept = b"x" * (60 << 20)
        os.write(ready[1], b"1")
        os.read(go[0], 1)
        os._exit(0)
for _ in range(2):
    os.read(ready[0], 1)
os.write(go[1], b"22")
for _ in range(2):
    assert os.wait()[1] == 0
print(1)
"""
TAKE_ALONE = "kept = b'x' * (160 << 20)\nprint(1)"
TIME = RunLimits(cpu_seconds=30, wall_seconds=60, process_cpu_seconds=1)
MEMORY = RunLimits(cpu_seconds=30, wall_seconds=60, memory_kb=256_000, process_memory_kb=100_000)


def _run(limits: RunLimits) -> CustomRun:
    return CustomRun(cases=(("", None),), limits=limits)


def test_each_process_of_a_run_has_its_own_time_limit(judging: JudgeFixture) -> None:
    assert judging.run(BY_TWO, _run(TIME)).verdict is Verdict.AC
    together = replace(TIME, cpu_seconds=1, process_cpu_seconds=None)
    assert judging.run(BY_TWO, _run(together)).verdict is Verdict.TLE


def test_a_process_over_its_own_time_limit_makes_the_run_tle(judging: JudgeFixture) -> None:
    outcome = judging.run(ALONE, _run(TIME))
    assert outcome.verdict is Verdict.TLE
    assert outcome.tests[0].detail == "CPU time of a process: more than 1 s"
    assert outcome.tests[0].cpu_ms < 2_500


def test_each_process_has_its_own_memory_limit(judging: JudgeFixture) -> None:
    outcome = judging.run(TAKE_BY_TWO, _run(MEMORY))
    assert (outcome.verdict, outcome.tests[0].stderr) == (Verdict.AC, None)


def test_a_process_cannot_allocate_more_memory_than_its_own_limit(judging: JudgeFixture) -> None:
    outcome = judging.run(TAKE_ALONE, _run(MEMORY))
    assert outcome.verdict in (Verdict.RTE, Verdict.MLE)
    assert "MemoryError" in (outcome.tests[0].stderr or "")
    assert judging.run(TAKE_ALONE, _run(replace(MEMORY, process_memory_kb=None))).verdict is Verdict.AC


@pytest.mark.parametrize("seconds", [0.4, 1.0])
def test_a_fraction_of_a_second_in_a_process_s_time_limit_is_rounded_up(
    judging: JudgeFixture, seconds: float
) -> None:
    limits = replace(TIME, process_cpu_seconds=seconds)
    assert judging.run("print(1)", _run(limits)).verdict is Verdict.AC
