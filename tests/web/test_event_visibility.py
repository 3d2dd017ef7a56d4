"""No route shows anything of an event to clients that may not see it. Each role requests each route, and
requests each route that names an event in each phase.

``event_routes.py`` lists the clients that may use each route. A route without a row there fails a test here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from judge_api.http.auth import CSRF_HEADER
from judge_api.store.attempts import AttemptStore
from judge_api.store.problems import problem_row
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Verdict
from tests.support.records import finished
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import PROBLEMS, AppFixture, build_app
from tests.web.event_crowd import (
    Client,
    PhaseEvent,
    make_clients,
    make_event_of_all,
    make_phase_event,
    move_to,
    title_of,
)
from tests.web.event_fixture import EventClient, make_event, moment
from tests.web.event_routes import (
    INSIDE,
    JURY,
    KINDS,
    OF_INVITED,
    OF_SUBMISSIONS,
    PHASES,
    PHASES_OF_INVITED,
    PREFIXES,
    READS,
    REFUSED,
    ROLES,
    TABLE,
    Access,
)
from tests.web.lti_platform import running_platform
from tests.web.test_event_invitations import browser, invite
from tests.web.test_lti import LOCAL

OUTSIDE = [role for role in ROLES if role not in INSIDE]
HIDDEN = {*REFUSED, 404}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An application that may call loopback, because the learning platform is there."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    built = build_app(tmp_path_factory.mktemp("data"), server, GAVEL_MAX_UNFINISHED="100000", **LOCAL)
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()
    server.discard()


@pytest.fixture(scope="module")
def clients(app: AppFixture) -> Iterator[dict[str, Client]]:
    with running_platform() as platform:
        admin = app.headers("admin")
        answer = app.client.post("/admin/lti/platforms", json=platform.registration, headers=admin)
        assert answer.status_code == 201, answer.get_json()
        yield make_clients(app, platform)


@pytest.fixture(scope="module")
def events(app: AppFixture, clients: dict[str, Client]) -> dict[tuple[str, str], PhaseEvent]:
    """For each phase, an event that all see, and an event that only its members see."""
    return {
        (visibility, phase): make_phase_event(app, f"{visibility}-{phase}", phase, visibility)
        for visibility in ("public", "members")
        for phase in PHASES
    }


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a route about an event in one phase."""

    method: str
    rule: str
    event: PhaseEvent
    phase: str
    kind: str = ""

    def send(self, client: Client, body: Any = None) -> tuple[int, str]:
        is_read = self.method == "GET"
        path = self.event.path(self.rule, self.kind, real_ids=is_read)
        return client.ask(self.method, path, self.rule, body)

    def fault(self, role: str, found: object, wanted: object) -> str:
        return f"{self.phase}: {role}: {self.event.path(self.rule, self.kind)}: {found}, not {wanted}"


def _requests(method: str, rule: str, event: PhaseEvent, phase: str) -> Iterator[tuple[Request, Access]]:
    """The request to a route, with its row. A route for lists of the Contest API gets a request for each kind
    of object."""
    if rule.endswith("/<kind>"):
        for kind, row in KINDS.items():
            yield Request(method, rule, event, phase, kind), row
    else:
        yield Request(method, rule, event, phase), TABLE[method, rule]


def _faults(request: Request, row: Access, role: str, client: Client) -> Iterator[str]:
    """The differences between the answer and what the row demands."""
    status, text = request.send(client, row.body)
    allowed = role in row.who[request.phase]
    if status >= 500 or (
        request.method == "GET" and allowed and status >= 400 and "/lti" not in request.rule
    ):
        yield request.fault(role, f"{status} {text[:200]}", 200)
    elif allowed and status in REFUSED:
        yield request.fault(role, f"{status} {text[:200]}", "allowed")
    elif not allowed and status not in row.refusals:
        yield request.fault(role, status, sorted(row.refusals))
    if request.phase == "before" and role not in JURY and "A plus B" in text:
        yield request.fault(role, "the problem's name", "before the start")


def _phases(rule: str) -> Collection[str]:
    """The phases in which a route is tested. One phase is enough for a route that names no event."""
    return PHASES if "<" in rule else ("running",)


