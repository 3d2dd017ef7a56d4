"""The objects of the Contest API have the types and forms that its specification (2023-06) asks for.

The rules are written here from the specification's text: required properties, identifiers, times.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from judge_core.model.verdict import Verdict
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import EventClient, make_event

ID = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,34}[A-Za-z0-9_-])?")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d(:\d\d)?)")
SPAN = re.compile(r"-?([1-9]\d*)?\d:[0-5]\d:[0-5]\d(\.\d{3})?")
JUDGEMENT_TYPES = {"AC", "WA", "TLE", "MLE", "OLE", "RTE", "CE"}
REQUIRED = {
    "": ("id", "name", "duration", "scoreboard_type", "start_time"),
    "judgement-types": ("id", "name", "solved", "penalty"),
    "languages": ("id", "name", "entry_point_required", "extensions"),
    "problems": ("id", "ordinal", "label", "name", "time_limit", "test_data_count"),
    "groups": ("id", "name"),
    "organizations": ("id", "name"),
    "teams": ("id", "name", "label"),
    "state": ("started", "frozen", "ended", "thawed", "finalized", "end_of_updates"),
    "submissions": ("id", "language_id", "problem_id", "team_id", "time", "contest_time", "files"),
    "judgements": ("id", "submission_id", "start_time", "start_contest_time"),
    "runs": ("id", "judgement_id", "ordinal", "judgement_type_id", "time", "contest_time"),
    "clarifications": ("id", "text", "time", "contest_time"),
    "awards": ("id", "citation", "team_ids"),
    "scoreboard": ("time", "contest_time", "state", "rows"),
}
FORMS: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("id", "problem_id", "team_id", "submission_id", "language_id", "organization_id"), ID),
    **dict.fromkeys(("from_team_id", "to_team_id", "reply_to_id", "judgement_type_id"), ID),
    **dict.fromkeys(("start_time", "end_time", "started", "frozen", "ended", "thawed"), TIME),
    **dict.fromkeys(("contest_time", "start_contest_time", "end_contest_time", "duration"), SPAN),
    "scoreboard_freeze_duration": SPAN,
}


@pytest.fixture(scope="module", params=["icpc", "ioi"])
def event(app: AppFixture, request: pytest.FixtureRequest) -> EventClient:
    rules = {"scoring": request.param, "freeze_minutes": 30}
    problems = [{"slug": "aplusb", "colour": "#00FF00"}]
    found = make_event(app, f"checked-{request.param}", rules=rules, problems=problems)
    found.add("ada", name="Team Ada", affiliation="Analytical")
    found.add("bob", category="hidden")
    found.submit("ada", Verdict.WA)
    found.submit("ada")
    found.submit("bob", Verdict.CE)
    asked = found.call("ada", "POST", "/messages", {"question": "Is n > 0?", "problem": "A"}, expect=201)
    answer = {"answer": "Yes.", "to_all": False}
    found.call("author", "PUT", f"/messages/{asked['id']}/answer", answer, expect=200)
    found.call("author", "POST", "/announcements", {"text": "Welcome."}, expect=201)
    app.services.scoreboards.forget()
    return found


def _text(event: EventClient, path: str) -> str:
    answer = event.app.client.get(f"/api/contests/{event.slug}{path}", headers=event.app.headers("author"))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    text: str = answer.get_data(as_text=True)
    return text


def _get(event: EventClient, path: str) -> Any:
    return json.loads(_text(event, path))


def _faults(kind: str, found: dict[str, Any]) -> list[str]:
    faults = [f"{kind}: {name} is missing" for name in REQUIRED[kind] if name not in found]
    for name, value in found.items():
        form = TIME if name == "time" else FORMS.get(name)
        if form is not None and value is not None and not form.fullmatch(value):
            faults.append(f"{kind}: {name} {value!r}")
    return faults


def test_objects_have_the_properties_and_forms_of_the_specification(event: EventClient) -> None:
    for kind in REQUIRED:
        found = _get(event, f"/{kind}" if kind else "")
        objects = found if isinstance(found, list) else [found]
        assert objects, kind
        assert [fault for each in objects for fault in _faults(kind, each)] == []


def test_the_tests_of_a_judgement_are_for_the_jury(event: EventClient) -> None:
    runs, judgements = _get(event, "/runs"), {each["id"] for each in _get(event, "/judgements")}
    assert {run["judgement_id"] for run in runs} <= judgements
    assert runs[0]["ordinal"] == 1
    for who in ("ada", "bob"):
        path = f"/api/contests/{event.slug}/runs"
        assert event.app.client.get(path, headers=event.app.headers(who)).get_json() == []


def test_the_files_of_a_submission_are_where_it_says(event: EventClient) -> None:
    (reference,) = _get(event, "/submissions")[0]["files"]
    answer = event.app.client.get(f"/api/{reference['href']}", headers=event.app.headers("author"))
    assert (answer.status_code, answer.mimetype) == (200, reference["mime"])
    shown = event.app.client.get(f"/api/contests/{event.slug}/submissions").get_json()
    assert not [each for each in shown if "files" in each]


def test_rows_of_the_scoreboard_have_either_penalties_or_scores(event: EventClient) -> None:
    is_icpc = _get(event, "")["scoreboard_type"] == "pass-fail"
    for row in _get(event, "/scoreboard")["rows"]:
        assert row["rank"] >= 1
        assert set(row["score"]) == ({"num_solved", "total_time"} if is_icpc else {"score"})
        for cell in row["problems"]:
            assert {"problem_id", "num_judged", "num_pending"} <= set(cell)
            decided = cell["solved"] if is_icpc else cell["score"] > 0
            assert ("time" in cell) is decided


def test_judgement_types_are_those_that_the_specification_knows(event: EventClient) -> None:
    types = {each["id"]: each for each in _get(event, "/judgement-types")}
    assert set(types) == JUDGEMENT_TYPES
    assert [id for id, each in types.items() if each["solved"]] == ["AC"]


def test_an_answer_refers_to_its_question(event: EventClient) -> None:
    found = {each["id"]: each for each in _get(event, "/clarifications")}
    (reply,) = [each for each in found.values() if each["reply_to_id"]]
    assert found[reply["reply_to_id"]]["text"] == "Is n > 0?"


def test_each_line_of_the_feed_is_a_notification(event: EventClient) -> None:
    for line in map(json.loads, _text(event, "/event-feed?stream=false").splitlines()):
        assert set(line) == {"token", "type", "id", "data"}
        kind = "" if line["type"] == "contest" else line["type"]
        assert (line["id"] is None) is (kind in ("", "state"))
        assert _faults(kind, line["data"]) == []
