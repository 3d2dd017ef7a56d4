"""An invitation lets a person without an account take part in one event, once, and gives no other access."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from judge_api.http import one_event
from judge_api.http.auth import COOKIE, CSRF_HEADER
from judge_api.services import candidate_report
from judge_api.store.event_similarity import ReportOptions, SimilarPair
from judge_api.store.events import EventStore
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict
from judge_core.model.submission import Verdict
from tests.support.records import finished
from tests.web.app_fixture import SUM, AppFixture
from tests.web.event_fixture import EventClient, make_event, moment

HTML = {"Accept": "text/html"}
RULES = {"length_minutes": 30, "exam": True}


@dataclass(slots=True)
class Candidate:
    """The browser of an invited person."""

    client: FlaskClient
    csrf: str = ""

    def send(self, method: str, path: str, body: Any = None) -> Any:
        headers = {CSRF_HEADER: self.csrf} if self.csrf else {}
        sent = {"json": body} if body is not None else {}
        return self.client.open(path, method=method, headers=headers, **sent)

    def open(self, token: str) -> Any:
        answer = self.send("POST", "/event-invitations/opening", {"token": token})
        if answer.status_code == 200:
            self.csrf = answer.get_json()["csrf_token"]
        return answer

    def submit(self, **changes: Any) -> Any:
        body = {"problem": "A", "language": "python3", "source": SUM, **changes}
        return self.send("POST", "/submissions", body)


def browser(app: AppFixture) -> Candidate:
    return Candidate(app.flask.test_client())


def invite(event: EventClient, *names: str, **changes: Any) -> list[tuple[str, str]]:
    """Invite persons. Returns the id and the link's secret of each."""
    body = {"people": [{"name": name} for name in names], **changes}
    made = event.call("author", "POST", "/invitations", body, expect=201)["invitations"]
    return [(each["id"], each["link"].partition("/invited#")[2]) for each in made]


@pytest.fixture(scope="module")
def event(app: AppFixture) -> EventClient:
    return make_event(app, "hiring", -60, 600, RULES, visibility="members")


@pytest.fixture(scope="module")
def other(app: AppFixture) -> EventClient:
    return make_event(app, "open-day", -60, 600, visibility="public")


@pytest.fixture
def inside(app: AppFixture, event: EventClient) -> Candidate:
    """A person who has opened an invitation."""
    person = browser(app)
    [(_, token)] = invite(event, "Ada Lovelace")
    assert person.open(token).status_code == 200
    return person


def state_of(event: EventClient, id: str) -> Any:
    found = event.call("author", "GET", "/invitations", expect=200)["invitations"]
    return next(each for each in found if each["id"] == id)


def test_an_invitation_stays_unused_when_its_link_is_only_viewed(app: AppFixture, event: EventClient) -> None:
    [(id, token)] = invite(event, "Grace Hopper")
    scanner = app.flask.test_client()
    for _ in range(3):
        assert scanner.get("/invited", headers=HTML).status_code == 200
        shown = scanner.post("/event-invitations", json={"token": token})
        assert shown.status_code == 200
    body = shown.get_json()
    assert (body["name"], body["title"], body["fault"]) == ("Grace Hopper", "Hiring", None)
    assert body["rules"]["length_minutes"] == 30
    assert state_of(event, id)["state"] == "waiting"
    assert scanner.get_cookie(COOKIE) is None


def test_the_time_of_an_invited_person_begins_when_the_link_is_opened(
    app: AppFixture, event: EventClient
) -> None:
    [(id, token)] = invite(event, "Katherine Johnson")
    person = browser(app)
    before = utc_now()
    assert person.open(token).status_code == 200
    shown = person.send("GET", "/events/hiring/state").get_json()
    window = shown["member"]["window"]
    assert before.isoformat()[:16] <= window["start"][:16] <= utc_now().isoformat()[:16]
    assert shown["may_submit"]
    assert [each["label"] for each in shown["problems"]] == ["A"]
    assert state_of(event, id)["state"] == "opened"


def test_an_opened_link_is_refused_in_a_second_browser(app: AppFixture, event: EventClient) -> None:
    [(_, token)] = invite(event, "Joan Clarke")
    assert browser(app).open(token).status_code == 200
    second = browser(app).open(token)
    assert second.status_code == 409
    assert "was used in another browser" in second.get_json()["detail"]
    shown = browser(app).send("POST", "/event-invitations", {"token": token}).get_json()
    assert "works once" in shown["fault"]


