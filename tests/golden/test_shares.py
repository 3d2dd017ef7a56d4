"""In format 2023-07, scores that do not add up are faults of a package. Files without a purpose are
warnings."""

from __future__ import annotations

import pytest

from judge_core.packages import BrokenPackage, read_package
from tests.golden.test_scoring import Write, cases

YAML = "problem_format_version: 2023-07-draft\nname: X\ntype: scoring\n"
TESTS = cases("sample/1", "secret/a/1", "secret/b/2", "secret/b/deep/3")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a": "score: 70", "b": "score: 40"}, "secret/test_group.yaml: has parts with 110 points together"),
        ({"": "score: 10", "a": "score: 30"}, "has parts with 30 points together, and a maximum of 10"),
        ({"": "score: 0", "a": "score: 30"}, "has parts with 30 points together, and a maximum of 0"),
        ({"a": "score: unbounded"}, "secret/a/test_group.yaml: has an unbounded score"),
        ({"": "score: unbounded"}, "secret/a/test_group.yaml: gives all or nothing"),
        (
            {"": "aggregation: pass-fail", "a": "aggregation: sum"},
            "a/test_group.yaml: must have the aggregation pass-fail, since it is below secret",
        ),
        (
            {"b/deep": "aggregation: min"},
            "secret/b/deep/test_group.yaml: must have the aggregation pass-fail, since it is below secret/b",
        ),
        ({"b": "require_pass: secret/c"}, "requires secret/c, which is neither a test nor a group"),
        ({"a": "require_pass: secret/b"}, "requires secret/b, which is judged later"),
        (
            {"a": "aggregation: sum", "b": "require_pass: secret/a"},
            "is neither sample nor of pass-fail",
        ),
    ],
)
def test_scores_of_groups_that_contradict_each_other_are_faults(
    package: Write, files: dict[str, str], words: str
) -> None:
    groups = {
        "/".join(["data/secret", *([name] if name else []), "test_group.yaml"]): f"scoring: {{{text}}}\n"
        for name, text in files.items()
    }
    with pytest.raises(BrokenPackage) as broken:
        read_package(package({"problem.yaml": YAML, **TESTS, **groups}))
    assert words in str(broken.value)


@pytest.mark.parametrize(
    "files",
    [
        {"": "score: unbounded", "a": "score: 10", "b": "score: 5"},
        {"a": "aggregation: min", "b": "{aggregation: pass-fail, require_pass: [sample, secret/a/1]}"},
        {"a": "score: 60", "b": "{score: 40, require_pass: secret/a}"},
    ],
    ids=["unbounded", "min", "all"],
)
def test_scores_of_groups_that_add_up_are_accepted(package: Write, files: dict[str, str]) -> None:
    groups = {
        "/".join(["data/secret", *([name] if name else []), "test_group.yaml"]): "scoring: "
        + (text if text.startswith("{") else f"{{{text}}}")
        for name, text in files.items()
    }
    assert read_package(package({"problem.yaml": YAML, **TESTS, **groups})).cases


def test_files_without_their_test_are_reported(package: Write) -> None:
    files = {"data/secret/9.ans": "", "data/secret/8.hint": "", "data/secret/7.files/x": "", **TESTS}
    warnings = [str(each) for each in read_package(package(files)).warnings]
    assert [line for line in warnings if "belongs to no test" in line] == [
        f"data/secret/{name}: belongs to no test: there is no .in file of its name"
        for name in ("7.files", "8.hint", "9.ans")
    ]


@pytest.mark.parametrize(
    ("name", "other"),
    [("1.out", "1.ans.statement"), ("1.interaction", "1.in.statement"), ("1.interaction", "1.out")],
)
def test_a_sample_with_two_files_for_the_same_part_is_refused(package: Write, name: str, other: str) -> None:
    files = {f"data/sample/{each}": "1\n" for each in (name, other)}
    with pytest.raises(BrokenPackage, match=f"data/sample/{name}: cannot be beside {other}"):
        read_package(package({**TESTS, **files}))
