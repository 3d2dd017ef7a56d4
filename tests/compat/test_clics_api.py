"""The CLICS Contest API shows an event to the public and to the jury."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from judge_api.compat.clics.objects import PROPERTIES
from judge_core.model.submission import Verdict
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import EventClient, make_event


@pytest.fixture(scope="module")
def event(app: AppFixture) -> EventClient:
    found = make_event(app, "finals", rules={"freeze_minutes": 30}, ends=60)
    found.add("ada", name="Team Ada", affiliation="Analytical")
    found.add("bob", category="guest")
    found.add("grace", category="hidden")
    found.submit("ada", Verdict.WA)
    found.submit("ada")
    found.submit("grace")
    return found


def get(app: AppFixture, path: str, who: str | None = None, expect: int = 200) -> Any:
    headers = {}
    if who:  # CLICS clients use Basic authentication
        headers["Authorization"] = (
            f"Basic {base64.b64encode(f'{who}:{app.accounts[who].key}'.encode()).decode()}"
        )
    app.services.scoreboards.forget()
    answer = app.client.get(f"/api/contests{path}", headers=headers)
    assert answer.status_code == expect, answer.get_data(as_text=True)
    return answer.get_json(silent=True) if "feed" not in path else answer.get_data(as_text=True)


def test_objects_have_only_properties_that_the_access_endpoint_lists(
    app: AppFixture, event: EventClient
) -> None:
    assert get(app, "/finals")["duration"] == "2:00:00.000"
    for kind, names in PROPERTIES.items():
        if kind in ("contest", "state", "scoreboard"):
            found = [get(app, "/finals" if kind == "contest" else f"/finals/{kind}")]
        else:
            found = get(app, f"/finals/{kind}")
        assert all(set(each) <= set(names) for each in found), kind
        assert found or kind in ("clarifications", "runs")
    named = {each["type"]: each["properties"] for each in get(app, "/finals/access")["endpoints"]}
    assert list(named) == [kind for kind in PROPERTIES if kind != "runs"]
    assert "files" not in named["submissions"]
    of_jury = {each["type"]: each["properties"] for each in get(app, "/finals/access", "author")["endpoints"]}
    assert of_jury == {kind: list(names) for kind, names in PROPERTIES.items()}


def test_the_scoreboard_shows_the_standings_of_the_event(app: AppFixture, event: EventClient) -> None:
    public, jury = get(app, "/finals/scoreboard"), get(app, "/finals/scoreboard", "author")
    first = public["rows"][0]
    assert (first["rank"], first["score"]) == (1, {"num_solved": 1, "total_time": 80})
    assert first["problems"] == [
        {
            "problem_id": "aplusb",
            "num_judged": 2,
            "num_pending": 0,
            "solved": True,
            "time": 60,
            "first_to_solve": True,
        }
    ]
    assert (len(public["rows"]), len(jury["rows"])) == (2, 3)


def test_only_the_jury_sees_hidden_members(app: AppFixture, event: EventClient) -> None:
    for kind, public, jury in (
        ("teams", 2, 3),
        ("submissions", 2, 3),
        ("judgements", 2, 3),
        ("groups", 2, 3),
    ):
        assert len(get(app, f"/finals/{kind}")) == public
        assert len(get(app, f"/finals/{kind}", "author")) == jury
    one = get(app, "/finals/submissions")[0]
    assert get(app, f"/finals/submissions/{one['id']}") == one
    get(app, "/finals/submissions/nothing", expect=404)
    get(app, "/finals/nothing", expect=404)


def test_the_public_gets_no_judgement_after_the_freeze(app: AppFixture) -> None:
    frozen = make_event(app, "icy", rules={"freeze_minutes": 120})
    frozen.add("ada")
    frozen.submit("ada")
    assert len(get(app, "/icy/submissions")) == 1
    assert get(app, "/icy/judgements") == []
    assert get(app, "/icy/awards") == []
    assert "judgements" not in get(app, "/icy/event-feed?stream=false")
    assert len(get(app, "/icy/judgements", "author")) == 1


def test_the_public_finds_no_event_for_members_and_no_problems_before_the_start(app: AppFixture) -> None:
    make_event(app, "private", visibility="members").add("ada")
    assert get(app, "/private", "ada")["id"] == "private"
    get(app, "/private", expect=404)
    get(app, "/private/event-feed", expect=404)
    assert "private" not in [each["id"] for each in get(app, "")]
    early = make_event(app, "early", 10, 60)
    early.add("ada")
    assert get(app, "/early/problems") == []
    get(app, "/early/scoreboard", expect=403)


def test_the_feed_lists_each_object_and_resumes_after_a_token(app: AppFixture, event: EventClient) -> None:
    lines = [json.loads(line) for line in get(app, "/finals/event-feed?stream=false").splitlines()]
    kinds = [line["type"] for line in lines]
    assert kinds[:2] == ["contest", "state"]
    assert (kinds.count("teams"), kinds.count("submissions"), kinds.count("judgements")) == (2, 2, 2)
    token = lines[-1]["token"]
    later = event.submit("bob", Verdict.WA)
    resumed = [
        json.loads(line)
        for line in get(app, f"/finals/event-feed?stream=false&since_token={token}").splitlines()
    ]
    assert {(line["type"], line["id"]) for line in resumed} == {("submissions", later), ("judgements", later)}
    event.call("author", "PUT", f"/submissions/{later}/disqualification", {"reason": "x"}, expect=200)
    gone = get(app, f"/finals/event-feed?stream=false&since_token={resumed[-1]['token']}").splitlines()
    assert [json.loads(line)["data"] for line in gone] == [None, None]


@pytest.mark.parametrize("revision", ["²", "9" * 5000, "9" * 30, "-1", ""])
def test_the_feed_begins_anew_after_a_token_without_a_valid_revision(
    app: AppFixture, event: EventClient, revision: str
) -> None:
    whole = get(app, "/finals/event-feed?stream=false").splitlines()
    setup = json.loads(whole[-1])["token"].split(".")[0]
    again = get(app, f"/finals/event-feed?stream=false&since_token={setup}.{revision}").splitlines()
    assert [json.loads(line)["type"] for line in again] == [json.loads(line)["type"] for line in whole]


@pytest.mark.parametrize("kind", ["persons", "accounts", "commentary"])
def test_kinds_of_objects_that_gavel_does_not_have_are_empty_lists(
    app: AppFixture, event: EventClient, kind: str
) -> None:
    assert get(app, f"/finals/{kind}", "author") == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/finals"),
        ("PUT", "/finals/teams/1"),
        ("DELETE", "/finals/problems/A"),
        ("POST", "/finals/teams"),
    ],
)
def test_the_contest_api_refuses_changes_to_a_contest(
    app: AppFixture, event: EventClient, method: str, path: str
) -> None:
    body = {"id": "finals", "start_time": None}
    answer = app.client.open(f"/api/contests{path}", method=method, json=body, headers=app.headers("author"))
    assert answer.status_code == 405
