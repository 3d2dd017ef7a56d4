"""Nothing of an event shows to clients that may not see it: each route for each role in each phase."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from judge_api.store.attempts import AttemptStore
from judge_api.store.problems import problem_row
from judge_api.store.verdicts import VerdictStore
from judge_core.model.account import Role, Tier
from judge_core.model.verdict import Verdict
from tests.support.records import finished
from tests.web.app_fixture import PROBLEMS, AccountWithKey, AppFixture
from tests.web.event_fixture import EventClient, make_event, moment

ROLES = ("anonymous", "stranger", "other author", "member", "jury", "admin")
PHASES = {
    "before": (10, 60),
    "running": (-60, 60),
    "paused": (-60, 60),
    "frozen": (-60, 10),
    "ended": (-60, -1),
    "final": (-60, -1),
}
EVERYBODY, JURY = set(ROLES), {"jury", "admin"}
INSIDE = {"member", *JURY}
OPEN = {"before": JURY, **dict.fromkeys(("running", "paused", "frozen", "ended", "final"), EVERYBODY)}
ALWAYS, JURY_ALWAYS = dict.fromkeys(PHASES, EVERYBODY), dict.fromkeys(PHASES, JURY)
ACCOUNTS = dict.fromkeys(PHASES, EVERYBODY - {"anonymous"})
READS: dict[str, dict[str, set[str]]] = {
    "/state": ALWAYS,
    "/problems/A": OPEN,
    "/standings": OPEN,
    "/stream": OPEN,
    "/tries": ACCOUNTS,
    "/messages": ACCOUNTS,
    "/members": JURY_ALWAYS,
    "/submissions": JURY_ALWAYS,
    "/standings.csv": JURY_ALWAYS,
    "/results": JURY_ALWAYS,
    "/results.csv": JURY_ALWAYS,
    "/results.xlsx": JURY_ALWAYS,
    "/results.tsv": JURY_ALWAYS,
    "/archive.zip": JURY_ALWAYS,
    "/rejudgings": JURY_ALWAYS,
    "/balloons": JURY_ALWAYS,
    "/invitations": JURY_ALWAYS,
    "/invitations.csv": JURY_ALWAYS,
    "/similarity": JURY_ALWAYS,
    "/lti-links": JURY_ALWAYS,
    "/shadow": JURY_ALWAYS,
    "/shadow.csv": JURY_ALWAYS,
}
CHANGES: dict[tuple[str, str], tuple[Any, set[str]]] = {
    ("PATCH", ""): ({"title": "Same"}, JURY),
    ("PUT", "/freeze"): ({"thawed": False}, JURY),
    ("POST", "/members"): ({"members": []}, JURY),
    ("PATCH", "/members/x"): ({}, JURY),
    ("DELETE", "/members/x"): (None, JURY),
    ("PUT", "/submissions/x/disqualification"): ({"reason": "x"}, JURY),
    ("POST", "/announcements"): ({"text": "x"}, JURY),
    ("PUT", "/messages/x/answer"): ({"answer": "x"}, JURY),
    ("POST", "/recompute"): ({}, JURY),
    ("POST", "/extension"): ({"minutes": 1}, JURY),
    ("PUT", "/pause"): ({"paused": False}, JURY),
    ("PUT", "/pauses"): ({"pauses": []}, JURY),
    ("POST", "/rejudgings"): ({"reason": "x"}, JURY),
    ("POST", "/rejudgings/x/application"): (None, JURY),
    ("DELETE", "/rejudgings/x"): (None, JURY),
    ("PUT", "/shadow"): ({"url": "https://judge.example/api/contests/1"}, {"admin"}),
    ("DELETE", "/shadow"): (None, {"admin"}),
    ("PUT", "/shadow/submissions/x/review"): ({"looked_at": True}, JURY),
    ("POST", "/similarity"): ({"earlier": ["no-such-event"]}, JURY),
    ("DELETE", "/similarity/x"): (None, JURY),
    ("PUT", "/balloons/x/A"): ({"delivered": True}, JURY),
    ("POST", "/invitations"): ({"people": [{"name": "Ada"}]}, JURY),
    ("PATCH", "/invitations/x"): ({"shows_report": True}, JURY),
    ("POST", "/invitations/x/link"): ({}, JURY),
    ("DELETE", "/invitations/x"): (None, JURY),
    ("POST", "/lti-links"): ({"platform": "x"}, JURY),
    ("DELETE", "/lti-links/x"): (None, JURY),
    ("POST", "/lti-placements/x/members"): (None, JURY),
    ("POST", "/messages"): ({"question": "x"}, {"member"}),
    ("PUT", "/tokens/x"): (None, {"member"}),
}
NAMES = {"stranger": "grace", "member": "ada", "jury": "author", "admin": "admin"}


@pytest.fixture(scope="module")
def crew(app: AppFixture) -> AppFixture:
    account = app.services.accounts.add("other", Tier.NORMAL, Role.AUTHOR)
    key = app.services.accounts.issue_key(account.id, "test")[1]
    app.accounts["other author"] = AccountWithKey(account, key)
    return app


@pytest.fixture(scope="module")
def events(crew: AppFixture) -> dict[tuple[str, str], EventClient]:
    """One event in each phase that all see, and one that its members see."""
    return {
        (visibility, phase): _event_in(crew, f"{visibility}-{phase}", phase, visibility=visibility)
        for visibility in ("public", "members")
        for phase in PHASES
    }


def _event_in(app: AppFixture, slug: str, phase: str, **changes: Any) -> EventClient:
    starts, ends = PHASES[phase]
    event = make_event(app, slug, starts, ends, {"freeze_minutes": 20}, **changes)
    event.add("ada")
    event.add("bob")
    if phase == "paused":
        event.call("author", "PUT", "/pause", {"paused": True}, expect=200)
    if phase == "final":
        event.call("author", "PUT", "/freeze", {"thawed": True}, expect=200)
    return event


def _ask(event: EventClient, who: str, method: str, path: str, body: Any = None) -> int:
    headers = {} if who == "anonymous" else event.app.headers(NAMES.get(who, who))
    asked = {"json": body} if body is not None else {}
    answer = event.app.client.open(f"/events/{event.slug}{path}", method=method, headers=headers, **asked)
    answer.close()
    return answer.status_code


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("path", READS)
def test_each_part_of_an_event_shows_to_the_right_clients_at_the_right_time(
    events: dict[tuple[str, str], EventClient], path: str, who: str
) -> None:
    for phase in PHASES:
        shown = _ask(events["public", phase], who, "GET", path)
        assert shown == 200 if who in READS[path][phase] else shown in (401, 403), phase
        inside = _ask(events["members", phase], who, "GET", path)
        if who in INSIDE:
            assert inside == shown, phase
        else:
            assert inside in (401, 403, 404), phase


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_each_change_of_an_event_is_for_the_right_clients(
    events: dict[tuple[str, str], EventClient], method: str, path: str, who: str
) -> None:
    body, allowed = CHANGES[method, path]
    status = _ask(events["public", "running"], who, method, path, body)
    refused = status in (401, 403) or (path == "/tokens/x" and status == 404)
    assert refused is (who not in allowed or path == "/tokens/x")
    assert status < 500


@pytest.mark.parametrize("phase", PHASES)
def test_an_event_is_listed_for_those_that_see_it(
    events: dict[tuple[str, str], EventClient], crew: AppFixture, phase: str
) -> None:
    for who in ROLES:
        headers = {} if who == "anonymous" else crew.headers(NAMES.get(who, who))
        slugs = {each["slug"] for each in crew.client.get("/events", headers=headers).get_json()["events"]}
        assert f"public-{phase}" in slugs
        assert (f"members-{phase}" in slugs) is (who in INSIDE)


def test_an_event_for_its_jury_shows_to_its_jury_alone(crew: AppFixture) -> None:
    event = _event_in(crew, "draft", "running", visibility="jury")
    for who in ROLES:
        assert _ask(event, who, "GET", "/state") == (200 if who in JURY else 404)


def test_standings_for_the_jury_alone_leave_members_their_own_results(crew: AppFixture) -> None:
    event = make_event(crew, "grades", rules={"standings": "jury"})
    event.add("ada")
    event.submit("ada")
    assert _ask(event, "member", "GET", "/standings") == 403
    assert _ask(event, "member", "GET", "/stream") == 403
    assert _ask(event, "jury", "GET", "/standings") == 200
    assert event.state("ada")["problems"][0]["own"]["solved"] is True


def _all_that_others_read(event: EventClient, who: str) -> str:
    """Every body that a client who is not of the jury, and not the submitter, can get."""
    app = event.app
    headers = {} if who == "anonymous" else app.headers(who)
    paths = [f"/events/{event.slug}{path}" for path in READS if path != "/stream"]
    paths += [
        f"/events/{event.slug}/standings?public=true",
        "/events",
        "/problems",
        "/problems/aplusb/runtimes?language=python3",
    ]
    paths += ["/submissions", "/api/problems/algorithms/"]
    app.services.scoreboards.forget()
    bodies = [_settled(app.client.get(path, headers=headers).get_data(as_text=True)) for path in paths]
    stored = app.services.events.get(event.slug)
    assert stored is not None
    with app.services.scoreboard_feed.watch(stored, public=True) as watcher:
        bodies.append(_settled(watcher.next(5.0) or ""))
    return "\n".join(bodies)


def _settled(text: str) -> str:
    """Without the clock and the version, which change with every request or judgement."""
    try:
        body = json.loads(text)
    except ValueError:
        return text
    return json.dumps(
        {name: value for name, value in body.items() if name not in ("now", "version", "request_id")}
    )


@pytest.mark.parametrize("phase", ["frozen", "ended"])
def test_a_result_after_the_freeze_leaks_by_no_route_and_no_stream(own_app: AppFixture, phase: str) -> None:
    """All that others read is the same for an accepted and for a wrong submission."""
    event = _event_in(own_app, f"leak-{phase}", "frozen")
    id = event.submit("ada", None)
    seen = []
    if phase == "ended":
        event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    verdicts = VerdictStore(own_app.services.engine)
    assert verdicts.record(finished(id, verdict=Verdict.AC)) is not None
    seen.append([_all_that_others_read(event, who) for who in ("anonymous", "grace", "bob")])
    again = AttemptStore(own_app.services.engine).rejudge(id)
    assert again is not None
    assert verdicts.record(finished(id, attempt=again.attempt, verdict=Verdict.WA)) is not None
    seen.append([_all_that_others_read(event, who) for who in ("anonymous", "grace", "bob")])
    assert seen[0] == seen[1]
    jury = event.standings("author")["rows"]
    assert [row["cells"][0]["tries"] for row in jury] == [1, 0]


def test_an_exam_shows_its_problems_and_its_submissions_alone(own_app: AppFixture) -> None:
    app = own_app
    stored = app.services.package_store.add_folder(PROBLEMS / "change")
    app.services.problems.put(problem_row(stored, None))
    before = app.submit("ada").get_json()["id"]
    other = make_event(app, "other", problems=[{"slug": "change"}])
    event = make_event(app, "exam", 0, rules={"exam": True}, visibility="members")
    event.add("ada")
    assert (other.state("ada")["problems"], len(other.state("bob")["problems"])) == ([], 1)
    other.call("ada", "GET", "/problems/A", expect=403)
    inside = event.submit("ada")
    headers = app.headers("ada")

    def status(path: str, who: str = "ada") -> int:
        return app.client.get(path, headers=app.headers(who)).status_code

    assert [each["slug"] for each in app.client.get("/problems", headers=headers).get_json()["problems"]] == [
        "aplusb"
    ]
    assert (status("/problems/change"), status("/problems/change", "bob")) == (404, 200)
    assert app.submit("ada", problem="change").status_code == 403
    assert app.submit("ada").status_code == 403
    run = {"problem": "aplusb", "language": "python3", "source": "print(3)"}
    assert app.client.post("/runs", json=run, headers=headers).status_code == 202
    assert (status(f"/status/{before}"), status(f"/submissions/{before}")) == (404, 404)
    assert (status(f"/status/{inside}"), status(f"/submissions/{inside}")) == (200, 200)
    listed = app.client.get("/submissions", headers=headers).get_json()["submissions"]
    assert inside in [each["id"] for each in listed]
    assert before not in [each["id"] for each in listed]
    assert status("/me/export") == 403
    assert status("/events/exam/problems/A", "bob") == 404
    event.call("author", "PATCH", "", {"starts_at": moment(-60), "ends_at": moment(-1)}, expect=200)
    assert (status("/problems/change"), status(f"/status/{before}")) == (200, 200)


def test_a_problem_that_is_not_published_shows_to_members_from_their_start(own_app: AppFixture) -> None:
    app = own_app
    row = app.services.problems.get("aplusb")
    assert row is not None
    hidden = replace(row, spec={**row.spec, "embargo_until": "2999-01-01T00:00:00Z"})
    app.services.problems.put(hidden)
    event = make_event(app, "secret", 10, 60)
    event.add("ada")
    paths = ("/problems/aplusb", "/events/secret/problems/A")

    def seen(who: str) -> list[int]:
        return [app.client.get(path, headers=app.headers(who)).status_code for path in paths]

    assert seen("ada") == [404, 403]
    event.call("author", "PATCH", "", {"starts_at": moment(-1)}, expect=200)
    assert seen("ada") == [200, 200]
    assert seen("bob") == [404, 200]
    assert app.submit("bob").status_code == 422
    assert app.submit("ada", event="secret").status_code == 202


def test_only_problems_that_the_author_may_see_go_into_an_event(own_app: AppFixture) -> None:
    app = own_app
    row = app.services.problems.get("aplusb")
    assert row is not None
    app.services.problem_members.set_owner("aplusb", app.accounts["admin"].account.id, "test")
    app.services.problems.put(replace(row, spec={**row.spec, "embargo_until": "2999-01-01T00:00:00Z"}))
    body = {
        "slug": "thief",
        "title": "x",
        "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": "2027-01-01T00:00:00Z",
    }
    answer = app.client.post(
        "/events", json={**body, "problems": [{"slug": "aplusb"}]}, headers=app.headers("author")
    )
    assert answer.status_code == 422
    assert "there is no problem" in answer.get_json()["detail"]
