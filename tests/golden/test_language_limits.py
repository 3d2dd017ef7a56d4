"""Time factors and memory extras: of a language, and of a problem's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.languages import load_languages
from judge_core.model.verdict import Verdict
from judge_core.packages import inspect_package, read_package
from judge_core.packages.spec import problem_spec
from tests.golden.conftest import JudgeFixture

Write = Callable[[dict[str, str]], Path]
SPIN = """import time
end = time.process_time() + 0.7
while time.process_time() < end:
    pass
print(4)
"""


@pytest.mark.parametrize(
    ("factors", "verdict"),
    [
        ("{}", Verdict.TLE),
        ("{python3: 3}", Verdict.AC),
        ("{py3: 3}", Verdict.AC),
        ("{java: 3}", Verdict.TLE),
        ("{pypy: 3}", Verdict.TLE),
    ],
)
def test_a_problem_gives_a_language_more_time_under_any_of_its_names(
    judging: JudgeFixture, package: Write, factors: str, verdict: Verdict
) -> None:
    yaml = f"name: X\nlimits: {{time_limit: 0.4, memory: 256, time_factors: {factors}}}\n"
    assert judging.submit(package({"problem.yaml": yaml}), SPIN).verdict is verdict


@pytest.mark.parametrize(("extras", "verdict"), [("{}", Verdict.MLE), ("{python3: 300}", Verdict.AC)])
def test_a_problem_gives_a_language_more_memory(
    judging: JudgeFixture, package: Write, extras: str, verdict: Verdict
) -> None:
    yaml = f"name: X\nlimits: {{time_limit: 2, memory: 64, memory_extras: {extras}}}\n"
    source = "block = bytearray(100 << 20)\nprint(4)\n"
    assert judging.submit(package({"problem.yaml": yaml}), source).verdict is verdict


def test_the_limits_of_each_language_are_shown_to_the_solver(package: Write) -> None:
    limits = "{time_limit: 2, memory: 256, time_factors: {java: 1.5}, memory_extras: {javascript: 0}}"
    yaml = f"name: X\nlanguages: java javascript cpp17\nlimits: {limits}\n"
    spec = problem_spec(read_package(package({"problem.yaml": yaml})), "0" * 64, ())
    again = type(spec).from_json(spec.to_json())
    assert again == spec
    assert again.language_limits(load_languages().values()) == {
        "java": {"time_factor": 1.5, "time": 3.0, "memory": 256 + 192},
        "javascript": {"time_factor": 1.0, "time": 2.0, "memory": 256},
        "cpp17": {"time_factor": 1.0, "time": 2.0, "memory": 256},
    }


def test_a_name_that_means_no_language_is_a_warning(package: Write) -> None:
    yaml = "name: X\nlimits: {time_factors: {brainfuck: 9}}\n"
    _, faults = inspect_package(package({"problem.yaml": yaml}))
    assert any("time_factors.brainfuck: means no language here" in str(each) for each in faults.warnings)