def test_an_invited_person_continues_in_the_same_browser_after_a_reload(
    app: AppFixture, event: EventClient
) -> None:
    [(_, token)] = invite(event, "Hedy Lamarr")
    person = browser(app)
    person.open(token)
    person.csrf = ""
    again = person.open(token)
    assert again.status_code == 200
    assert person.send("POST", "/event-invitations", {"token": token}).get_json()["opened_here"]
    assert person.submit(event="hiring").status_code == 202
    me = person.send("GET", "/me").get_json()
    assert (me["event"], me["full_name"], me["role"]) == ("hiring", "Hedy Lamarr", "user")


def test_one_of_two_simultaneous_requests_opens_a_link(app: AppFixture, event: EventClient) -> None:
    """Both requests have found the link unused, so the store must decide."""
    [(_, token)] = invite(event, "Mary Jackson")
    found = app.services.invitations_to_events.find(token)
    store, ends = app.services.event_invitations, utc_now() + timedelta(hours=1)
    assert store.open(token, found.invitation, found.event, ends) is not None
    assert store.open(token, found.invitation, found.event, ends) is None
    with pytest.raises(Conflict, match="works once"):
        app.services.invitations_to_events.open(token)


def _paths(app: AppFixture) -> Iterator[tuple[str, str]]:
    """Every route with each of its methods except HEAD and OPTIONS."""
    for rule in app.flask.url_map.iter_rules():
        path = rule.rule
        for name, value in {"<slug>": "open-day", "<id>": "x", "<path:path>": "x", "<label>": "A"}.items():
            path = path.replace(name, value)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, path


OPEN_TO_ALL = (
    *(
        "/docs",
        "/docs/style.css",
        "/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
        "/maintenance",
        "/languages",
    ),
    *(
        "/links",
        "/password-resets",
        "/password-resets/mail",
        "/email-verifications",
        "/session",
        "/accounts",
        "/sso",
    ),
    *("/event-invitations", "/event-invitations/opening", "/me", "/problems", "/submissions", "/statuses"),
)


def test_an_invited_person_gets_no_access_beyond_the_listed_routes(
    app: AppFixture, event: EventClient, other: EventClient, inside: Candidate
) -> None:
    """Every route that is not in ``OPEN_TO_ALL`` is requested with the session's cookie, and with the
    session's secret as an API key."""
    cookie = inside.client.get_cookie(COOKIE)
    assert cookie is not None
    bearer = {"Authorization": f"Bearer {cookie.value}"}
    got = {}
    for method, path in _paths(app):
        if path in OPEN_TO_ALL or (method == "GET" and path == "/ws"):
            continue
        for headers in ({CSRF_HEADER: inside.csrf}, bearer):
            client = inside.client if CSRF_HEADER in headers else app.client
            answer = client.open(path, method=method, headers=headers)
            answer.close()
            if answer.status_code < 400 and not _is_same_for_anonymous(app, method, path, answer):
                got[method, path] = answer.status_code
    assert got == {}


def _is_same_for_anonymous(app: AppFixture, method: str, path: str, answer: Any) -> bool:
    """Whether a client without credentials gets the same status, as for the list of languages."""
    plain = app.client.open(path, method=method)
    plain.close()
    return bool(plain.status_code == answer.status_code)


def test_an_invited_person_can_submit_only_to_the_event_of_the_invitation(
    app: AppFixture, event: EventClient, other: EventClient, inside: Candidate
) -> None:
    assert [each["slug"] for each in inside.send("GET", "/problems").get_json()["problems"]] == ["aplusb"]
    assert inside.submit(event="hiring").status_code == 202
    assert inside.submit(event="open-day").status_code in (403, 422)
    assert inside.submit(problem="aplusb").status_code == 403
    for path in ("/events", "/events/open-day/state", "/events/hiring/standings", "/events/hiring/members"):
        assert inside.send("GET", path).status_code == 403, path
    assert inside.send("POST", "/me/keys", {"name": "x"}).status_code == 403
    run = {"language": "python3", "source": SUM, "cases": [{"stdin": "1 2"}]}
    assert inside.send("POST", "/runs", run).status_code == 202