def _spare_event(app: AppFixture, phase: str) -> PhaseEvent:
    event = make_event_of_all(app, f"spare-{len(app.services.events.all())}", "public")
    move_to(event, phase)
    return PhaseEvent(event, {})


@pytest.mark.parametrize(("method", "rule"), TABLE)
def test_each_route_of_an_event_is_open_to_the_listed_clients_in_each_phase(
    app: AppFixture,
    clients: dict[str, Client],
    events: dict[tuple[str, str], PhaseEvent],
    method: str,
    rule: str,
) -> None:
    faults: list[str] = []
    for phase in _phases(rule):
        event = events["public", phase]
        if TABLE[method, rule].spoils:
            event = _spare_event(app, phase)
        for request, row in _requests(method, rule, event, phase):
            # Clients that are refused come first, because other clients may change the event.
            for role in sorted(ROLES, key=lambda role: role in row.who[phase]):
                faults += _faults(request, row, role, clients[role])
    assert faults == []


@pytest.mark.parametrize(("method", "rule"), TABLE)
def test_other_clients_cannot_find_an_event_for_its_members(
    clients: dict[str, Client], events: dict[tuple[str, str], PhaseEvent], method: str, rule: str
) -> None:
    """Neither a status nor a title reveals the event to other clients. For members and jury the event works
    like a public event."""
    faults = []
    for phase in _phases(rule):
        for request, row in _requests(method, rule, events["members", phase], phase):
            for role in OUTSIDE:
                status, text = request.send(clients[role], row.body)
                if "<slug>" in rule and status not in HIDDEN:
                    faults.append(request.fault(role, status, "hidden"))
                if request.event.title in text:
                    faults.append(request.fault(role, "its title", "hidden"))
            if method == "GET" and phase == "frozen":
                for role in INSIDE:
                    faults += _faults(request, row, role, clients[role])
    assert faults == []


