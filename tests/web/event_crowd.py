"""Events in each phase, with submissions and everything that a jury makes, and a client of each role."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient

from judge_api.http.auth import CSRF_HEADER
from judge_api.store.event_invitations import NewInvitation
from judge_api.store.event_similarity import ReportOptions, SimilarPair
from judge_core.model.account import Role, Tier
from tests.web.app_fixture import AccountWithKey, AppFixture
from tests.web.event_fixture import EventClient, make_event, moment
from tests.web.event_routes import PHASES
from tests.web.lti_platform import FakePlatform
from tests.web.test_lti import custom, launch, link_of

_ENDLESS = ("/events/<slug>/stream",)
_QUERIES = {"/event-feed": "?stream=false"}
_ACCOUNTS = {
    "stranger": "grace",
    "member": "ada",
    "guest": "bob",
    "hidden member": "hidden",
    "disabled member": "disabled",
    "jury": "author",
}


@dataclass(frozen=True, slots=True)
class Client:
    """A client of one role. It has an API key, the session of a browser, or neither."""

    client: FlaskClient
    headers: Mapping[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, rule: str, body: Any = None) -> tuple[int, str]:
        """The status and text of the answer. The text of an endless stream is left out."""
        asked = {} if body is None else {"json": body}
        if isinstance(body, bytes):
            asked = {"data": {"file": (io.BytesIO(body), "file")}}
        answer = self.client.open(path, method=method, headers=dict(self.headers), **asked)
        text = "" if rule in _ENDLESS else answer.get_data().decode(errors="replace")
        answer.close()
        return answer.status_code, text


@dataclass(frozen=True, slots=True)
class PhaseEvent:
    """An event in one phase. ``ids`` has one id for each part of an address, such as ``members``."""

    event: EventClient
    ids: Mapping[str, str]

    @property
    def title(self) -> str:
        return title_of(self.event.slug)

    def path(self, rule: str, kind: str = "", real_ids: bool = True) -> str:
        """The address of a route. Without ``real_ids`` its ids do not exist, so a request changes nothing."""
        path = rule.replace("/events/<id>", f"/events/{self.event.slug}")
        path = path.replace("<slug>", self.event.slug).replace("<label>", "A").replace("<int:number>", "0")
        path = path.replace("<kind>", kind or "submissions")
        before, found, after = path.partition("/<id>")
        if found:
            id = self.ids.get(before.rpartition("/")[2], "x") if real_ids else "x"
            path = f"{before}/{id}{after}"
        return path + next((query for end, query in _QUERIES.items() if path.endswith(end)), "")


def title_of(slug: str) -> str:
    return f"The secret title of {slug}"


def add_account(app: AppFixture, name: str, role: Role = Role.USER) -> None:
    account = app.services.accounts.add(name, Tier.NORMAL, role)
    app.accounts[name] = AccountWithKey(account, app.services.accounts.issue_key(account.id, "test")[1])


def make_clients(app: AppFixture, platform: FakePlatform) -> dict[str, Client]:
    """A client of each role. The learner has signed in by a launch from a learning platform."""
    add_account(app, "other author", Role.AUTHOR)
    add_account(app, "hidden")
    add_account(app, "disabled")
    names = {**_ACCOUNTS, "other author": "other author", "admin": "admin"}
    clients = {role: Client(app.client, app.headers(name)) for role, name in names.items()}
    return {"anonymous": Client(app.client), **clients, "LTI learner": _learner(app, platform)}


def _learner(app: AppFixture, platform: FakePlatform) -> Client:
    browser = app.flask.test_client()
    launch(browser, platform, **custom(link_of(app, make_event(app, "launched"))))
    session = browser.get("/session").get_json()
    name = session["account"]["name"]
    account = app.services.accounts.by_name(name)
    assert account is not None
    app.accounts["learner"] = AccountWithKey(account, "")
    return Client(browser, {CSRF_HEADER: session["csrf_token"]})


def make_phase_event(app: AppFixture, slug: str, phase: str, visibility: str) -> PhaseEvent:
    """Make an event in this phase, with members of each category and with submissions."""
    event = make_event_of_all(app, slug, visibility)
    members = event.call("author", "GET", "/members", expect=200)["members"]
    own = next(each["id"] for each in members if each["accounts"] == ["ada"])
    ids = {"members": own, "submissions": event.submit("ada")}
    ids |= _ids_of_jury(event, ids["submissions"], event.submit("bob"))
    move_to(event, phase)
    return PhaseEvent(event, ids)


def make_event_of_all(app: AppFixture, slug: str, visibility: str) -> EventClient:
    """Make a running event with a member of each category."""
    rules = {"freeze_minutes": 20}
    event = make_event(app, slug, -60, 60, rules, title=title_of(slug), visibility=visibility)
    categories = {"ada": "official", "bob": "guest", "hidden": "hidden", "disabled": "official"}
    names = {**categories, app.accounts["learner"].account.name: "official"}
    members = [{"accounts": [name], "category": category} for name, category in names.items()]
    event.call("author", "POST", "/members", {"members": members}, expect=200)
    found = event.call("author", "GET", "/members", expect=200)["members"]
    disabled = next(each["id"] for each in found if each["accounts"] == ["disabled"])
    event.call("author", "PATCH", f"/members/{disabled}", {"disabled": True}, expect=200)
    return event


def _ids_of_jury(event: EventClient, one: str, other: str) -> dict[str, str]:
    services = event.app.services
    stored = services.events.get(event.slug)
    assert stored is not None
    by = stored.created_by
    (invitation,) = services.event_invitations.add(
        stored.id, [NewInvitation("Ada")], by, stored.times.ends_at
    )
    report = services.similarity.add(stored.id, ReportOptions((), 50), by)
    claimed = services.similarity.claim("test")
    assert claimed is not None
    pair = SimilarPair(0, "aplusb", "python3", one, other, 0.97, 12, 20, [])
    assert services.similarity.add_pairs(claimed, "test", [pair], [])
    assert services.similarity.end(claimed, "test")
    rejudging = event.call("author", "POST", "/rejudgings", {"reason": "x"}, expect=201)
    return {"invitations": invitation.id, "similarity": report, "rejudgings": rejudging["id"]}


def move_to(event: EventClient, phase: str) -> None:
    """Put the event into this phase: change its times, and pause it or thaw its standings if the phase needs
    that."""
    starts, ends = PHASES[phase]
    times = {"starts_at": moment(starts), "ends_at": moment(ends)}
    event.call("author", "PATCH", "", times, expect=200)
    if phase == "paused":
        event.call("author", "PUT", "/pause", {"paused": True}, expect=200)
    if phase == "final" and event.state("author")["freeze_at"]:
        event.call("author", "PUT", "/freeze", {"thawed": True}, expect=200)
