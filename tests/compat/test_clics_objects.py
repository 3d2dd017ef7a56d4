"""The objects of the Contest API have the types and forms that its specification (2023-06) asks for.

The rules are written here from the specification's text: required properties, identifiers, times.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from typing import Any

import pytest

from judge_core.model.account import Scope
from judge_core.model.submission import Verdict
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import EventClient, make_event, moment

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
CAPABILITIES = {"contest_start", "contest_thaw"} | {
    f"{who}_{what}" for who in ("team", "proxy", "admin") for what in ("submit", "clar")
}
PROPERTY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
STATES = {"started", "frozen", "ended", "thawed", "finalized", "end_of_updates"}
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


def test_only_the_jury_sees_the_tests_of_a_judgement(event: EventClient) -> None:
    runs, judgements = _get(event, "/runs"), {each["id"] for each in _get(event, "/judgements")}
    assert {run["judgement_id"] for run in runs} <= judgements
    assert runs[0]["ordinal"] == 1
    for who in ("ada", "bob"):
        path = f"/api/contests/{event.slug}/runs"
        assert event.app.client.get(path, headers=event.app.headers(who)).get_json() == []


def test_the_jury_downloads_the_files_of_a_submission_from_the_listed_address(event: EventClient) -> None:
    (reference,) = _get(event, "/submissions")[0]["files"]
    answer = event.app.client.get(f"/api/{reference['href']}", headers=event.app.headers("author"))
    assert (answer.status_code, answer.mimetype) == (200, reference["mime"])
    shown = event.app.client.get(f"/api/contests/{event.slug}/submissions").get_json()
    assert not [each for each in shown if "files" in each]


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def test_rows_of_the_scoreboard_have_either_penalties_or_scores(event: EventClient) -> None:
    is_icpc = _get(event, "")["scoreboard_type"] == "pass-fail"
    board = _get(event, "/scoreboard")
    assert set(board["state"]) == STATES
    teams, problems = ({each["id"] for each in _get(event, path)} for path in ("/teams", "/problems"))
    assert sorted(row["team_id"] for row in board["rows"]) == sorted(teams)
    for row in board["rows"]:
        assert set(row) == {"rank", "team_id", "score", "problems"}
        assert type(row["rank"]) is int
        assert row["rank"] >= 1
        assert set(row["score"]) == ({"num_solved", "total_time"} if is_icpc else {"score"})
        assert not is_icpc or all(map(_is_count, row["score"].values()))
        assert [cell["problem_id"] for cell in row["problems"]] == list(problems)
        for cell in row["problems"]:
            _check_cell(cell, is_icpc)


def _check_cell(cell: dict[str, Any], is_icpc: bool) -> None:
    """A cell has either ``solved`` or ``score``. It has a time, in whole minutes, if the problem is solved or
    has points."""
    result = "solved" if is_icpc else "score"
    needed, others = {"problem_id", "num_judged", "num_pending", result}, {"time", "first_to_solve"}
    assert needed <= set(cell) <= needed | others
    assert _is_count(cell["num_judged"])
    assert _is_count(cell["num_pending"])
    assert ("time" in cell) is (cell["solved"] if is_icpc else cell["score"] > 0)
    assert _is_count(cell.get("time", 0))


def _access(event: EventClient, **headers: str) -> Any:
    answer = event.app.client.get(f"/api/contests/{event.slug}/access", headers=headers)
    assert answer.status_code == 200
    return answer.get_json()


def test_the_access_endpoint_has_the_form_of_the_specification(event: EventClient) -> None:
    for who in ("author", "ada"):
        found = _access(event, **event.app.headers(who))
        assert set(found) == {"capabilities", "endpoints"}
        kinds = [each["type"] for each in found["endpoints"]]
        assert len(set(kinds)) == len(kinds)
        assert set(kinds) <= {"contest", *REQUIRED}
        for each in found["endpoints"]:
            assert set(each) == {"type", "properties"}
            assert each["properties"]
            assert len(set(each["properties"])) == len(each["properties"])
            assert all(PROPERTY.fullmatch(name) for name in each["properties"])


def test_the_access_endpoint_lists_team_submit_only_for_clients_that_can_submit(event: EventClient) -> None:
    app = event.app
    limited = app.services.accounts.issue_key(
        app.accounts["ada"].account.id, "reads", scopes=frozenset({Scope.READ})
    )[1]
    clients = {
        "anonymous": {},
        "stranger": app.headers("grace"),
        "jury": app.headers("author"),
        "member": app.headers("ada"),
        "member that only reads": {"Authorization": f"Bearer {limited}"},
    }
    body = {"problem_id": "A", "language_id": "python3", "files": [{"data": _zip()}]}
    path = f"/api/contests/{event.slug}/submissions"
    for who, headers in clients.items():
        found = _access(event, **headers)["capabilities"]
        assert set(found) <= CAPABILITIES
        submitted = app.client.post(path, json=body, headers=headers).status_code == 200
        assert (found == ["team_submit"]) is submitted is (who == "member"), who


def _zip() -> str:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", "print(1)")
    return base64.b64encode(buffer.getvalue()).decode()


def test_awards_name_the_winner_after_the_standings_are_thawed(app: AppFixture) -> None:
    won = make_event(app, "won", rules={"freeze_minutes": 30})
    ada, bob = won.add("ada"), won.add("bob")
    won.submit("bob", Verdict.WA)
    won.submit("ada")
    first = {"id": "first-to-solve-aplusb", "citation": "First to solve", "team_ids": [ada]}
    assert _get(won, "/awards") == [first]
    won.call("author", "PATCH", "", {"starts_at": moment(-120), "ends_at": moment(-0.01)}, expect=200)
    won.app.services.scoreboards.forget()
    assert "winner" not in _text(won, "/awards")
    won.call("author", "PUT", "/freeze", {"thawed": True}, expect=200)
    won.app.services.scoreboards.forget()
    winner, *others = _get(won, "/awards")
    assert (winner["id"], winner["team_ids"], bob in winner["team_ids"]) == ("winner", [ada], False)
    assert others == [first]


def test_judgement_types_are_those_of_the_specification(event: EventClient) -> None:
    types = {each["id"]: each for each in _get(event, "/judgement-types")}
    assert set(types) == JUDGEMENT_TYPES
    assert [id for id, each in types.items() if each["solved"]] == ["AC"]


def test_an_answer_refers_to_its_question(event: EventClient) -> None:
    found = {each["id"]: each for each in _get(event, "/clarifications")}
    (reply,) = [each for each in found.values() if each["reply_to_id"]]
    assert found[reply["reply_to_id"]]["text"] == "Is n > 0?"


def test_each_line_of_the_feed_is_a_valid_notification(event: EventClient) -> None:
    for line in map(json.loads, _text(event, "/event-feed?stream=false").splitlines()):
        assert set(line) == {"token", "type", "id", "data"}
        kind = "" if line["type"] == "contest" else line["type"]
        assert (line["id"] is None) is (kind in ("", "state"))
        assert _faults(kind, line["data"]) == []
