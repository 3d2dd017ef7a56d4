"""Scores are added up without binary rounding errors, and rounded once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge_core.model.submission import Verdict
from judge_core.packages import TestCase, TestGroup
from judge_core.packages.group_settings import Aggregation, GroupSettings
from tests.support.records import outcome
from workers.judging.errors import PackageBroken
from workers.judging.expectations import Expectation
from workers.judging.verdict import (
    CaseGrade,
    grade_2023,
    grade_legacy,
    group_maxima,
    rounded,
    top_group_scores,
)

NOWHERE = Path("/nowhere")


def group(count: int, settings: GroupSettings) -> TestGroup:
    cases = tuple(TestCase(f"secret/{number}", NOWHERE, None) for number in range(count))
    return TestGroup("secret", cases, settings)


def all_accepted(count: int, score: float | None = None) -> dict[str, CaseGrade]:
    return {f"secret/{number}": CaseGrade(Verdict.AC, score) for number in range(count)}


@pytest.mark.parametrize(
    ("each", "count", "whole"),
    [
        (0.1, 3, 0.3),
        (33.3, 3, 99.9),
        (0.7, 10, 7),
        (1.1, 30, 33),
        (14.285714, 7, 99.999998),
        (1e15, 100, 1e17),
    ],
)
def test_the_sum_of_decimal_scores_has_no_binary_rounding_error(
    each: float, count: int, whole: float
) -> None:
    settings = GroupSettings(accept_score=each, low=0, high=whole)
    assert rounded(grade_legacy(group(count, settings), all_accepted(count)).score) == whole


@pytest.mark.parametrize("count", [3, 6, 7, 9, 11, 13, 49, 97])
@pytest.mark.parametrize("top", [0, 1, 0.3, 100, 33.3])
def test_the_even_shares_of_a_group_add_up_to_the_maximum(count: int, top: float) -> None:
    secret = group(count, GroupSettings(max_score=top))
    assert rounded(grade_2023(secret, all_accepted(count)).score) == top


@given(st.integers(1, 60), st.integers(1, 100_000))
def test_a_sum_of_scores_may_equal_the_end_of_its_range(count: int, cents: int) -> None:
    settings = GroupSettings(accept_score=cents / 100, low=0, high=count * cents / 100)
    assert rounded(grade_legacy(group(count, settings), all_accepted(count)).score) == count * cents / 100


def test_a_mean_score_is_rounded_to_six_decimals() -> None:
    settings = GroupSettings(aggregation=Aggregation.AVG)
    grades = {
        "secret/0": CaseGrade(Verdict.AC, 100.0),
        **{f"secret/{n}": CaseGrade(Verdict.WA) for n in (1, 2)},
    }
    settings = replace(settings, on_reject=settings.on_reject.CONTINUE)
    assert rounded(grade_legacy(group(3, settings), grades).score) == 33.333333


@pytest.mark.parametrize(("each", "high"), [(0.1, 0.29), (33.34, 100), (1, 2)])
def test_the_fault_of_a_score_above_its_range_shows_the_score_and_the_range(each: float, high: float) -> None:
    settings = GroupSettings(accept_score=each, low=0, high=high)
    with pytest.raises(PackageBroken, match=r"the score \d[\d.]* is outside its range from 0 to"):
        grade_legacy(group(3, settings), all_accepted(3))


@pytest.mark.parametrize("wanted", [33.333333, 33.3333333333, 100 / 3])
def test_an_expected_score_may_have_more_digits_than_the_rounded_score(wanted: float) -> None:
    rule = Expectation("accepted", score=(wanted, wanted))
    assert list(rule.faults(replace(outcome(), score=33.333333))) == []


def test_the_groups_directly_below_the_secret_data_are_the_top_groups() -> None:
    scores = {"": 60.0, "sample": 0.0, "secret": 60.0, "secret/1": 20.0, "secret/2": 40.0, "secret/2/a": 40.0}
    assert top_group_scores(scores) == {"secret/1": 20.0, "secret/2": 40.0}


def subtask(name: str, settings: GroupSettings) -> TestGroup:
    return TestGroup(f"secret/{name}", (TestCase(f"secret/{name}/1", NOWHERE, None),), settings)


def test_the_maximum_of_a_group_is_its_own_max_score_or_an_even_share_of_the_rest() -> None:
    parts = (subtask("a", GroupSettings(max_score=30)), *(subtask(each, GroupSettings()) for each in "bc"))
    root = TestGroup("", (TestGroup("secret", parts, GroupSettings(max_score=100)),), GroupSettings())
    assert group_maxima(root, legacy=False) == {"secret/a": 30, "secret/b": 35, "secret/c": 35}


def test_the_maximum_of_a_legacy_group_is_the_end_of_its_own_range() -> None:
    whole = GroupSettings(low=0, high=100)
    own = [subtask(each, GroupSettings(low=0, high=high)) for each, high in (("a", 40), ("b", 60))]
    root = TestGroup("", (TestGroup("secret", tuple(own), whole),), whole)
    assert group_maxima(root, legacy=True) == {"secret/a": 40, "secret/b": 60}
    inherited = TestGroup("", (TestGroup("secret", (own[0], subtask("b", whole)), whole),), whole)
    assert group_maxima(inherited, legacy=True) == {}
