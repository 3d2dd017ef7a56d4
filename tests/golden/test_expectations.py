"""What submissions.yaml promises of bundled submissions is held by the verification."""

from __future__ import annotations

import pytest

from judge_api.catalog.languages import load_languages
from judge_api.catalog.packages import read_package
from tests.golden.conftest import House
from tests.golden.test_scoring import ECHO_UP_TO, V2023, Write, cases
from workers.judging.errors import PackageBroken
from workers.judging.expectations import matches
from workers.judging.verification import Standing, Verification

BASE = {
    "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_limit: 1, memory: 256}\n",
    "submissions/accepted/all.py": ECHO_UP_TO.format(9),
    "submissions/mine/some.py": ECHO_UP_TO.format(1),
    **cases("sample/1", "secret/2"),
}


@pytest.mark.parametrize(
    ("rules", "standing"),
    [
        ("mine: {permitted: [AC, WA], required: [WA]}\n", Standing.GOOD),
        ("mine/s*.{py,cpp}: {sample: {permitted: [AC]}, secret: {required: [WA]}}\n", Standing.GOOD),
        ("mine/*: {permitted: [AC]}\n", Standing.BAD),
        ("mine/some.py: {required: [TLE]}\n", Standing.BAD),
        ("accepted: {permitted: [AC]}\n", Standing.GOOD),
    ],
)
def test_the_rules_decide_over_a_submission(
    house: House, package: Write, rules: str, standing: Standing
) -> None:
    folder = package({**BASE, "submissions/submissions.yaml": rules})
    verification = Verification(house.judge, load_languages(), lambda proof: None)
    accepted, mine = verification.verify(read_package(folder))
    assert (accepted.standing, mine.standing) == (Standing.GOOD, standing)


@pytest.mark.parametrize(
    ("rules", "standing"),
    [
        ("mine: {score: 65, secret/a: {score: 30}, secret/b: {score: [30, 40]}}\n", Standing.GOOD),
        ("mine: {secret/b: {score: 70}}\n", Standing.BAD),
        ("mine: {'secret/*': {score: [30, 35]}}\n", Standing.GOOD),
        ("mine: {score: 30}\n", Standing.BAD),
    ],
)
def test_scores_of_groups_are_held_to(house: House, package: Write, rules: str, standing: Standing) -> None:
    files = {**V2023, "submissions/mine/some.py": ECHO_UP_TO.format(3), "submissions/submissions.yaml": rules}
    verification = Verification(house.judge, load_languages(), lambda proof: None)
    (proof,) = verification.verify(read_package(package(files)))
    assert proof.standing is standing, proof.note


def test_a_verdict_that_is_none_is_named_with_its_line(house: House, package: Write) -> None:
    folder = package({**BASE, "submissions/submissions.yaml": "mine:\n  permitted: [OK]\n"})
    verification = Verification(house.judge, load_languages(), lambda proof: None)
    with pytest.raises(PackageBroken, match=r"submissions.yaml:2: mine.permitted"):
        verification.verify(read_package(folder))


def test_a_star_stays_within_a_name_and_folders_stand_for_what_is_below() -> None:
    assert matches("secret/*-easy", "secret/1-easy/deep")
    assert matches("*", "a/b") and not matches("a/*", "a")
    assert not matches("a*c", "a/c") and matches("{x,y}.py", "y.py")