def test_submissions_and_runs_are_refused_after_the_time_of_an_invited_person(
    app: AppFixture, event: EventClient
) -> None:
    [(id, token)] = invite(event, "Radia Perlman")
    person = browser(app)
    person.open(token)
    change = {"started_at": moment(-31)}
    event.call("author", "PATCH", f"/members/{state_of(event, id)['member']}", change, expect=200)
    assert person.submit(event="hiring").status_code == 403
    run = {"language": "python3", "source": SUM, "cases": [{"stdin": "1 2"}]}
    refused = person.send("POST", "/runs", run)
    assert refused.status_code == 403
    assert "time" in refused.get_json()["detail"]
    assert person.send("GET", "/events/hiring/state").status_code == 200


def test_a_revoked_invitation_ends_its_link_and_its_session(app: AppFixture, event: EventClient) -> None:
    (opened, token), (waiting, unused) = invite(event, "One", "Two")
    person = browser(app)
    person.open(token)
    for id in (opened, waiting):
        event.call("author", "DELETE", f"/invitations/{id}", expect=204)
        assert state_of(event, id)["state"] == "revoked"
    assert person.send("GET", "/events/hiring/state").status_code == 404
    assert person.submit(event="hiring").status_code == 401
    for link in (token, unused):
        refused = browser(app).open(link)
        assert refused.status_code == 409
        assert "was revoked" in refused.get_json()["detail"]
    event.call("author", "POST", f"/invitations/{opened}/link", {}, expect=409)


def test_an_expired_link_is_refused_as_expired(app: AppFixture, event: EventClient) -> None:
    past = {"people": [{"name": "Late"}], "expires_at": moment(-1)}
    event.call("author", "POST", "/invitations", past, expect=422)
    [(id, token)] = invite(event, "Late", expires_at=moment(5))
    found = app.services.invitations_to_events.get(
        app.services.event_access.for_jury(app.accounts["author"].account, "hiring"), id
    )
    app.services.event_invitations._change(found.id, expires_at=utc_now() - timedelta(minutes=1))
    refused = browser(app).open(token)
    assert refused.status_code == 409
    assert "expired" in refused.get_json()["detail"]
    assert state_of(event, id)["state"] == "expired"


@pytest.mark.parametrize(("starts", "ends", "words"), [(10, 60, "has not begun"), (-60, -1, "has ended")])
def test_a_link_that_is_opened_before_or_after_the_event_stays_unused(
    app: AppFixture, starts: float, ends: float, words: str
) -> None:
    event = make_event(app, f"hiring-{words.replace(' ', '-')}", -60, 60, RULES)
    [(id, token)] = invite(event, "Early")
    event.call("author", "PATCH", "", {"starts_at": moment(starts), "ends_at": moment(ends)}, expect=200)
    refused = browser(app).open(token)
    assert refused.status_code == 409
    assert words in refused.get_json()["detail"]
    assert state_of(event, id)["opened_at"] is None


def test_a_link_that_expires_at_the_end_of_the_event_follows_a_moved_end(app: AppFixture) -> None:
    event = make_event(app, "hiring-longer", -60, 60, RULES)
    (until_end, _), (chosen, _) = *invite(event, "Long"), *invite(event, "Short", expires_at=moment(5))
    before = state_of(event, chosen)["expires_at"]
    for ends in (90, 30):
        changed = event.call("author", "PATCH", "", {"ends_at": moment(ends)}, expect=200)
        assert state_of(event, until_end)["expires_at"] == changed["ends_at"]
        assert state_of(event, chosen)["expires_at"] == before


def test_a_link_to_a_paused_event_is_refused_because_of_the_pause(app: AppFixture) -> None:
    now = utc_now()
    event = make_event(app, "hiring-paused", -60, 60, RULES)
    [(_, token)] = invite(event, "Patient")
    stored = EventStore(app.services.engine).get("hiring-paused")
    assert stored is not None
    times = replace(stored.times, ends_at=now - timedelta(minutes=5), paused_at=now - timedelta(minutes=10))
    EventStore(app.services.engine).change(stored, replace(stored, times=times))
    refused = browser(app).open(token)
    assert refused.status_code == 409
    assert "paused" in refused.get_json()["detail"]


