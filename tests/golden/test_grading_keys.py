"""Every key for the grading of legacy groups works in ``testdata.yaml``, and each deprecated key in
``problem.yaml``."""

from __future__ import annotations

import pytest

from judge_core.model.submission import Verdict
from judge_core.packages import read_package
from tests.golden.conftest import JudgeFixture
from tests.golden.test_scoring import Write, cases
from workers.judging.errors import PackageBroken

SCORING = "type: scoring\nlimits: {time_limit: 1, memory: 256}\n"
FAILS_AT_TWO = "n = int(input())\nprint(0 if n == 2 else n)\n"
TESTS = cases("secret/1", "secret/2", "secret/3")


def outcome_of(
    judging: JudgeFixture, package: Write, files: dict[str, str]
) -> tuple[Verdict, float | None, int]:
    outcome = judging.submit(package({"problem.yaml": SCORING, **TESTS, **files}), FAILS_AT_TWO)
    return outcome.verdict, outcome.score, len(outcome.tests)


@pytest.mark.parametrize(
    ("keys", "score", "tried"),
    [
        ("{}", 1, 2),
        ("{on_reject: first_error}", 1, 2),
        ("{on_reject: worst_error}", 2, 3),
        ("{on_reject: grade}", 2, 3),
        ("{accept_score: 10}", 10, 2),
        ("{reject_score: 5}", 6, 2),
        ("{on_reject: continue, accept_score: 10, reject_score: 5}", 25, 3),
    ],
)
def test_deprecated_grading_keys_of_problem_yaml_work_as_documented(
    judging: JudgeFixture, package: Write, keys: str, score: float, tried: int
) -> None:
    found = outcome_of(judging, package, {"problem.yaml": f"{SCORING}grading: {keys}\n"})
    assert found == (Verdict.WA, score, tried)


@pytest.mark.parametrize(
    ("keys", "verdict", "score", "tried"),
    [
        ("on_reject: break\n", Verdict.WA, 1, 2),
        ("on_reject: continue\n", Verdict.WA, 2, 3),
        ("accept_score: 10\n", Verdict.WA, 10, 2),
        ("reject_score: 5\n", Verdict.WA, 6, 2),
        ("on_reject: continue\ngrader_flags: max\n", Verdict.WA, 1, 3),
        ("on_reject: continue\ngrader_flags: min\n", Verdict.WA, 0, 3),
        ("on_reject: continue\naccept_score: 3\ngrader_flags: avg\n", Verdict.WA, 2, 3),
        ("on_reject: continue\ngrader_flags: min sum\n", Verdict.WA, 2, 3),
        ("on_reject: continue\ngrader_flags: always_accept\n", Verdict.AC, 2, 3),
        ("on_reject: continue\ngrader_flags: accept_if_any_accepted\n", Verdict.AC, 2, 3),
    ],
)
def test_grading_keys_of_testdata_yaml_work_as_documented(
    judging: JudgeFixture, package: Write, keys: str, verdict: Verdict, score: float, tried: int
) -> None:
    assert outcome_of(judging, package, {"data/secret/testdata.yaml": keys}) == (verdict, score, tried)


@pytest.mark.parametrize(
    "files",
    [
        {"problem.yaml": f"{SCORING}grading: {{range: 0 0.5}}\n"},
        {"data/secret/testdata.yaml": "range: 0 0.5\n"},
    ],
    ids=["problem.yaml", "testdata.yaml"],
)
def test_a_score_outside_of_its_range_is_refused(
    judging: JudgeFixture, package: Write, files: dict[str, str]
) -> None:
    with pytest.raises(PackageBroken, match=r"score 1 is outside its range"):
        outcome_of(judging, package, files)


def test_a_group_s_own_file_replaces_the_deprecated_keys(judging: JudgeFixture, package: Write) -> None:
    files = {
        "problem.yaml": f"{SCORING}grading: {{accept_score: 10, on_reject: grade}}\n",
        "data/secret/testdata.yaml": "accept_score: 7\n",
    }
    assert outcome_of(judging, package, files) == (Verdict.WA, 14, 3)


GROUPS = cases("secret/g1/a", "secret/g2/a")
ABOVE = "on_reject: continue\naccept_score: 50\nrange: 0 100\ngrader_flags: sum\n"


@pytest.mark.parametrize(
    ("above", "below", "score"),
    [
        (ABOVE, "on_reject: break\ngrader_flags: min\n", 100),
        (ABOVE, "on_reject: break\n", 100),
        (ABOVE, "accept_score: 10\n", 20),
        ("accept_score: 20\nrange: 0 40\n", "range: 0 20\n", 40),
        ("grader_flags: max\naccept_score: 7\n", "{}\n", 7),
    ],
)
def test_a_group_inherits_a_missing_grading_key_from_the_group_above(
    judging: JudgeFixture, package: Write, above: str, below: str, score: float
) -> None:
    files = {"data/secret/testdata.yaml": above} | {f"data/secret/g{n}/testdata.yaml": below for n in (1, 2)}
    outcome = judging.submit(package({"problem.yaml": SCORING, **GROUPS, **files}), "print(input())\n")
    assert (outcome.verdict, outcome.score) == (Verdict.AC, score)


@pytest.mark.parametrize("below", ["on_reject: continue\n", "{}\n", "grader_flags: first_error\n"])
def test_a_group_inherits_a_missing_tolerance_from_the_group_above(
    judging: JudgeFixture, package: Write, below: str
) -> None:
    files = {
        "data/testdata.yaml": "output_validator_flags: float_tolerance 1e-3\n",
        "data/secret/testdata.yaml": below,
    }
    outcome = judging.submit(
        package({"problem.yaml": SCORING, **TESTS, **files}), "print(input() + '.0001')\n"
    )
    assert outcome.verdict is Verdict.AC


@pytest.mark.parametrize("flag", ["min_score_of_subtasks", "--weights=1,2", "ignore_sample"])
def test_an_unknown_grader_flag_is_a_warning_and_the_default_grader_still_grades(
    judging: JudgeFixture, package: Write, flag: str
) -> None:
    files = {"data/secret/testdata.yaml": f"on_reject: continue\ngrader_flags: {flag}\n"}
    folder = package({"problem.yaml": SCORING, **TESTS, **files})
    assert judging.submit(folder, FAILS_AT_TWO).score == 2
    assert any(flag in str(warning) for warning in read_package(folder).warnings)
