"""No route and no stream shows a client outside of the jury more of held-back results than the standings do.

Each route is requested twice: while the held-back submissions are accepted, and while they are wrong. Both
answers must be the same. A new route is requested automatically.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from simple_websocket import Client
from werkzeug.routing import Rule

from judge_api.http.auth import CSRF_HEADER
from judge_api.store.attempts import AttemptStore
from judge_api.store.problems import problem_row
from judge_api.store.verdicts import VerdictStore
from judge_core.model.account import Role, Tier
from judge_core.model.submission import Verdict
from tests.support.records import finished
from tests.web.app_fixture import PROBLEMS, AccountWithKey, AppFixture
from tests.web.event_crowd import move_to
from tests.web.event_fixture import EventClient, make_event, moment
from tests.web.event_routes import PHASES
from tests.web.served import Served, end, serve
from tests.web.test_event_invitations import Candidate, browser, invite

HELD_BACK = {"icy": "aplusb", "over": "change", "grades": "pairsum", "later": "nextprime"}
"""The events by slug with their problems: frozen, ended and not thawed, with standings for the jury, and with
results after the end."""
CLIENTS = ("anonymous", "bob", "grace", "candidate", "co-author")
"""The public, another member, a stranger, a person who was invited to another event, and an author of the
problems who is a stranger to the events."""
OWN = {"later": HELD_BACK["later"]}
TEAM = ("ada", "mate")
"""The account that submitted, and another account of its team. They see no results of the event ``later``
until its end."""
STREAMS = {"/events/<slug>/stream", "/events/<id>", "/ws", "/admin/stream"}
SAME_FOR_ALL = {"/openapi.json", "/docs", "/docs/style.css"}
OPERATORS = {"/metrics", "/healthz", "/readyz"}
"""Only operators may read the counts of all verdicts. See
:func:`test_metrics_are_refused_to_other_hosts_without_a_token`."""
_VOLATILE = {"now", "version", "request_id", "heartbeat", "checked_at", "last_used_at", "token"}
_VOLATILE |= {"attempt", "attempts"}  # these grow, because the test itself rejudges the submissions
_OF_OWN_ACCOUNT = (
    "/me",
    "/session",
    "/accounts",
    "/links",
    "/password",
    "/email",
    "/sso",
    "/lti",
    "/internal",
)
"""Changes of the client's own account, sign-in, and the workers' routes. They concern no submission."""
CLICS_KINDS = (
    *("judgement-types", "languages", "problems", "groups", "organizations", "teams", "submissions"),
    *("judgements", "runs", "clarifications", "awards", "persons", "accounts", "commentary"),
)


@pytest.fixture(scope="module")
def crew(app: AppFixture) -> AppFixture:
    """The application with the problems, and with an account that is a co-author of each but not of the
    jury."""
    for name, role in (("co-author", Role.AUTHOR), ("mate", Role.USER)):
        made = app.services.accounts.add(name, Tier.NORMAL, role)
        app.accounts[name] = AccountWithKey(made, app.services.accounts.issue_key(made.id, "test")[1])
    other = app.accounts["co-author"].account
    author = app.accounts["author"].account
    for slug in (*HELD_BACK.values(), "courier"):
        stored = app.services.package_store.add_folder(PROBLEMS / slug)
        app.services.problems.put(problem_row(stored, author.id), author)
        app.services.problem_members.set_owner(slug, author.id, author.id)
        app.services.problem_members.add_co_author(slug, other.id, author.id)
    return app


@pytest.fixture(scope="module")
def held_back(crew: AppFixture) -> list[str]:
    """The submission of ada's team in each event. bob is a member too."""
    return [_submitted(crew, slug, problem) for slug, problem in HELD_BACK.items()]


RULES: Mapping[str, dict[str, Any]] = {
    "grades": {"standings": "jury"},
    "later": {"feedback": "after-end", "scoring": "ioi"},
}


