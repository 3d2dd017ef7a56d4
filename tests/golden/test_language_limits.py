"""A language has a time factor and additional memory. A problem may set other values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.languages import load_languages
from judge_core.messages import RunLimits
from judge_core.model.problem import LanguageExtras
from judge_core.model.submission import Verdict
from judge_core.packages import inspect_package, read_package
from judge_core.packages.spec import problem_spec
from tests.golden.conftest import JudgeFixture
from workers.judging.custom_run import custom_run_limits
from workers.judging.settings import JudgingSettings

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
def test_a_problem_may_give_a_language_more_time_under_any_name_of_the_language(
    judging: JudgeFixture, package: Write, factors: str, verdict: Verdict
) -> None:
    yaml = f"name: X\nlimits: {{time_limit: 0.4, memory: 256, time_factors: {factors}}}\n"
    assert judging.submit(package({"problem.yaml": yaml}), SPIN).verdict is verdict


@pytest.mark.parametrize(("extras", "verdict"), [("{}", Verdict.MLE), ("{python3: 300}", Verdict.AC)])
def test_a_problem_may_give_a_language_more_memory(
    judging: JudgeFixture, package: Write, extras: str, verdict: Verdict
) -> None:
    yaml = f"name: X\nlimits: {{time_limit: 2, memory: 64, memory_extras: {extras}}}\n"
    source = "block = bytearray(100 << 20)\nprint(4)\n"
    assert judging.submit(package({"problem.yaml": yaml}), source).verdict is verdict


def factors_of(package: Path) -> dict[str, float]:
    extras = read_package(package).metadata.extras
    return {id: extras.time_factor(each) for id, each in load_languages().items()}


@pytest.mark.parametrize(
    ("submissions", "expected"),
    [
        ((), {"cpp20": 1, "java": 1, "python3": 1}),
        (("accepted/a.cpp",), {"cpp20": 1, "go": 1, "java": 2, "pypy3": 2, "python3": 3, "ruby": 3}),
        (("accepted/a.cpp", "accepted/b.java"), {"cpp20": 1, "kotlin": 1, "java": 1, "python3": 1.5}),
        (("accepted/a.cpp", "accepted/b/x.py"), {"cpp20": 1, "java": 1, "python3": 1, "ruby": 1}),
        (("accepted/a.cpp", "time_limit_exceeded/b.py"), {"cpp20": 1, "java": 1, "python3": 1}),
    ],
    ids=["none", "native", "java", "python", "slow-python"],
)
def test_the_languages_of_the_package_s_own_submissions_get_no_additional_time(
    package: Write, submissions: tuple[str, ...], expected: dict[str, float]
) -> None:
    folder = package({f"submissions/{name}": "" for name in submissions})
    assert {id: factors_of(folder)[id] for id in expected} == expected


@pytest.mark.parametrize(
    "yaml",
    [
        "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_multipliers: {ac_to_time_limit: 3}}\n",
        "name: X\nlimits: {time_multiplier: 3}\n",
        "name: X\nlimits: {time_safety_margin: 3}\n",
    ],
    ids=["2023-07", "legacy", "legacy-margin"],
)
def test_a_package_with_its_own_multipliers_has_the_same_limit_for_all_languages(
    package: Write, yaml: str
) -> None:
    folder = package({"problem.yaml": yaml, "submissions/accepted/a.cpp": ""})
    assert set(factors_of(folder).values()) == {1.0}


def test_a_time_factor_of_the_problem_replaces_the_language_s_factor(package: Write) -> None:
    yaml = "name: X\nlimits: {time_limit: 1, time_factors: {python3: 1.2, java: 0.5}}\n"
    factors = factors_of(package({"problem.yaml": yaml, "submissions/accepted/a.cpp": ""}))
    assert (factors["python3"], factors["java"], factors["ruby"]) == (1.2, 0.5, 3)


def test_an_interpreter_gets_more_time_if_the_package_has_only_native_submissions(
    judging: JudgeFixture, package: Write
) -> None:
    yaml = "name: X\nlimits: {time_limit: 0.4}\n"
    native = {"problem.yaml": yaml, "submissions/accepted/a.c": "int main(void) { return 0; }"}
    assert judging.submit(package(native), SPIN).verdict is Verdict.AC
    both = {**native, "submissions/accepted/a.py": "print(4)\n"}
    assert judging.submit(package(both), SPIN).verdict is Verdict.TLE


def test_without_stored_factors_every_language_has_the_plain_time_limit() -> None:
    assert {LanguageExtras().time_factor(each) for each in load_languages().values()} == {1.0}


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


def test_an_unknown_language_in_time_factors_is_a_warning(package: Write) -> None:
    yaml = "name: X\nlimits: {time_factors: {brainfuck: 9}}\n"
    _, faults = inspect_package(package({"problem.yaml": yaml}))
    assert any("time_factors.brainfuck: means no language here" in str(each) for each in faults.warnings)


@pytest.mark.parametrize(("asked", "expected"), [(2.0, 2.0), (None, 5.0), (60.0, 15.0)])
def test_a_custom_run_has_the_same_time_in_every_language(
    asked: float | None, expected: float, tmp_path: Path
) -> None:
    run, settings = RunLimits(cpu_seconds=asked), JudgingSettings(tmp_path, tmp_path)
    found = {custom_run_limits(run, each, settings).cpu_seconds for each in load_languages().values()}
    assert found == {expected}
