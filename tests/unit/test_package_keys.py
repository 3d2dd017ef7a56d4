"""The documented keys of each version of the format are read without a warning. There is a warning for any
other key."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge_core.packages import inspect_package

DOCUMENT = Path("docs/reference/package-keys.md")
VALUES = {
    "problem_format_version": None,
    "type": "pass-fail",
    "name": "X",
    "uuid": "1",
    "validation": "default",
    "validator_flags": "case_sensitive",
    "license": "cc0",
    "languages": "all",
    "embargo_until": "2026-01-31",
    "allow_file_writing": "true",
    "validator_protocol": "testlib",
    "full_feedback": "true",
    "constants": "{a: 1}",
    "limits.time_factors": "{java: 2}",
    "limits.memory_extras": "{java: 2}",
    "limits.validation_passes": "2",
    "grading.objective": "min",
    "grading.on_reject": "grade",
    "grading.range": "0 1",
    "on_reject": "break",
    "grading": "default",
    "grader_flags": "min",
    "range": "0 1",
    "output_validator_flags": "case_sensitive",
    "output_validator_args": "[case_sensitive]",
    "scoring.aggregation": "min",
    "score_aggregation": "min",
    "require_pass": "sample",
    "scoring.require_pass": "sample",
    "static_validation": "false",
    "max_score": "100",
    "scoring.score": "100",
}
VERSIONS = {
    "problem.yaml, legacy": ("legacy", "problem.yaml"),
    "testdata.yaml, legacy": ("legacy", "data/secret/testdata.yaml"),
    "problem.yaml, 2023-07 and 2025-09": ("2025-09", "problem.yaml"),
    "test_group.yaml and a test's .yaml, 2023-07 and 2025-09": ("2025-09", "data/secret/test_group.yaml"),
}


def documented() -> list[tuple[str, str]]:
    """For every row of the document, the heading of its table and its key."""
    found, heading = [], ""
    for line in DOCUMENT.read_text().splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        if line.startswith("| `"):
            found.append((heading, line.split("`")[1]))
    return found


def as_yaml(key: str, value: str) -> str:
    *above, last = key.split(".")
    return "".join("  " * depth + f"{name}:\n" for depth, name in enumerate(above)) + (
        "  " * len(above) + f"{last}: {value}\n"
    )


def warnings(folder: Path, version: str, file: str, text: str) -> list[str]:
    head = f"problem_format_version: {version}\n"
    files = {
        "problem.yaml": head + ("" if file == "problem.yaml" and "name:" in text else "name: X\n"),
        "data/sample/1.in": "1\n",
        "data/sample/1.ans": "1\n",
        "data/secret/1.in": "1\n",
        "data/secret/1.ans": "1\n",
        "static_validator/v.py": "exit(42)\n",
    }
    files[file] = files.get(file, "") + text
    for name, content in files.items():
        (folder / "some" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "some" / name).write_text(content)
    _, faults = inspect_package(folder / "some")
    return [str(each) for each in faults.found]


@pytest.mark.parametrize(("table", "key"), [row for row in documented() if row[0] in VERSIONS])
def test_a_documented_key_is_read_without_a_warning(tmp_path: Path, table: str, key: str) -> None:
    value = VALUES.get(key, "1")
    if value is None:
        return
    version, file = VERSIONS[table]
    found = warnings(tmp_path, version, file, as_yaml(key, value))
    assert [each for each in found if "is not a key" in each or f" {key}:" in each] == []


@pytest.mark.parametrize("table", VERSIONS)
@pytest.mark.parametrize("key", ["colour", "Name", "time-limit"])
def test_the_warning_about_an_unknown_key_names_the_key_and_the_file(
    tmp_path: Path, table: str, key: str
) -> None:
    version, file = VERSIONS[table]
    found = warnings(tmp_path, version, file, f"{key}: 1\n")
    assert any(f"{key}: is not a key of this format" in each and file in each for each in found), found


@pytest.mark.parametrize("key", ["limits.speed", "limits.time_multipliers.x", "credits.friends", "grading.x"])
def test_there_is_a_warning_for_an_unknown_key_below_a_known_key(tmp_path: Path, key: str) -> None:
    version = "legacy" if key.startswith("grading") else "2025-09"
    found = warnings(tmp_path, version, "problem.yaml", as_yaml(key, "1"))
    assert any(f"{key}: is not a key of this format" in each for each in found), found


def test_a_static_test_of_format_2025_09_has_its_score_and_arguments(tmp_path: Path) -> None:
    text = "score_aggregation: sum\nstatic_validation_score: 20\nstatic_validator_args: [--most, 9]\n"
    found = warnings(tmp_path, "2025-09\ntype: scoring", "data/secret/test_group.yaml", text)
    package, _ = inspect_package(tmp_path / "some")
    [case] = [case for case in package.cases if case.static]
    assert (case.max_score, case.settings.validator_flags) == (20, ("--most", "9"))
    assert [each for each in found if "static" in each] == []