def _submitted(app: AppFixture, slug: str, problem: str) -> str:
    rules = RULES.get(slug, {"freeze_minutes": 120})
    event = make_event(app, slug, -60, 60, rules, problems=[{"slug": problem}])
    event.add("ada", "mate", name="Two of a team")
    event.add("bob")
    id = event.submit("ada", None)
    if slug == "over":
        event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    return id


def _rules(app: AppFixture) -> list[Rule]:
    """Every route that reads, except streams, operators' counts and pages that are the same for all."""
    skipped = STREAMS | OPERATORS | SAME_FOR_ALL
    found = {rule.rule: rule for rule in app.flask.url_map.iter_rules() if "GET" in (rule.methods or ())}
    doubled = "/api/v4/"  # these routes have the same views as those of /api
    return [
        rule for path, rule in sorted(found.items()) if path not in skipped and not path.startswith(doubled)
    ]


def _paths(app: AppFixture, rule: Rule, events: Mapping[str, str], ids: list[str]) -> Iterator[str]:
    """The addresses of a route, with every name and id that could reveal something."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)
    of_event = rule.rule.startswith(("/events/", "/api/contests"))
    values: Mapping[str, list[str]] = {
        "slug": list(events if of_event else events.values()),
        "id": [*ids, *(_serials(app, ids) if "id" in names else ())] or ["1"],
        "token": [*ids, *(_links(app, ids) if "token" in names else ())] or ["1"],
        "label": ["A"],
        "kind": ["submissions", "judgements"] if "<id>" in rule.rule else list(CLICS_KINDS),
        "category": ["algorithms"],
        "name": ["ada"],
        "path": ["problem.yaml", "data/secret/1.ans"],
    }
    of_own_event = dict(zip(events, ids, strict=False))
    for chosen in itertools.product(*(values.get(name, ["x"]) for name in names)):
        pairs = dict(zip(names, chosen, strict=True))
        has_both = of_event and {"slug", "id"} <= pairs.keys()
        if has_both and of_own_event.get(pairs["slug"], "1") != pairs["id"]:
            continue  # this submission belongs to another event
        path = rule.rule
        for name, value in zip(names, chosen, strict=True):
            path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
        yield path + _query(path, ids)


def _serials(app: AppFixture, ids: list[str]) -> list[str]:
    return [str(app.services.submissions.status(id).serial) for id in ids]  # type: ignore[union-attr]


def _links(app: AppFixture, ids: list[str]) -> list[str]:
    """Public links of the submissions, as if the owner had made them before the event began."""
    return [app.services.submission_links.make(id, app.accounts["ada"].account.id).token for id in ids]


def _query(path: str, ids: list[str]) -> str:
    queries = {"/event-feed": "?stream=false", "/runtimes": "?language=python3", "/standings": "?public=true"}
    queries |= {"/statuses": f"?ids={','.join(ids)}", "/verdicts": f"?ids={','.join(ids)}"}
    return next((query for end, query in queries.items() if path.endswith(end)), "")


def _read_all(app: AppFixture, who: str, events: Mapping[str, str], ids: list[str]) -> dict[str, str]:
    """The answers that a client gets from every route that reads, by address."""
    app.services.scoreboards.forget()
    app.services.running_events.clear()
    app.services.statistics._cached = None
    found = {}
    for rule in _rules(app):
        for path in _paths(app, rule, events, ids):
            found[path] = _read(app, path, who)
    for body in _questions(events) if who != "anonymous" else ():
        found[f"/graphql {body}"] = _read(app, "/graphql", who, body)
    for slug in events:
        if found[f"/events/{slug}/standings?public=true"].startswith("200"):
            found[f"stream of {slug}"] = _first_of_stream(app, slug)
    return found


def _questions(events: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every query that Gavel answers in LeetCode's GraphQL."""
    of_one = [{"query": "question", "variables": {"titleSlug": slug}} for slug in events.values()]
    return [*of_one, {"query": "problemsetQuestionList"}, {"query": "userStatus"}]


