"""Numbers in packages must be finite and within documented bounds. Other numbers are refused with the name of
their key."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge_api.http.json import dump_json
from judge_core.model.numbers import Bounds, NumberFault, readable
from judge_core.model.problem import ProblemLimits, ProblemSpec
from judge_core.packages import BrokenPackage, read_package
from judge_core.packages.number_bounds import LIMITS, SCORES
from judge_core.packages.spec import problem_spec

ENDLESS = [
    ".inf",
    "inf",
    "-inf",
    "Infinity",
    "1e309",
    "nan",
    ".nan",
    "1e300",
    "-1",
    "9" * 10_000,
    "[1]",
    "0x10",
]
LEGACY_ONLY = ("time_multiplier", "time_safety_margin")
BY_LANGUAGE = ("time_factors", "memory_extras")
NEW_ONLY = ("ac_to_time_limit", "time_limit_to_tle")


def write(folder: Path, files: dict[str, str]) -> Path:
    base = {"problem.yaml": "name: X\n", "data/secret/1.in": "1\n", "data/secret/1.ans": "1\n"}
    for name, text in {**base, **files}.items():
        path = folder / "sample" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "sample"


def faults(folder: Path) -> list[str]:
    with pytest.raises(BrokenPackage) as refused:
        read_package(folder)
    return [f"{fault.file} {fault.key or ''}: {fault.message}" for fault in refused.value.faults]


def in_limits(key: str, value: str) -> str:
    if key in BY_LANGUAGE:
        return f"name: X\nlimits: {{{key}: {{java: {value}}}}}\n"
    if key in NEW_ONLY:
        multipliers = f"limits: {{time_multipliers: {{{key}: {value}}}}}\n"
        return f"problem_format_version: 2023-07\nname: X\nuuid: 1\n{multipliers}"
    return f"name: X\nlimits: {{{key}: {value}}}\n"


@pytest.mark.parametrize("value", ENDLESS, ids=lambda value: value[:12])
@pytest.mark.parametrize("key", LIMITS)
def test_a_limit_that_is_not_a_finite_number_is_refused_by_its_key(
    tmp_path: Path, key: str, value: str
) -> None:
    [fault] = faults(write(tmp_path, {"problem.yaml": in_limits(key, value)}))
    assert key in fault
    assert len(fault) < 200


@pytest.mark.parametrize("key", LIMITS)
@pytest.mark.parametrize("end", ["low", "high"])
def test_a_limit_may_be_set_to_each_of_its_two_bounds(tmp_path: Path, key: str, end: str) -> None:
    value = readable(getattr(LIMITS[key], end))
    read_package(write(tmp_path, {"problem.yaml": in_limits(key, value)}))


@pytest.mark.parametrize("value", ENDLESS[:7], ids=lambda value: value[:12])
@pytest.mark.parametrize("key", ["accept_score", "reject_score"])
def test_a_legacy_group_s_score_that_is_not_finite_is_refused_by_its_key(
    tmp_path: Path, key: str, value: str
) -> None:
    folder = write(tmp_path, {"data/testdata.yaml": f"{key}: {value}\n"})
    assert all(key in fault for fault in faults(folder))


@pytest.mark.parametrize("value", ENDLESS[:7], ids=lambda value: value[:12])
@pytest.mark.parametrize("key", ["max_score: {}", "scoring: {{score: {}}}"])
def test_a_group_s_score_that_is_not_finite_is_refused_in_format_2023_07(
    tmp_path: Path, key: str, value: str
) -> None:
    text = "problem_format_version: 2023-07\nname: X\nuuid: 1\ntype: scoring\n"
    group = {"data/secret/test_group.yaml": key.format(value)}
    assert all("score" in fault for fault in faults(write(tmp_path, {"problem.yaml": text, **group})))


@pytest.mark.parametrize(
    "text", ["nan nan", "1 nan", "0 1e309", "5 3", "0", "0 1 2", "x y", "0 " + "9" * 5000]
)
def test_a_range_without_two_numbers_in_order_is_refused(tmp_path: Path, text: str) -> None:
    [fault] = faults(write(tmp_path, {"data/testdata.yaml": f"range: {text}\n"}))
    assert "range" in fault


@pytest.mark.parametrize("text", ["-inf +inf", "-inf inf", "0 +inf", "0 100", "-5.5 1e3"])
def test_a_range_of_scores_may_be_infinite_at_both_ends(tmp_path: Path, text: str) -> None:
    read_package(write(tmp_path, {"data/testdata.yaml": f"range: {text}\n"}))


@pytest.mark.parametrize("value", ["inf", "1e9", "nan", "0", "9" * 10_000, "soon"], ids=lambda v: v[:9])
@pytest.mark.parametrize("file", [".timelimit", "domjudge-problem.ini"])
def test_a_time_limit_outside_the_bounds_is_refused_in_the_file_of_another_tool(
    tmp_path: Path, file: str, value: str
) -> None:
    text = value if file == ".timelimit" else f"timelimit='{value}'\n"
    [fault] = faults(write(tmp_path, {file: text}))
    assert file in fault


@pytest.mark.parametrize(
    "flags",
    ["float_tolerance 1e400", "float_tolerance", "float_tolerance nan", "float_tolerance -1", "strict"],
)
def test_a_package_with_flags_that_the_default_validator_does_not_know_is_refused(
    tmp_path: Path, flags: str
) -> None:
    [fault] = faults(write(tmp_path, {"data/testdata.yaml": f"output_validator_flags: {flags}\n"}))
    assert flags.split()[0] in fault


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "soon"])
def test_an_embargo_with_an_impossible_time_is_refused(tmp_path: Path, moment: str) -> None:
    text = f"problem_format_version: 2023-07\nname: X\nuuid: 1\nembargo_until: {moment}\n"
    [fault] = faults(write(tmp_path, {"problem.yaml": text}))
    assert "embargo_until" in fault


def test_a_problem_stored_with_infinity_by_an_earlier_release_is_sent_as_valid_json(tmp_path: Path) -> None:
    stored = problem_spec(read_package(write(tmp_path, {})), "0" * 64, ()).to_json()
    stored["limits"] = {
        **stored["limits"],
        "time": math.inf,
        "memory": math.inf,
        "ac_to_time_limit": math.nan,
    }
    spec = ProblemSpec.from_json({**stored, "max_score": math.inf})
    limits = ProblemLimits(time_limit_to_tle=stored["limits"]["time_limit_to_tle"])
    assert (spec.limits, spec.max_score) == (limits, None)
    json.loads(dump_json(spec.to_json()))


def test_an_infinite_number_is_not_written_as_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        dump_json({"score": math.inf})


@given(st.text(max_size=80) | st.floats().map(repr) | st.integers().map(str))
def test_a_random_text_is_a_number_within_the_bounds_or_a_fault(
    text: str,
) -> None:
    bounds = Bounds(-5, 1e15)
    try:
        assert bounds.parse(text) in bounds
    except NumberFault as fault:
        assert len(str(fault)) < 600


def test_the_documentation_names_every_number_with_its_bounds() -> None:
    page = Path("docs/reference/problem-packages.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    for key, bounds in {**LIMITS, **SCORES}.items():
        [row] = [row for row in rows if f"`{key}`" in row or f"`limits.{key}`" in row or f" {key}`" in row][
            :1
        ]
        assert str(bounds) in row, key