def test_a_new_link_keeps_the_account_and_the_running_time(app: AppFixture, event: EventClient) -> None:
    [(id, token)] = invite(event, "Frances Allen")
    lost = browser(app)
    lost.open(token)
    window = lost.send("GET", "/events/hiring/state").get_json()["member"]["window"]
    renewed = event.call("author", "POST", f"/invitations/{id}/link", {}, expect=201)["link"]
    assert browser(app).open(token).status_code == 422
    found = browser(app)
    assert found.open(renewed.partition("#")[2]).status_code == 200
    assert found.send("GET", "/events/hiring/state").get_json()["member"]["window"] == window
    assert lost.submit(event="hiring").status_code == 401


def test_the_audit_log_does_not_show_the_invited_name_as_an_account(
    app: AppFixture, event: EventClient
) -> None:
    """The jury may have written any name. The name could be that of an administrator, or longer than the name
    of an account may be."""
    for name in ("admin", "A" * 128):
        [(id, token)] = invite(event, name)
        assert browser(app).open(token).status_code == 200
        entry = app.services.audit.latest("event.invitation-open")
        assert entry is not None
        assert (entry.account, entry.subject, entry.detail) == (None, "hiring", {"invitation": id})


def test_invited_persons_with_the_same_name_are_separate_members(app: AppFixture, event: EventClient) -> None:
    first, second = invite(event, "Sam", "Sam")
    for _, token in (first, second):
        assert browser(app).open(token).status_code == 200
    names = [each["name"] for each in event.call("author", "GET", "/members")["members"]]
    assert len([name for name in names if name.startswith("Sam")]) == 2


def test_the_report_has_programs_runs_times_and_verdicts(app: AppFixture, event: EventClient) -> None:
    [(id, token)] = invite(event, "Barbara Liskov")
    person = browser(app)
    person.open(token)
    submitted = person.submit(event="hiring").get_json()["id"]
    VerdictStore(app.services.engine).record(finished(submitted, verdict=Verdict.WA))
    run = {"language": "python3", "source": "print(1)", "cases": [{"stdin": "1 2"}]}
    person.send("POST", "/runs", run)
    report = event.call("author", "GET", f"/invitations/{id}/report", expect=200)
    first, second = report["programs"]
    assert (first["kind"], first["problem"], first["verdict"], first["source"]) == (
        "submission",
        "A",
        "WA",
        SUM,
    )
    assert (second["kind"], second["verdict"], second["source"]) == ("run", None, "print(1)")
    assert 0 <= first["seconds"] <= second["seconds"] < 600
    assert report["window"]["start"] == report["opened_at"]


def test_a_source_that_is_too_long_for_the_report_leaves_out_no_later_source(
    app: AppFixture, event: EventClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(id, token)] = invite(event, "Edsger Dijkstra")
    person = browser(app)
    person.open(token)
    for source in ("print(1)" + "\n" * 100, "print(2)"):
        person.send("POST", "/runs", {"language": "python3", "source": source, "cases": [{"stdin": "1"}]})
    monkeypatch.setattr(candidate_report, "MOST_SOURCE_BYTES", 50)
    report = event.call("author", "GET", f"/invitations/{id}/report", expect=200)
    assert [program["source"] for program in report["programs"]] == [None, "print(2)"]


def test_only_the_jury_reads_the_names_of_members_with_similar_programs(
    app: AppFixture, event: EventClient
) -> None:
    people = [browser(app), browser(app)]
    invited = invite(event, "Original", "Copy")
    for person, (_, token) in zip(people, invited, strict=True):
        person.open(token)
    ids = [person.submit(event="hiring").get_json()["id"] for person in people]
    for id in ids:
        VerdictStore(app.services.engine).record(finished(id, verdict=Verdict.AC))
    original, store = invited[0][0], app.services.similarity
    assert event.call("author", "GET", f"/invitations/{original}/report")["similar"] is None
    view = app.services.event_access.for_jury(app.accounts["author"].account, "hiring")
    store.add(view.event.id, ReportOptions((), 50), view.event.created_by)
    report = store.claim("test")
    assert report is not None
    pair = SimilarPair(0, "aplusb", "python3", ids[0], ids[1], 0.97, 12, 20, [])
    assert store.add_pairs(report, "test", [pair], [])
    assert store.end(report, "test")
    [similar] = event.call("author", "GET", f"/invitations/{original}/report")["similar"]
    assert (similar["problem"], similar["similarity"], similar["member_name"]) == ("A", 0.97, "Copy")
    event.call("author", "PATCH", f"/invitations/{original}", {"shows_report": True}, expect=200)
    [own] = people[0].send("GET", "/events/hiring/report").get_json()["similar"]
    assert own["member_name"] is None