def test_each_route_of_events_is_listed(app: AppFixture) -> None:
    found = {
        (method, rule.rule)
        for rule in app.flask.url_map.iter_rules()
        if rule.rule.startswith(PREFIXES)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found - OF_SUBMISSIONS == set(TABLE)
    assert set(OF_INVITED) <= set(TABLE)


def test_the_addresses_of_domjudge_lead_to_the_same_views(app: AppFixture) -> None:
    """So the rows of ``/api/contests`` apply to these addresses too."""
    views, rules = app.flask.view_functions, list(app.flask.url_map.iter_rules())

    def below(prefix: str) -> dict[tuple[str, str], Any]:
        found = (rule for rule in rules if rule.rule.startswith(prefix))
        return {
            (rule.rule.removeprefix(prefix), method): getattr(views[rule.endpoint], "__wrapped__", None)
            or views[rule.endpoint]
            for rule in found
            for method in rule.methods or ()
        }

    assert below("/api/v4/contests") == below("/api/contests")


@pytest.fixture(scope="module")
def invited(app: AppFixture) -> dict[str, tuple[PhaseEvent, Client]]:
    """For each phase, an event in which each member has its own window, and a person who was invited to
    it."""
    return {phase: _invited(app, f"hiring-{phase}", phase) for phase in PHASES_OF_INVITED}


def _invited(app: AppFixture, slug: str, phase: str) -> tuple[PhaseEvent, Client]:
    rules = {"length_minutes": 30}
    event = make_event(app, slug, -60, 600, rules, title=title_of(slug), visibility="members")
    [(id, token)] = invite(event, "Ada Lovelace")
    person = browser(app)
    assert person.open(token).status_code == 200
    event.call("author", "PATCH", f"/invitations/{id}", {"shows_report": True}, expect=200)
    member = event.call("author", "GET", "/members", expect=200)["members"][0]["id"]
    move_to(event, phase)
    return PhaseEvent(event, {"invitations": id, "members": member}), Client(
        person.client, {CSRF_HEADER: person.csrf}
    )


@pytest.mark.parametrize("phase", PHASES_OF_INVITED)
def test_an_invited_person_can_use_only_the_listed_routes_of_one_event(
    invited: dict[str, tuple[PhaseEvent, Client]],
    events: dict[tuple[str, str], PhaseEvent],
    phase: str,
) -> None:
    own, person = invited[phase]
    faults = []
    for method, rule in TABLE:
        if not rule.startswith(("/events", "/api/contests")):
            continue
        for event in (own, events["public", phase], events["members", phase]):
            for request, row in _requests(method, rule, event, phase):
                status, text = request.send(person, row.body)
                allowed = event is own and phase in OF_INVITED.get((method, rule), ())
                if allowed is (status in HIDDEN) or status >= 500:
                    faults.append(request.fault("invited", f"{status} {text[:200]}", allowed))
                if event is not own and event.title in text:
                    faults.append(request.fault("invited", "its title", "hidden"))
    assert faults == []


@pytest.mark.parametrize("phase", PHASES)
def test_an_event_is_listed_for_the_clients_that_may_see_the_event(
    events: dict[tuple[str, str], PhaseEvent], clients: dict[str, Client], phase: str
) -> None:
    for role in ROLES:
        for path in ("/events", "/api/contests"):
            _, text = clients[role].ask("GET", path, path)
            assert title_of(f"public-{phase}") in text
            assert (title_of(f"members-{phase}") in text) is (role in INSIDE), role


NAMES = {"stranger": "grace", "member": "ada", "jury": "author", "admin": "admin"}


def _event_in(app: AppFixture, slug: str, phase: str, **changes: Any) -> EventClient:
    starts, ends = PHASES[phase]
    event = make_event(app, slug, starts, ends, {"freeze_minutes": 20}, **changes)
    event.add("ada")
    event.add("bob")
    return event


def _ask(event: EventClient, who: str, path: str) -> int:
    headers = {} if who == "anonymous" else event.app.headers(NAMES[who])
    answer = event.app.client.get(f"/events/{event.slug}{path}", headers=headers)
    answer.close()
    return answer.status_code


def test_an_event_for_its_jury_is_not_found_by_other_clients(app: AppFixture) -> None:
    event = _event_in(app, "draft", "running", visibility="jury")
    for who in ("anonymous", *NAMES):
        assert _ask(event, who, "/state") == (200 if who in JURY else 404)


def test_members_see_their_own_results_when_standings_are_for_the_jury(app: AppFixture) -> None:
    event = make_event(app, "grades", rules={"standings": "jury"})
    event.add("ada")
    event.submit("ada")
    assert _ask(event, "member", "/standings") == 403
    assert _ask(event, "member", "/stream") == 403
    assert _ask(event, "jury", "/standings") == 200
    assert event.state("ada")["problems"][0]["own"]["solved"] is True


def _all_that_others_read(event: EventClient, who: str) -> str:
    """All that a client reads who is neither of the jury nor the submitter."""
    app = event.app
    headers = {} if who == "anonymous" else app.headers(who)
    own = (rule for rule in READS if rule.startswith("/events/<slug>/") and not rule.endswith("/stream"))
    paths = [PhaseEvent(event, {}).path(rule) for rule in own]
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
    """The answer without the time, the version and the request id, which differ between two answers."""
    try:
        body = json.loads(text)
    except ValueError:
        return text
    return json.dumps(
        {name: value for name, value in body.items() if name not in ("now", "version", "request_id")}
    )


@pytest.mark.parametrize("phase", ["frozen", "ended"])
def test_a_result_after_the_freeze_does_not_change_what_other_clients_read(
    own_app: AppFixture, phase: str
) -> None:
    """Other clients read the same for an accepted and for a wrong submission."""
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


def test_a_member_sees_only_problems_and_submissions_of_the_exam_during_an_exam(own_app: AppFixture) -> None:
    app = own_app
    stored = app.services.package_store.add_folder(PROBLEMS / "change")
    app.services.problems.put(problem_row(stored, None))
    before = app.submit("ada").get_json()["id"]
    other = make_event(app, "other", problems=[{"slug": "change"}])
    event = make_event(app, "exam", 0, rules={"exam": True}, visibility="members")
    event.add("ada")
    assert (other.state("ada")["problems"], len(other.state("bob")["problems"])) == ([], 1)
    other.call("ada", "GET", "/problems/A", expect=403)
    other.add("ada")
    assert (other.state("ada")["may_submit"], event.state("ada")["may_submit"]) == (False, True)
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


def test_members_see_an_unpublished_problem_of_an_event_after_the_start(own_app: AppFixture) -> None:
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


def test_a_problem_that_the_author_may_not_see_cannot_be_added_to_an_event(own_app: AppFixture) -> None:
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