def _client(app: AppFixture, who: str) -> tuple[FlaskClient, dict[str, str]]:
    if who == "candidate":
        found: Candidate = app.flask.extensions["candidate"]
        return found.client, {CSRF_HEADER: found.csrf}
    return app.client, {} if who == "anonymous" else app.headers(who)


def _read(app: AppFixture, path: str, who: str, body: Any = None, method: str | None = None) -> str:
    client, headers = _client(app, who)
    asked = {} if body is None else {"json": body}
    method = method or ("GET" if body is None else "POST")
    answer = client.open(path, method=method, headers=headers, **asked)
    text = f"{answer.status_code} {_settled(answer.get_data())}"
    answer.close()
    return text


def _first_of_stream(app: AppFixture, slug: str) -> str:
    stored = app.services.events.get(slug)
    assert stored is not None
    with app.services.scoreboard_feed.watch(stored, public=True) as watcher:
        return _settled((watcher.next(5.0) or "").encode())


def _settled(data: bytes) -> str:
    """The answer without times and without counters of changes, which grow with each judgement, whatever its
    verdict is."""
    if data.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = [name for name in archive.namelist() if name != "audit.json"]  # the log notes each export
        return "\n".join(f"{name} {_settled(archive.read(name))}" for name in names)
    try:
        return json.dumps(_without(json.loads(data)))
    except ValueError:
        return "\n".join(map(_settled_line, data.decode(errors="replace").splitlines()))


def _settled_line(line: str) -> str:
    """The same for a line of a stream of JSON objects."""
    try:
        return json.dumps(_without(json.loads(line)))
    except ValueError:
        return line


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(each) for name, each in value.items() if name not in _VOLATILE}
    return [_without(each) for each in value] if isinstance(value, list) else value


def _judge(app: AppFixture, ids: list[str], verdict: Verdict) -> None:
    """Judge the submissions, or judge them again."""
    for id in ids:
        status = app.services.submissions.status(id)
        assert status is not None
        if status.stage.is_final:
            status = AttemptStore(app.services.engine).rejudge(id)
            assert status is not None
        report = finished(id, attempt=status.attempt, verdict=verdict)
        assert VerdictStore(app.services.engine).record(report) is not None
        app.services.status_service.publish_change(id)


def _differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(path for path in one if _timeless(one[path]) != _timeless(other[path]))


def _timeless(text: str) -> str:
    return re.sub(r"-?\d+:\d\d:\d\d\.\d+|\d{4}-\d\d-\d\dT[0-9:.]+Z", "", text)


@pytest.fixture(scope="module", autouse=True)
def candidate(crew: AppFixture) -> Candidate:
    """The client of a person who was invited to another event."""
    event = make_event(crew, "hiring", -60, 600, {"length_minutes": 60}, problems=[{"slug": "courier"}])
    [(_, token)] = invite(event, "Ada Lovelace")
    person = browser(crew)
    assert person.open(token).status_code == 200
    crew.flask.extensions["candidate"] = person
    return person


def test_a_held_back_result_does_not_change_the_answer_of_any_route(
    crew: AppFixture, held_back: list[str]
) -> None:
    read, answers = {}, []
    for verdict in (Verdict.AC, Verdict.WA):
        _judge(crew, held_back, verdict)
        read[verdict] = {who: _read_all(crew, who, HELD_BACK, held_back) for who in CLIENTS}
        answers.append(_read(crew, "/events/icy/submissions", "author"))
    for who in CLIENTS:
        assert _differences(read[Verdict.AC][who], read[Verdict.WA][who]) == [], who
    assert answers[0] != answers[1]


def test_a_team_cannot_read_its_own_held_back_result_before_the_end(
    crew: AppFixture, held_back: list[str]
) -> None:
    read = {}
    for verdict in (Verdict.AC, Verdict.WA):
        _judge(crew, held_back[-1:], verdict)
        read[verdict] = {who: _read_all(crew, who, OWN, held_back[-1:]) for who in TEAM}
    for who in TEAM:
        assert _differences(read[Verdict.AC][who], read[Verdict.WA][who]) == [], who