def test_an_invited_person_reads_the_report_only_if_the_jury_allows(
    app: AppFixture, event: EventClient
) -> None:
    (id, token), (_, token_of_other) = invite(event, "Shafi", "Silvio")
    person, somebody = browser(app), browser(app)
    person.open(token)
    somebody.open(token_of_other)
    assert person.send("GET", "/events/hiring/report").status_code == 404
    assert not person.send("GET", "/events/hiring/state").get_json()["has_report"]
    event.call("author", "PATCH", f"/invitations/{id}", {"shows_report": True}, expect=200)
    assert person.send("GET", "/events/hiring/report").get_json()["name"] == "Shafi"
    assert person.send("GET", "/events/hiring/state").get_json()["has_report"]
    assert person.send("GET", f"/events/hiring/invitations/{id}/report").status_code == 403
    assert somebody.send("GET", "/events/hiring/report").status_code == 404
    event.call("author", "PATCH", f"/invitations/{id}", {"shows_report": False}, expect=200)
    assert person.send("GET", "/events/hiring/report").status_code == 404


def test_an_event_whose_members_share_one_window_refuses_invitations(app: AppFixture) -> None:
    event = make_event(app, "one-window", -60, 60, visibility="members")
    refused = event.call("author", "POST", "/invitations", {"people": [{"name": "Ada"}]}, expect=422)
    assert refused["errors"][0]["field"] == "rules.length_minutes"


def test_an_invitation_with_a_wrong_e_mail_address_is_refused_with_the_field(event: EventClient) -> None:
    people = [{"name": "Ada"}, {"name": "Bob", "email": "no address"}]
    refused = event.call("author", "POST", "/invitations", {"people": people}, expect=422)
    assert refused["errors"][0]["field"] == "people.1.email"


def test_the_csv_of_invitations_has_no_link_and_no_formula(app: AppFixture, event: EventClient) -> None:
    invite(event, "=1+1")
    answer = app.client.get("/events/hiring/invitations.csv", headers=app.headers("author"))
    text = answer.get_data(as_text=True)
    assert text.startswith("name,email,state,expires_at,opened_at,shows_report")
    assert "'=1+1" in text
    assert "gve_" not in text


def test_a_deleted_account_leaves_no_name_in_the_invitations(app: AppFixture, event: EventClient) -> None:
    [(id, token)] = invite(event, "To Be Forgotten")
    browser(app).open(token)
    view = app.services.event_access.for_jury(app.accounts["author"].account, "hiring")
    account_id = app.services.invitations_to_events.get(view, id).account_id
    assert account_id is not None
    headers = app.headers("admin")
    assert app.client.delete(f"/admin/accounts/{account_id}", headers=headers).status_code in (200, 204)
    assert state_of(event, id)["name"].startswith("deleted-")
    refused = event.call("author", "POST", f"/invitations/{id}/link", {}, expect=409)
    assert "revoked" in refused["detail"]


def test_an_invited_account_has_no_access_after_its_event_was_deleted(app: AppFixture) -> None:
    event = make_event(app, "gone", -60, 60, RULES)
    [(_, token)] = invite(event, "Orphan")
    person = browser(app)
    person.open(token)
    event.call("author", "DELETE", "", expect=204)
    assert person.send("GET", "/events/gone/state").status_code == 404
    assert person.submit(problem="aplusb").status_code == 403
    assert EventStore(app.services.engine).get("gone") is None


def test_each_listed_route_for_invited_persons_exists(app: AppFixture) -> None:
    names = one_event.WITH_SLUG | one_event.OF_OWN_WORK | one_event.OF_THE_SESSION
    assert names - set(app.flask.view_functions) == set()
