"""Event feeds of past contests are read as contests. The parts that cannot be used are listed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge_api.events.rules import Category, EventRules, Scoring
from judge_api.services.contest_feed import FeedContest, UnreadableFeed, read_feed
from judge_core.model.submission import Verdict

START = "2026-11-29T09:00:00.000+01:00"
CONTEST = {
    "id": "finals",
    "formal_name": "The Finals",
    "start_time": START,
    "duration": "5:00:00.000",
    "scoreboard_freeze_duration": "1:00:00",
    "penalty_time": 20,
}
TYPES = [
    {"id": "AC", "solved": True, "penalty": False},
    {"id": "WA", "solved": False, "penalty": True},
    {"id": "CE", "solved": False, "penalty": False},
    {"id": "TLE", "solved": False, "penalty": True},
    {"id": "XX", "solved": False, "penalty": False},
]


def _line(kind: str, data: Any, **more: Any) -> str:
    id = data.get("id") if isinstance(data, dict) else None
    return json.dumps({"type": kind, "id": id, "data": data, **more})


def _judgement(number: int, submission: str, verdict: str | None, **more: Any) -> str:
    end = f"2026-11-29T08:3{number}:00Z"
    body = {"id": f"j{number}", "submission_id": submission, "judgement_type_id": verdict, "end_time": end}
    return _line("judgements", {**body, **more})


def _submission(id: str, team: str = "1", problem: str = "sum", **more: Any) -> str:
    body = {"id": id, "team_id": team, "problem_id": problem, "language_id": "cpp"}
    return _line("submissions", {**body, "time": "2026-11-29T09:10:00+01:00", **more})


BASE = [
    _line("contest", CONTEST),
    _line("state", {"started": START, "thawed": "2026-11-29T14:00:00Z"}),
    *(_line("judgement-types", each) for each in TYPES),
    _line("groups", {"id": "g1", "name": "Spectators", "sortorder": 1}),
    _line("organizations", {"id": "o1", "name": "KTH", "formal_name": "KTH Stockholm"}),
    _line("problems", {"id": "sum", "label": "B", "ordinal": 1, "rgb": "#FF0000"}),
    _line("problems", {"id": "change", "label": "A", "ordinal": 0, "rgb": "red"}),
    _line("teams", {"id": "1", "name": "One", "organization_id": "o1"}),
    _line("teams", {"id": "2", "display_name": "Two", "name": "x", "group_ids": ["g1"]}),
]


def _read(*lines: str) -> FeedContest:
    return read_feed([*BASE, *lines])


def test_an_event_feed_is_read_as_a_contest_with_problems_teams_and_submissions() -> None:
    found = _read(_submission("s1"), _judgement(1, "s1", "AC"))
    assert (found.slug, found.title) == ("finals", "The Finals")
    assert (found.times.ends_at - found.times.starts_at).total_seconds() == 5 * 3600
    assert (found.rules.scoring, found.rules.freeze_minutes) == (Scoring.ICPC, 60)
    assert found.times.thawed_at is not None
    problems = [(each.id, each.label, each.colour) for each in found.problems]
    assert problems == [("change", "A", None), ("sum", "B", "#FF0000")]
    assert [(each.name, each.category, each.affiliation) for each in found.teams] == [
        ("One", Category.OFFICIAL, "KTH Stockholm"), ("Two", Category.GUEST, None)
    ]  # fmt: skip
    (one,) = found.submissions
    assert (one.team, one.problem, one.verdict, one.language) == ("1", "sum", Verdict.AC, "cpp")
    assert found.notes == []


@pytest.mark.parametrize(
    ("judgements", "verdict"),
    [
        ([], None),
        ([_judgement(1, "s1", None)], None),
        ([_judgement(1, "s1", "WA"), _judgement(2, "s1", "AC")], Verdict.AC),
        ([_judgement(2, "s1", "AC"), _judgement(1, "s1", "WA")], Verdict.AC),
        ([_judgement(1, "s1", "WA"), _judgement(2, "s1", "AC", valid=False)], Verdict.WA),
        ([_judgement(1, "s1", "TLE")], Verdict.TLE),
        ([_judgement(1, "s1", "XX")], Verdict.CE),
        ([_judgement(1, "s1", "JE")], None),
        ([_judgement(1, "s1", "RTE")], Verdict.RTE),
        ([_judgement(1, "s1", "AC"), json.dumps({"type": "judgements", "id": "j1", "data": None})], None),
        ([_judgement(1, "s1", "AC"), _line("judgements", {"id": "j1"}, op="delete")], None),
    ],
)
def test_the_verdict_of_a_submission_is_that_of_its_last_judgement_that_counts(
    judgements: list[str], verdict: Verdict | None
) -> None:
    assert [each.verdict for each in _read(_submission("s1"), *judgements).submissions] == [verdict]


def test_the_unusable_objects_of_a_feed_are_listed() -> None:
    found = _read(
        "no json",
        _line("teams", {"id": "3"}),
        _line("problems", {"id": "twice", "label": "A"}),
        _submission("s1", team="9"),
        _submission("s2", time=None),
        _submission("s3", time=None, contest_time="0:10:00.000"),
        _judgement(1, "s3", "ODD"),
        _line("runs", {"id": "r1"}),
        "[1, 2]",
    )
    assert [each.id for each in found.submissions] == ["s3"]
    assert found.submissions[0].verdict is Verdict.WA
    assert found.notes == [
        "1 lines that are no JSON",
        "1 problems without an id, or with the label of an earlier problem: twice",
        "1 teams without an id or a name: 3",
        "2 submissions of unknown teams or problems, or without a time: s1, s2",
        "1 judgements of an unknown type count as wrong answers: ODD",
    ]


def test_an_event_of_a_feed_with_a_type_that_is_not_a_text_is_ignored() -> None:
    feed = [*BASE, '{"type": [], "data": {}}', _submission("s1"), _judgement(1, "s1", None)]
    odd = _line("judgements", {"id": "j2", "submission_id": "s1", "judgement_type_id": ["AC"]})
    (found,) = read_feed([*feed, odd]).submissions
    assert found.verdict is Verdict.WA


def test_of_two_teams_with_the_same_icpc_id_only_the_first_gets_the_id() -> None:
    teams = [{"id": "1", "name": "One", "icpc_id": "X"}, {"id": "2", "name": "Two", "icpc_id": "X"}]
    found = _read(json.dumps({"type": "teams", "id": None, "data": teams}))
    assert [each.external_id for each in found.teams] == ["X", None]
    assert "1 teams get no external_id, since another team has the same id: 2" in found.notes


def test_an_event_of_a_feed_may_have_a_list_of_objects() -> None:
    teams = [{"id": "1", "name": "First"}, {"id": "5", "name": "Fifth"}]
    found = _read(json.dumps({"type": "teams", "id": None, "data": teams}))
    assert [each.name for each in found.teams] == ["First", "Two", "Fifth"]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "no object of the type contest"),
        ([_line("contest", {"id": "x"})], "no start_time"),
        ([_line("contest", {"id": "x", "start_time": "0001-01-01T00:00:00+09:28"})], "no start_time"),
        ([_line("contest", {"id": "x", "start_time": START, "duration": "long"})], "no time such as"),
    ],
)
def test_a_feed_without_a_usable_contest_is_refused(lines: list[str], reason: str) -> None:
    with pytest.raises(UnreadableFeed, match=reason):
        read_feed(lines)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = ("id", "name", "label", "ordinal", "team_id", "problem_id", "time", "group_ids", "penalty", "score")
_KINDS = ("teams", "problems", "groups", "submissions", "judgements", "judgement-types", "state", "contest")


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.tuples(st.sampled_from(_KINDS), st.dictionaries(st.sampled_from(_FIELDS), _JSON)), max_size=6)
)
def test_a_feed_with_random_objects_is_still_read(objects: list[tuple[str, dict[str, Any]]]) -> None:
    assert read_feed([*(_line(kind, data) for kind, data in objects), *BASE]).title == "The Finals"


@pytest.mark.parametrize(
    "odd",
    [
        {"duration": 1e18},
        {"duration": "99999999999999:00:00"},
        {"duration": float("nan")},
        {"duration": float("inf")},
        {"duration": "99999999:00:00"},
        {"duration": "-5:00:00"},
        {"scoreboard_freeze_duration": float("nan")},
        {"scoreboard_freeze_duration": float("inf")},
    ],
    ids=str,
)
def test_a_feed_with_an_impossible_length_of_the_contest_is_refused(odd: dict[str, Any]) -> None:
    contest = {"id": "odd", "start_time": "2026-01-01T10:00:00Z", "duration": "5:00:00", **odd}
    with pytest.raises(UnreadableFeed, match="its contest"):
        read_feed([json.dumps({"type": "contest", "id": "odd", "data": contest})])


@pytest.mark.parametrize("penalty", [float("inf"), float("nan"), 10**30, 1e300])
def test_an_impossible_penalty_in_a_feed_is_replaced_by_20_minutes(penalty: float) -> None:
    contest = {"id": "odd", "start_time": "2026-01-01T10:00:00Z", "penalty_time": penalty}
    found = read_feed([json.dumps({"type": "contest", "id": "odd", "data": contest})])
    assert found.rules.icpc.penalty_minutes == 20


@pytest.mark.parametrize(
    ("penalty", "minutes"),
    [(15, 15), ("15", 15), ("0:15:00", 15), (900, 15), ("6:00:00", 360), (True, 20), (None, 20), (-5, 20)],
)
def test_a_penalty_of_a_feed_is_read_as_in_the_files_of_a_contest(penalty: Any, minutes: int) -> None:
    contest = {"id": "odd", "start_time": "2026-01-01T10:00:00Z", "penalty_time": penalty}
    found = read_feed([json.dumps({"type": "contest", "id": "odd", "data": contest})])
    assert found.rules.icpc.penalty_minutes == minutes


@pytest.mark.parametrize("freeze", ["-1:00:00", "999999:00:00"])
def test_the_rules_of_a_feed_with_an_odd_freeze_can_be_stored_and_read(freeze: str) -> None:
    contest = {"id": "odd", "start_time": "2026-01-01T10:00:00Z", "scoreboard_freeze_duration": freeze}
    found = read_feed([json.dumps({"type": "contest", "id": "odd", "data": contest})])
    assert EventRules.from_json(found.rules.to_json()) == found.rules