def _changes(app: AppFixture) -> Iterator[tuple[str, Rule]]:
    """Every route that changes something, except those of the client's own account."""
    for rule in sorted(app.flask.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.rule.startswith((*_OF_OWN_ACCOUNT, "/api/v4")):
            continue
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            yield method, rule


def test_a_held_back_result_does_not_change_the_reason_of_a_refusal(
    crew: AppFixture, held_back: list[str]
) -> None:
    """A refused change of others' submissions and events must give the same reason for both results."""
    answers: dict[Verdict, dict[str, str]] = {}
    for verdict in (Verdict.AC, Verdict.WA):
        _judge(crew, held_back, verdict)
        crew.services.scoreboards.forget()
        answers[verdict] = {
            f"{who}: {method} {path}": _read(crew, path, who, {}, method)
            for method, rule in _changes(crew)
            for path in _paths(crew, rule, HELD_BACK, held_back[:1])
            for who in ("bob", "grace")
        }
    assert _differences(answers[Verdict.AC], answers[Verdict.WA]) == []


def _open_stream(app: AppFixture, path: str, who: str) -> tuple[int, Iterator[str]]:
    """The status of a stream, and an iterator over its messages."""
    client, headers = _client(app, who)
    answer = client.get(path, headers=headers)
    parts = (part.decode() for part in answer.iter_encoded())
    return answer.status_code, (part for part in parts if "data: " in part)


def _data(message: str) -> str:
    return _settled(message.partition("data: ")[2].strip().encode())


def test_a_held_back_result_does_not_change_the_stream_of_standings(
    crew: AppFixture, held_back: list[str]
) -> None:
    """A stream sends first the whole standings, then the rows that change after a judgement."""
    seen: dict[Verdict, list[str]] = {}
    for verdict in (Verdict.AC, Verdict.WA):
        crew.services.scoreboards.forget()
        opened = [
            _open_stream(crew, f"/events/{slug}/stream", who) for slug in ("icy", "over") for who in CLIENTS
        ]
        # The candidate, who was invited to another event, gets 403.
        assert {status for status, _ in opened} == {200, 403}
        streams = [messages for status, messages in opened if status == 200]
        wholes = [_data(next(each)) for each in streams]
        _judge(crew, held_back, verdict)
        seen[verdict] = [_data(next(each)) for each in streams]
        assert all('"whole": true' in each for each in wholes)
        assert all('"rows": []' in each for each in seen[verdict])
        for each in streams:
            each.close()  # type: ignore[attr-defined]
    assert seen[Verdict.AC] == seen[Verdict.WA]


@pytest.mark.parametrize("slug", ["grades", "later"])
def test_held_back_standings_have_no_stream(crew: AppFixture, held_back: list[str], slug: str) -> None:
    for who in (*CLIENTS, *TEAM):
        assert _read(crew, f"/events/{slug}/stream", who)[:3] in ("401", "403"), who


def test_the_stream_of_a_status_is_refused_to_other_accounts(crew: AppFixture, held_back: list[str]) -> None:
    for id in held_back:
        for who in (*CLIENTS, "mate"):
            assert _read(crew, f"/events/{id}", who)[:3] in ("401", "403", "404"), who


def test_the_stream_of_administrators_is_refused_to_other_roles(crew: AppFixture) -> None:
    for who in (*CLIENTS, *TEAM, "author"):
        assert _read(crew, "/admin/stream", who)[:3] in ("401", "403"), who


def test_a_streamed_status_has_no_held_back_result(crew: AppFixture, held_back: list[str]) -> None:
    """The account that submitted gets no result by Server-Sent Events until the event has ended."""
    seen = []
    for verdict in (Verdict.AC, Verdict.WA):
        _judge(crew, held_back[-1:], verdict)
        _, messages = _open_stream(crew, f"/events/{held_back[-1]}", "ada")
        seen.append([_timeless(_data(each)) for each in messages])
    assert len(seen[0]) == 1
    assert seen[0] == seen[1]
    assert "DONE" in seen[0][0]


@pytest.fixture(scope="module")
def sockets(crew: AppFixture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = serve(crew, tmp_path_factory.mktemp("log") / "api.log")
    yield running
    end(running)


def test_a_websocket_sends_no_held_back_result(
    crew: AppFixture, held_back: list[str], sockets: Served
) -> None:
    """Other accounts are refused. The account that submitted gets the status without the result."""
    seen = []
    for verdict in (Verdict.AC, Verdict.WA):
        _judge(crew, held_back, verdict)
        seen.append(
            [
                *(_watched(sockets, who, id) for who in ("bob", "grace", "co-author") for id in held_back),
                _timeless(_watched(sockets, "ada", held_back[-1])),
            ]
        )
    assert seen[0] == seen[1]
    assert all("/errors/not-found" in each for each in seen[0][:-1])
    assert "DONE" in seen[0][-1]


def _watched(served: Served, who: str, id: str) -> str:
    """Watch a submission over a WebSocket. Returns its first message."""
    client = Client.connect(f"{served.url.replace('http', 'ws', 1)}/ws", headers=served.app.headers(who))
    try:
        client.send(json.dumps({"watch": id}))
        answer = client.receive(timeout=60)
    finally:
        client.close()
    assert answer is not None, f"{who} got no message about {id} within 60 s"
    return _settled(str(answer).encode())


def test_metrics_are_refused_to_other_hosts_without_a_token(crew: AppFixture) -> None:
    """Metrics count verdicts, so the public must not read them."""
    elsewhere = {"REMOTE_ADDR": "203.0.113.5"}
    assert crew.client.get("/metrics", environ_base=elsewhere).status_code == 401
    assert crew.client.get("/metrics", headers=crew.headers("bob"), environ_base=elsewhere).status_code == 401


@pytest.mark.parametrize("path", sorted(OPERATORS - {"/metrics"}))
def test_the_health_checks_of_the_server_show_no_verdict(crew: AppFixture, path: str) -> None:
    text = crew.client.get(path).get_data(as_text=True)
    assert not re.search(r'"(AC|WA|TLE|MLE|OLE|RTE|CE)"|verdict', text)


@pytest.fixture(scope="module")
def whispered(crew: AppFixture) -> EventClient:
    """An event for its members, with a problem that is not published."""
    stored = crew.services.package_store.add_folder(PROBLEMS / "foursquares")
    row = problem_row(stored, crew.accounts["author"].account.id)
    crew.services.problems.put(replace(row, spec={**row.spec, "embargo_until": "2999-01-01T00:00:00Z"}))
    crew.services.problem_members.set_owner("foursquares", crew.accounts["author"].account.id, "test")
    rules = {"freeze_minutes": 20}
    problems = [{"slug": "foursquares"}]
    event = make_event(
        crew, "whispered", 10, 60, rules, problems=problems, title="Whispered Event", visibility="members"
    )
    event.add("ada")
    return event


@pytest.mark.parametrize(
    "phase",
    [
        phase if phase in ("before", "running") else pytest.param(phase, marks=pytest.mark.slow)
        for phase in PHASES
    ],
)
def test_routes_do_not_name_a_hidden_event_or_its_problem(
    crew: AppFixture, whispered: EventClient, phase: str
) -> None:
    move_to(whispered, phase)
    row = crew.services.problems.get("foursquares")
    assert row is not None
    secrets = ("Whispered Event", row.title)
    hidden: dict[str, tuple[str, ...]] = {
        "anonymous": secrets,
        "co-author": secrets,
        "grace": secrets,
        "candidate": secrets,
    }
    if phase == "before":
        hidden["ada"] = secrets[1:]
    for who, shown in hidden.items():
        read = _read_all(crew, who, {"whispered": "foursquares"}, [])
        assert [path for path, text in read.items() if any(each in text for each in shown)] == [], who
    text = _read(crew, "/events/whispered/state", "author")
    assert all(each in text for each in secrets)
