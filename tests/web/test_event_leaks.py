"""No route says more about results that an event holds back than its standings: every route that reads, for
each client that is not of the jury.

Each route is read twice, once when the held-back submissions are accepted, once when they are wrong. What a
client gets must be the same. A route that is added is read too.
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
from werkzeug.routing import Rule

from judge_api.store.attempts import AttemptStore
from judge_api.store.problems import problem_row
from judge_api.store.verdicts import VerdictStore
from judge_core.model.account import Role, Tier
from judge_core.model.verdict import Verdict
from tests.support.records import finished
from tests.web.app_fixture import PROBLEMS, AccountWithKey, AppFixture
from tests.web.event_fixture import make_event, moment

HELD_BACK = {"icy": "aplusb", "over": "change", "grades": "pairsum"}
"""The events by slug with their problems: frozen, ended and not thawed, and with standings for the jury."""
CLIENTS = ("anonymous", "bob", "co-author")
"""The public, another member, and an author of the problems who is a stranger to the events."""
STREAMS = {"/events/<slug>/stream", "/events/<id>", "/ws", "/admin/stream"}
SAME_FOR_ALL = {"/openapi.json", "/docs", "/docs/style.css"}
OPERATORS = {"/metrics", "/healthz", "/readyz"}
"""Counts of all verdicts are for operators: see :func:`test_metrics_are_for_this_host_or_a_token`."""
_VOLATILE = {"now", "version", "request_id", "heartbeat", "checked_at", "last_used_at", "token"}
CLICS_KINDS = (
    *("judgement-types", "languages", "problems", "groups", "organizations", "teams", "submissions"),
    *("judgements", "runs", "clarifications", "awards", "persons", "accounts", "commentary"),
)


@pytest.fixture(scope="module")
def crew(app: AppFixture) -> AppFixture:
    """The application with three problems; a co-author of each, who is not of the jury."""
    other = app.services.accounts.add("co-author", Tier.NORMAL, Role.AUTHOR)
    app.accounts["co-author"] = AccountWithKey(other, app.services.accounts.issue_key(other.id, "test")[1])
    author = app.accounts["author"].account
    for slug in HELD_BACK.values():
        stored = app.services.package_store.add_folder(PROBLEMS / slug)
        app.services.problems.put(problem_row(stored, author.id), author)
        app.services.problem_members.set_owner(slug, author.id, author.id)
        app.services.problem_members.add_co_author(slug, other.id, author.id)
    return app


@pytest.fixture(scope="module")
def held_back(crew: AppFixture) -> list[str]:
    """One submission of ada's in each event; the others are members too."""
    return [_submitted(crew, slug, problem) for slug, problem in HELD_BACK.items()]


def _submitted(app: AppFixture, slug: str, problem: str) -> str:
    rules = {"standings": "jury"} if slug == "grades" else {"freeze_minutes": 120}
    event = make_event(app, slug, -60, 60, rules, problems=[{"slug": problem}])
    event.add("ada")
    event.add("bob")
    id = event.submit("ada", None)
    if slug == "over":
        event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    return id


def _rules(app: AppFixture) -> list[Rule]:
    """Every route that reads, without streams, operators' counts and the files of the pages."""
    skipped = STREAMS | OPERATORS | SAME_FOR_ALL
    found = {rule.rule: rule for rule in app.flask.url_map.iter_rules() if "GET" in (rule.methods or ())}
    doubled = "/api/v4/"  # the views of /api once more
    return [
        rule
        for path, rule in sorted(found.items())
        if path not in skipped and "<path:" not in path and not path.startswith(doubled)
    ]


def _paths(app: AppFixture, rule: Rule, events: Mapping[str, str], ids: list[str]) -> Iterator[str]:
    """The addresses of a route, with every name that could say something."""
    serials = [str(app.services.submissions.status(id).serial) for id in ids]  # type: ignore[union-attr]
    of_event = rule.rule.startswith(("/events/", "/api/contests"))
    values: Mapping[str, list[str]] = {
        "slug": list(events if of_event else events.values()),
        "id": [*ids, *serials] or ["1"],
        "token": [*ids, *_links(app, ids)] or ["1"],
        "label": ["A"],
        "kind": ["submissions", "judgements"] if "<id>" in rule.rule else list(CLICS_KINDS),
        "category": ["algorithms"],
        "name": ["ada"],
    }
    names = re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)
    for chosen in itertools.product(*(values.get(name, ["x"]) for name in names)):
        path = rule.rule
        for name, value in zip(names, chosen, strict=True):
            path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
        yield path + _query(path, ids)


def _links(app: AppFixture, ids: list[str]) -> list[str]:
    """The public links that the owners made before the event began."""
    return [app.services.submission_links.make(id, app.accounts["ada"].account.id).token for id in ids]


