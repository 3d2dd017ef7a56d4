"""Small packages of each version of the format get the right scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.model.submission import Verdict
from judge_core.packages import read_package
from tests.golden.conftest import JudgeFixture
from workers.judging.errors import PackageBroken

Write = Callable[[dict[str, str]], Path]

ECHO_UP_TO = "n = int(input())\nprint(n if n <= {} else 0)\n"


def cases(*names: str) -> dict[str, str]:
    """The files of these tests. The input and the answer of each is the number at the end of its name."""
    texts = {name: name.rsplit("/", 1)[1] + "\n" for name in names}
    return {f"data/{name}.{end}": text for name, text in texts.items() for end in ("in", "ans")}


LEGACY = {
    "problem.yaml": "type: scoring\nlimits: {time_limit: 1, memory: 256}\n",
    "data/testdata.yaml": "on_reject: continue\ngrader_flags: ignore_sample\nrange: 0 100\n",
    "data/secret/testdata.yaml": "on_reject: continue\ngrader_flags: first_error accept_if_any_accepted\n",
    "data/secret/g1/testdata.yaml": "on_reject: break\naccept_score: 40\ngrader_flags: min\n",
    "data/secret/g2/testdata.yaml": "on_reject: break\naccept_score: 60\ngrader_flags: min\n",
    **cases("sample/1", "secret/g1/2", "secret/g1/3", "secret/g2/4", "secret/g2/5", "secret/g2/6"),
}


@pytest.mark.parametrize(
    ("up_to", "verdict", "score"),
    [(9, Verdict.AC, 100), (3, Verdict.AC, 40), (4, Verdict.AC, 40), (0, Verdict.WA, 0)],
)
def test_a_legacy_group_gives_all_its_points_or_none(
    judging: JudgeFixture, package: Write, up_to: int, verdict: Verdict, score: float
) -> None:
    outcome = judging.submit(package(LEGACY), ECHO_UP_TO.format(up_to))
    assert (outcome.verdict, outcome.score) == (verdict, score)
    assert sum((outcome.groups or {}).values()) == score
    assert set(outcome.groups or {}) == {"secret/g1", "secret/g2"}


def test_on_reject_break_stops_a_group_at_its_first_failure_unless_all_tests_are_requested(
    judging: JudgeFixture, package: Write
) -> None:
    folder = package(LEGACY)
    names = [test.name for test in judging.submit(folder, ECHO_UP_TO.format(3)).tests]
    # The files are g1/2, g1/3, g2/4, g2/5 and g2/6. The names of secret tests are replaced by numbers,
    # because they could reveal the purpose of the tests.
    assert names == ["sample/1", "secret/g1/1", "secret/g1/2", "secret/g2/1"]
    full = judging.submit(folder, ECHO_UP_TO.format(3), run_all=True)
    assert len(full.tests) == 6
    assert full.score == 40


V2023 = {
    "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\ntype: scoring\n",
    "data/secret/a/test_group.yaml": "scoring: {score: 30}\n",
    "data/secret/b/test_group.yaml": "scoring: {aggregation: sum, require_pass: secret/a}\n",
    **cases("secret/a/1", "secret/a/2", "secret/b/3", "secret/b/4"),
}


@pytest.mark.parametrize(("up_to", "score"), [(9, 100), (3, 65), (2, 30), (1, 0)])
def test_scores_of_format_2023_07_are_divided_and_a_failed_requirement_gives_no_points(
    judging: JudgeFixture, package: Write, up_to: int, score: float
) -> None:
    outcome = judging.submit(package(V2023), ECHO_UP_TO.format(up_to))
    assert outcome.score == pytest.approx(score)
    assert sum((outcome.groups or {}).values()) == pytest.approx(score)


@pytest.mark.parametrize("group", ["secret", "secret/a"])
def test_a_failed_sample_without_which_no_secret_test_is_run_decides_the_verdict(
    judging: JudgeFixture, package: Write, group: str
) -> None:
    files = {
        "problem.yaml": V2023["problem.yaml"],
        f"data/{group}/test_group.yaml": "scoring: {require_pass: sample}\n",
        **cases("sample/1", "secret/a/1"),
    }
    folder = package(files)
    failed = judging.submit(folder, ECHO_UP_TO.format(0))
    assert ([test.name for test in failed.tests], failed.score) == (["sample/1"], 0)
    assert failed.verdict is Verdict.WA
    assert judging.submit(folder, ECHO_UP_TO.format(9)).verdict is Verdict.AC


V2025 = {
    **V2023,
    "problem.yaml": "problem_format_version: 2025-09\nname: X\ntype: scoring\n",
    "data/secret/a/test_group.yaml": "max_score: 30\n",
    "data/secret/b/test_group.yaml": "score_aggregation: sum\nrequire_pass: secret/a\n",
}


@pytest.mark.parametrize(("up_to", "score"), [(9, 100), (3, 65), (2, 30), (1, 0)])
def test_scores_of_format_2025_09_are_read_from_the_keys_of_that_format(
    judging: JudgeFixture, package: Write, up_to: int, score: float
) -> None:
    assert judging.submit(package(V2025), ECHO_UP_TO.format(up_to)).score == pytest.approx(score)


SCORER = """
import sys
said = float(sys.stdin.read())
open(sys.argv[3] + "{name}", "w").write(str(said))
sys.exit(42)
"""


def test_a_validator_may_write_the_score(judging: JudgeFixture, package: Write) -> None:
    files = {
        "problem.yaml": "type: scoring\nvalidation: custom score\n",
        "output_validators/score.py": SCORER.format(name="score.txt"),
        **cases("secret/1", "secret/2"),
    }
    assert judging.submit(package(files), "print(2.5)").score == 5.0


def test_a_validator_s_multiplier_scales_the_score_and_a_wrong_multiplier_is_a_fault(
    judging: JudgeFixture, package: Write
) -> None:
    files = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\ntype: scoring\n",
        "output_validator/score.py": SCORER.format(name="score_multiplier.txt"),
        **cases("secret/1", "secret/2"),
    }
    folder = package(files)
    assert judging.submit(folder, "print(0.5)").score == 50
    with pytest.raises(PackageBroken, match="score_multiplier"):
        judging.submit(folder, "print(1.5)")


def test_a_score_outside_of_its_range_is_a_fault_of_the_package(
    judging: JudgeFixture, package: Write
) -> None:
    files = {
        "problem.yaml": "type: scoring\n",
        "data/testdata.yaml": "range: 0 1\n",
        **cases("secret/1", "secret/2"),
    }
    with pytest.raises(PackageBroken, match="outside its range"):
        judging.submit(package(files), ECHO_UP_TO.format(9))


def test_the_worst_error_decides_unless_the_group_requests_the_first_error(
    judging: JudgeFixture, package: Write
) -> None:
    source = "n = int(input())\nif n == 2: raise SystemExit(1)\nprint(0)\n"
    files = {**cases("secret/1", "secret/2"), "data/testdata.yaml": "on_reject: continue\n"}
    assert judging.submit(package(files), source).verdict is Verdict.RTE
    files["data/testdata.yaml"] = "on_reject: continue\ngrader_flags: first_error\n"
    assert judging.submit(package(files), source).verdict is Verdict.WA
    files["data/testdata.yaml"] = "on_reject: break\n"
    assert judging.submit(package(files), source, run_all=True).verdict is Verdict.WA


def test_credits_may_name_people_as_maps_of_name_and_email(package: Write) -> None:
    credits = "credits: {authors: [A <a@b.example>, {name: B, email: b@b.example}], testers: C}\n"
    head = "problem_format_version: 2025-09\nname: X\nuuid: u\n"
    drawn = "output_visualizer_args: [x]\n"
    read = read_package(package({"problem.yaml": head + credits, "data/test_group.yaml": drawn}))
    assert read.metadata.authors == ("A <a@b.example>", "B")
    assert [str(each) for each in read.warnings if "statement" not in each.file] == []


@pytest.mark.parametrize(
    ("written", "score"),
    [
        ({"score_multiplier.txt": "0.5"}, 50.0),
        ({"score.txt": "12.5"}, 12.5),
        ({}, 100.0),
        ({"score_multiplier.txt": "1.5"}, None),
        ({"score.txt": "-1"}, None),
        ({"score.txt": "lots"}, None),
        ({"score.txt": "1", "score_multiplier.txt": "1"}, None),
    ],
    ids=["share", "points", "neither", "above-one", "negative", "no-number", "both"],
)
def test_a_validator_of_2023_07_may_write_a_score_or_a_multiplier(
    judging: JudgeFixture, package: Write, written: dict[str, str], score: float | None
) -> None:
    lines = [f"open(sys.argv[3] + {name!r}, 'w').write({text!r})" for name, text in written.items()]
    files = {
        "problem.yaml": V2023["problem.yaml"] + "limits: {time_limit: 1}\n",
        "output_validator/v.py": "\n".join(["import sys", *lines, "sys.exit(42)"]),
        **cases("secret/1"),
    }
    folder = package(files)
    if score is None:
        with pytest.raises(PackageBroken):
            judging.submit(folder, ECHO_UP_TO.format(9))
    else:
        assert judging.submit(folder, ECHO_UP_TO.format(9)).score == score
