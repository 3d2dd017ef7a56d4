"""Events with any limits accept the submissions and tokens that their rules allow, and refuse all others."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judge_api.store.problems import problem_row
from judge_core.model.submission import Verdict
from tests.web.app_fixture import PROBLEMS, AppFixture
from tests.web.event_fixture import EventClient, make_event, moment

EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LANGUAGES = ("python3", "c17", "java")
LABELS = ("A", "B")
_numbers = count(1)
limits = st.fixed_dictionaries(
    {
        "scoring": st.just("ioi"),
        "max_tries": st.none() | st.integers(1, 3),
        "languages": st.lists(st.sampled_from(LANGUAGES), unique=True, max_size=2),
        "ioi": st.fixed_dictionaries({"mode": st.just("tokened"), "tokens": st.integers(0, 2)}),
    }
)
acts = st.lists(
    st.tuples(st.just("submit"), st.sampled_from(LABELS), st.sampled_from(LANGUAGES))
    | st.tuples(st.just("token"), st.integers(0, 5), st.none()),
    max_size=10,
)


@EXAMPLES
@given(limits, acts)
def test_an_event_limits_submissions_languages_and_tokens_by_its_rules(
    app: AppFixture, rules: Any, acts: list[tuple[str, Any, Any]]
) -> None:
    event = _event(app, rules)
    taken: list[tuple[str, str]] = []
    tokened: set[str] = set()
    for act, first, language in acts:
        if act == "submit":
            allowed = _may_submit(rules, taken, first, language)
            answer = app.submit("ada", problem=first, language=language, event=event.slug)
            assert (answer.status_code == 202) is allowed, answer.get_json()
            if allowed:
                taken.append((answer.get_json()["id"], first))
        elif taken:
            id, label = taken[first % len(taken)]
            used = [each for each, problem in taken if each in tokened and problem == label]
            allowed = id in tokened or len(used) < rules["ioi"]["tokens"]
            event.call("ada", "PUT", f"/tokens/{id}", expect=200 if allowed else 409)
            tokened |= {id} if allowed else set()
    listed = event.call("ada", "GET", "/tries", expect=200)["submissions"]
    assert {each["id"]: each["tokened"] for each in listed} == {id: id in tokened for id, _ in taken}


TOKENED = {"scoring": "ioi", "ioi": {"mode": "tokened", "tokens": 2}}


def test_a_token_is_refused_in_a_pause_for_a_disabled_member_and_after_the_end(app: AppFixture) -> None:
    event = make_event(app, "tokens-too-late", rules=TOKENED)
    member = event.add("ada")
    first, last = event.submit("ada", Verdict.AC), event.submit("ada", Verdict.WA)
    event.call("author", "PUT", "/pause", {"paused": True}, expect=200)
    event.call("ada", "PUT", f"/tokens/{first}", expect=409)
    event.call("author", "PUT", "/pause", {"paused": False}, expect=200)
    event.call("author", "PATCH", f"/members/{member}", {"disabled": True}, expect=200)
    event.call("ada", "PUT", f"/tokens/{first}", expect=409)
    event.call("author", "PATCH", f"/members/{member}", {"disabled": False}, expect=200)
    event.call("ada", "PUT", f"/tokens/{last}", expect=200)
    event.call("author", "PATCH", "", {"ends_at": moment(-1)}, expect=200)
    event.call("ada", "PUT", f"/tokens/{first}", expect=409)
    (row,) = event.standings()["rows"]
    assert row["points"] == 0


def test_a_token_is_refused_in_an_event_without_tokens(app: AppFixture) -> None:
    for number, rules in enumerate(({"scoring": "icpc"}, {"scoring": "ioi", "ioi": {"mode": "best"}})):
        event = make_event(app, f"no-tokens-{number}", rules=rules)
        event.add("ada")
        event.call("ada", "PUT", f"/tokens/{event.submit('ada', Verdict.AC)}", expect=409)


def _event(app: AppFixture, rules: Any) -> EventClient:
    if app.services.problems.get("change") is None:
        _add_second_problem(app)
    problems = [{"slug": "aplusb"}, {"slug": "change"}]
    event = make_event(app, f"limited-{next(_numbers)}", rules=rules, problems=problems)
    event.add("ada")
    return event


def _add_second_problem(app: AppFixture) -> None:
    stored = app.services.package_store.add_folder(PROBLEMS / "change")
    app.services.problems.put(problem_row(stored, None))


def _may_submit(rules: Any, taken: list[tuple[str, str]], label: str, language: str) -> bool:
    tries = sum(problem == label for _, problem in taken)
    is_taken = not rules["languages"] or language in rules["languages"]
    return is_taken and (rules["max_tries"] is None or tries < rules["max_tries"])


steps = st.lists(st.tuples(st.integers(0, 120), st.text("ABCDE", min_size=1, max_size=2)), max_size=5)


@EXAMPLES
@given(steps, st.sampled_from([Verdict.AC, Verdict.WA, None]), st.sampled_from([0.5, 100.0]))
def test_the_results_show_the_grade_of_the_highest_reached_step(
    app: AppFixture, steps: list[tuple[int, str]], verdict: Verdict | None, weight: float
) -> None:
    rules = {"scoring": "ioi", "grades": [{"points": points, "grade": grade} for points, grade in steps]}
    event = make_event(
        app, f"graded-{next(_numbers)}", rules=rules, problems=[{"slug": "aplusb", "weight": weight}]
    )
    event.add("ada")
    event.submit("ada", verdict)
    (row,) = event.call("author", "GET", "/results", expect=200)["rows"]
    points = weight if verdict is Verdict.AC else 0.0
    assert row["points"] == points
    reached = [step for step in steps if step[0] <= points]
    highest = [grade for least, grade in reached if least == max(each for each, _ in reached)]
    assert row["grade"] in highest if highest else row["grade"] is None