def _query(path: str, ids: list[str]) -> str:
    queries = {"/event-feed": "?stream=false", "/runtimes": "?language=python3", "/standings": "?public=true"}
    queries |= {"/statuses": f"?ids={','.join(ids)}", "/verdicts": f"?ids={','.join(ids)}"}
    return next((query for end, query in queries.items() if path.endswith(end)), "")


def _read_all(app: AppFixture, who: str, events: Mapping[str, str], ids: list[str]) -> dict[str, str]:
    """The answers that a client gets of every route that reads."""
    app.services.scoreboards.forget()
    app.services.running_events.clear()
    app.services.statistics._cached = None
    headers = {} if who == "anonymous" else app.headers(who)
    found = {}
    for rule in _rules(app):
        for path in _paths(app, rule, events, ids):
            found[path] = _read(app, path, who)
    questions = [{"query": "question", "variables": {"titleSlug": slug}} for slug in events.values()]
    for body in questions if who != "anonymous" else ():
        answer = app.client.post("/graphql", json=body, headers=headers)
        found[f"/graphql {body['variables']}"] = answer.get_data(as_text=True)
    for slug in events:
        if found[f"/events/{slug}/standings?public=true"].startswith("200"):
            found[f"stream of {slug}"] = _first_of_stream(app, slug)
    return found


def _read(app: AppFixture, path: str, who: str) -> str:
    headers = {} if who == "anonymous" else app.headers(who)
    answer = app.client.get(path, headers=headers)
    text = f"{answer.status_code} {_settled(answer.get_data())}"
    answer.close()
    return text


def _first_of_stream(app: AppFixture, slug: str) -> str:
    stored = app.services.events.get(slug)
    assert stored is not None
    with app.services.scoreboard_feed.watch(stored, public=True) as watcher:
        return _settled((watcher.next(5.0) or "").encode())


def _settled(data: bytes) -> str:
    """Without clocks, and without the counters of changes: a judgement is a change, whatever it says."""
    if data.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = [name for name in archive.namelist() if name != "audit.json"]  # it has the export itself
        return "\n".join(f"{name} {_settled(archive.read(name))}" for name in names)
    try:
        return json.dumps(_without(json.loads(data)))
    except ValueError:
        return "\n".join(map(_settled_line, data.decode(errors="replace").splitlines()))


def _settled_line(line: str) -> str:
    """A line of a stream of JSON objects."""
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


def _differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(path for path in one if _timeless(one[path]) != _timeless(other[path]))


def _timeless(text: str) -> str:
    return re.sub(r"-?\d+:\d\d:\d\d\.\d+|\d{4}-\d\d-\d\dT[0-9:.]+Z", "", text)


def test_no_route_tells_an_accepted_submission_from_a_wrong_one(
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


def test_metrics_are_for_this_host_or_a_token(crew: AppFixture) -> None:
    """They count verdicts, so that the public must not read them."""
    elsewhere = {"REMOTE_ADDR": "203.0.113.5"}
    assert crew.client.get("/metrics", environ_base=elsewhere).status_code == 401
    assert crew.client.get("/metrics", headers=crew.headers("bob"), environ_base=elsewhere).status_code == 401


@pytest.mark.parametrize("path", sorted(OPERATORS - {"/metrics"}))
def test_the_health_of_the_server_names_no_verdict(crew: AppFixture, path: str) -> None:
    text = crew.client.get(path).get_data(as_text=True)
    assert not re.search(r'"(AC|WA|TLE|MLE|OLE|RTE|CE)"|verdict', text)


def test_no_route_names_an_event_or_its_problem_before_it_may_be_seen(crew: AppFixture) -> None:
    stored = crew.services.package_store.add_folder(PROBLEMS / "courier")
    row = problem_row(stored, crew.accounts["author"].account.id)
    crew.services.problems.put(replace(row, spec={**row.spec, "embargo_until": "2999-01-01T00:00:00Z"}))
    crew.services.problem_members.set_owner("courier", crew.accounts["author"].account.id, "test")
    members_only = {"title": "Whispered Event", "visibility": "members"}
    event = make_event(crew, "whispered", 10, 60, problems=[{"slug": "courier"}], **members_only)
    event.add("ada")
    secrets = ("Whispered Event", row.title)
    for who in ("anonymous", "co-author", "ada"):
        shown = secrets[1:] if who == "ada" else secrets
        read = _read_all(crew, who, {"whispered": "courier"}, [])
        assert [path for path, text in read.items() if any(each in text for each in shown)] == [], who
    text = _read(crew, "/events/whispered/state", "author")
    assert all(each in text for each in secrets)
