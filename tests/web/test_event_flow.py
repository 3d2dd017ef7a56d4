"""An event works over HTTP from its creation to its results."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from judge_api.services.event_members_file import read_members_file
from judge_api.store.attempts import AttemptStore, RequeueReason
from judge_api.store.engine import write_transaction
from judge_api.store.tables import accounts
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Stage, Verdict
from tests.support.records import finished
from tests.web.app_fixture import SUM, AppFixture
from tests.web.event_fixture import EventClient, make_event, moment


def _row(standings: Any, name: str) -> Any:
    return next(row for row in standings["rows"] if row["name"] == name)


def test_the_standings_of_a_contest_follow_its_submissions(app: AppFixture) -> None:
    event = make_event(app, "first", rules={"scoring": "icpc"})
    event.add("ada", name="Team Ada", affiliation="Analytical")
    event.add("bob")
    event.submit("ada", Verdict.WA)
    event.submit("ada")
    event.submit("bob", Verdict.WA)
    ada, bob = event.standings()["rows"]
    assert (ada["name"], ada["rank"], ada["solved"], ada["affiliation"]) == ("Team Ada", 1, 1, "Analytical")
    assert ada["penalty_seconds"] == 60 * (60 + 20)
    assert (ada["cells"][0]["tries"], ada["cells"][0]["first"]) == (2, True)
    assert (bob["rank"], bob["solved"], bob["cells"][0]["tries"]) == (2, 0, 1)
    state = event.state("ada")
    assert (state["role"], state["may_submit"], state["problems"][0]["label"]) == ("member", True, "A")
    assert state["problems"][0]["own"]["solved"] is True
    tries = event.call("ada", "GET", "/tries")["submissions"]
    assert [each["verdict"] for each in tries] == ["AC", "WA"]


def test_a_submission_against_the_rules_of_an_event_is_refused_with_the_reason(app: AppFixture) -> None:
    event = make_event(app, "strict", rules={"languages": ["cpp17"], "max_tries": 1})
    event.add("ada")
    refused = [
        (app.submit("bob", event="strict"), 403, "not a member"),
        (app.submit("ada", event="strict"), 422, "takes only cpp17"),
        (app.submit("ada", event="strict", problem="B", language="cpp17"), 422, "which has A"),
        (app.submit("ada", event="nothing", language="cpp17"), 422, "there is no event"),
    ]
    for answer, status, text in refused:
        assert answer.status_code == status, answer.get_json()
        assert text in answer.get_json()["detail"]
    assert app.submit("ada", event="strict", language="cpp17").status_code == 202
    again = app.submit("ada", event="strict", language="cpp17")
    assert (again.status_code, again.get_json()["detail"]) == (
        409,
        "you have used your one submission for this problem",
    )


@pytest.mark.parametrize(
    ("slug", "starts", "ends", "text"),
    [("early", 10, 20, "has not started"), ("over", -20, -10, "has ended")],
)
def test_a_submission_outside_of_the_window_is_refused(
    app: AppFixture, slug: str, starts: float, ends: float, text: str
) -> None:
    event = make_event(app, slug, starts, ends)
    member = event.add("ada")
    answer = app.submit("ada", event=slug)
    assert answer.status_code == 403
    assert text in answer.get_json()["detail"]
    event.call("author", "PATCH", f"/members/{member}", {"extension_minutes": 60}, expect=200)
    assert app.submit("ada", event=slug).status_code == (202 if starts < 0 else 403)


def test_a_late_submission_gets_fewer_points(app: AppFixture) -> None:
    late = [{"minutes": 30, "percent": 50}]
    event = make_event(app, "homework", -60, -10, {"scoring": "ioi", "late": late})
    event.call("author", "PATCH", "", {"problems": [{"slug": "aplusb", "weight": 100}]}, expect=200)
    event.add("ada")
    event.submit("ada")
    assert _row(event.standings(), "ada")["points"] == 50


def test_the_window_of_a_member_begins_when_the_member_starts(app: AppFixture) -> None:
    event = make_event(app, "virtual", rules={"length_minutes": 30})
    event.add("ada")
    before = event.state("ada")
    assert (before["may_start"], before["may_submit"], before["problems"]) == (True, False, [])
    assert "start the event" in app.submit("ada", event="virtual").get_json()["detail"]
    after = event.call("ada", "POST", "/start", {}, expect=200)
    assert (after["may_start"], after["may_submit"]) == (False, True)
    event.submit("ada")
    assert _row(event.standings(), "ada")["penalty_seconds"] == 0
    event.call("ada", "POST", "/start", {}, expect=409)


def test_rejudging_disqualifying_withdrawing_and_disabling_change_the_standings(app: AppFixture) -> None:
    event = make_event(app, "changes")
    ada = event.add("ada")
    id = event.submit("ada", Verdict.WA)
    assert _row(event.standings(), "ada")["solved"] == 0
    again = AttemptStore(app.services.engine).rejudge(id)
    assert again is not None
    VerdictStore(app.services.engine).record(finished(id, attempt=again.attempt))
    assert _row(event.standings(), "ada")["solved"] == 1
    event.call("author", "PUT", f"/submissions/{id}/disqualification", {"reason": "copied"}, expect=200)
    assert _row(event.standings(), "ada")["solved"] == 0
    assert event.call("ada", "GET", "/tries")["submissions"][0]["disqualified"] == "copied"
    event.call("author", "PUT", f"/submissions/{id}/disqualification", {"reason": None}, expect=200)
    withdrawn = {"problems": [{"slug": "aplusb", "withdrawn": True}]}
    event.call("author", "PATCH", "", withdrawn, expect=200)
    assert event.standings()["problems"] == []
    assert app.submit("ada", event="changes").status_code == 422
    event.call("author", "PATCH", "", {"problems": [{"slug": "aplusb"}]}, expect=200)
    assert _row(event.standings(), "ada")["solved"] == 1
    event.call("author", "PATCH", f"/members/{ada}", {"disabled": True}, expect=200)
    assert event.standings()["rows"] == []
    assert app.submit("ada", event="changes").status_code == 403


def test_frozen_results_stay_hidden_after_an_extension(app: AppFixture) -> None:
    event = make_event(app, "longer", -60, 5, {"freeze_minutes": 20})
    event.add("ada")
    event.submit("ada")
    before = event.standings()["rows"]
    event.call("author", "PATCH", "", {"ends_at": moment(60)}, expect=200)
    assert event.standings()["rows"] == before
    assert event.state()["frozen"] is True


def test_a_rejudging_after_the_end_changes_who_solved_first(app: AppFixture) -> None:
    """The earlier submission was wrong. After the end and the thaw it is rejudged and accepted."""
    event = make_event(app, "first-solved", rules={"freeze_minutes": 30})
    event.add("ada")
    event.add("bob")
    id = event.submit("ada", Verdict.WA)
    event.submit("bob")
    firsts = [row["name"] for row in event.standings()["rows"] if row["cells"][0]["first"]]
    assert firsts == ["bob"]
    event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    event.call("author", "PUT", "/freeze", {"thawed": True}, expect=200)
    again = AttemptStore(app.services.engine).rejudge(id)
    assert again is not None
    VerdictStore(app.services.engine).record(finished(id, attempt=again.attempt))
    final = event.standings()
    assert [row["name"] for row in final["rows"] if row["cells"][0]["first"]] == ["ada"]
    assert [(row["name"], row["rank"]) for row in final["rows"]] == [("ada", 1), ("bob", 1)]


def test_an_extension_lets_a_late_submission_count_in_full(app: AppFixture) -> None:
    late = [{"minutes": 30, "percent": 50}]
    event = make_event(app, "extended", -60, -10, {"scoring": "ioi", "late": late})
    member = event.add("ada")
    event.submit("ada")
    assert _row(event.standings(), "ada")["points"] == 0.5
    event.call("author", "PATCH", f"/members/{member}", {"extension_minutes": 20}, expect=200)
    assert _row(event.standings(), "ada")["points"] == 1


def test_frozen_results_are_shown_after_the_thaw(app: AppFixture) -> None:
    event = make_event(app, "icy", -60, 60, {"freeze_minutes": 120})
    event.add("ada")
    event.submit("ada")
    public, jury = event.standings(), event.standings("author")
    assert (public["frozen"], public["phase"]) == (True, "frozen")
    assert public["rows"][0]["cells"][0] == {
        "tries": 0, "pending": 1, "solved": False, "points": 0.0, "seconds": None, "first": False
    }  # fmt: skip
    assert jury["rows"][0]["solved"] == 1
    assert event.standings("author", "?public=true")["rows"] == public["rows"]
    assert event.state("ada")["problems"][0]["own"]["solved"] is True
    event.call("author", "PUT", "/freeze", {"thawed": True}, expect=409)
    event.call("author", "PATCH", "", {"ends_at": moment(-1)}, expect=200)
    assert event.standings()["phase"] == "ended"
    event.call("author", "PUT", "/freeze", {"thawed": True}, expect=200)
    final = event.standings()
    assert (final["phase"], final["rows"][0]["solved"]) == ("final", 1)


def test_an_account_joins_by_password_and_a_team_submits_together(app: AppFixture) -> None:
    event = make_event(app, "guarded", visibility="members", joining="password", password="sesame")
    event.call("bob", "GET", "/state", expect=404)
    event.call("bob", "POST", "/join", {"password": "wrong"}, expect=422)
    event.call("bob", "POST", "/join", {"password": "sesame"}, expect=200)
    event.call("bob", "POST", "/join", {"password": "sesame"}, expect=409)
    assert event.state("bob")["role"] == "member"
    event.add("ada", "grace", name="Pair")
    event.submit("ada", Verdict.WA)
    event.submit("grace")
    tries = event.call("ada", "GET", "/tries")["submissions"]
    assert [each["verdict"] for each in tries] == ["AC", "WA"]


@contextmanager
def _named_alike(app: AppFixture, name: str) -> Iterator[None]:
    """Gives all accounts the same name during the block."""
    _name_all(app, name)
    try:
        yield
    finally:
        _name_all(app, None)


def _name_all(app: AppFixture, name: str | None) -> None:
    with write_transaction(app.services.engine) as connection:
        connection.execute(update(accounts).values(full_name=name))
    app.services.auth_cache.clear()


@pytest.mark.parametrize("length", [12, 128])
def test_accounts_with_the_same_full_name_join_an_event_under_different_names(
    app: AppFixture, length: int
) -> None:
    event = make_event(app, f"twins-{length}", joining="open")
    with _named_alike(app, "M" * length):
        event.call("ada", "POST", "/join", {}, expect=200)
        event.call("bob", "POST", "/join", {}, expect=200)
    names = {row["name"] for row in event.standings("admin")["rows"]}
    assert names == {"M" * length, "M" * min(length, 128 - len(" (bob)")) + " (bob)"}


def test_an_account_joins_an_event_whose_other_members_have_taken_its_names(app: AppFixture) -> None:
    event = make_event(app, "taken-names", joining="open")
    bob = app.accounts["bob"].account.id
    others = [{"accounts": ["ada"], "name": "M"}, {"accounts": ["grace"], "name": "M (bob)"}]
    event.call("author", "POST", "/members", {"members": others}, expect=200)
    with _named_alike(app, "M"):
        event.call("bob", "POST", "/join", {}, expect=200)
    names = {row["name"] for row in event.standings("admin")["rows"]}
    assert names == {"M", "M (bob)", f"M ({bob})"}


def test_members_are_imported_from_a_file_and_faults_are_listed_by_line(app: AppFixture) -> None:
    event = make_event(app, "roster")
    app.services.groups.add("class", app.accounts["bob"].account.id)

    def send(text: str) -> Any:
        file = {"file": (io.BytesIO(text.encode()), "members.csv")}
        path = "/events/roster/members/import"
        return app.client.post(path, data=file, headers=app.headers("author")).get_json()

    bad = send("name,accounts,category\nX,nobody,official\nY,ada,odd\n")
    assert bad["added"] == 0
    assert [(each["line"], each["column"]) for each in bad["faults"]] == [(2, "accounts"), (3, "category")]
    good = send("name;accounts;category;group\nPair;ada|grace;guest;\n;;;class\n")
    assert good == {"added": 2, "faults": []}
    members = event.call("author", "GET", "/members")["members"]
    assert {each["name"]: (each["category"], each["accounts"]) for each in members} == {
        "Pair": ("guest", ["ada", "grace"]), "bob": ("official", ["bob"])
    }  # fmt: skip


def test_the_stream_of_an_event_signals_a_new_message_without_its_text(app: AppFixture) -> None:
    event = make_event(app, "spoken")
    event.add("ada")
    stored = app.services.events.get("spoken")
    assert stored is not None
    with app.services.scoreboard_feed.watch(stored, public=True) as watcher:
        assert watcher.next(5.0) is not None
        event.call("author", "POST", "/announcements", {"text": "Lunch."}, expect=201)
        change = watcher.next(20.0)
        assert change is not None
        assert json.loads(change)["rows"] == []
        assert "Lunch" not in change


def test_the_jury_answers_a_question_for_the_asking_member_or_for_all(app: AppFixture) -> None:
    event = make_event(app, "talk")
    event.add("ada")
    event.add("bob")
    asked = event.call("ada", "POST", "/messages", {"question": "Is n > 0?", "problem": "A"}, expect=201)
    assert event.call("bob", "GET", "/messages")["messages"] == []
    (seen,) = event.call("author", "GET", "/messages")["messages"]
    assert (seen["member_name"], seen["problem"], seen["answer"]) == ("ada", "A", None)
    path = f"/messages/{asked['id']}/answer"
    event.call("author", "PUT", path, {"answer": "Yes.", "to_all": False}, expect=200)
    assert event.call("bob", "GET", "/messages")["messages"] == []
    assert event.call("ada", "GET", "/messages")["messages"][0]["answer"] == "Yes."
    event.call("author", "PUT", path, {"answer": "Yes.", "to_all": True}, expect=200)
    (read,) = event.call("bob", "GET", "/messages")["messages"]
    assert (read["answer"], read["member"], read["member_name"]) == ("Yes.", None, None)
    event.call("author", "POST", "/announcements", {"text": "Ten minutes left."}, expect=201)
    assert event.call("bob", "GET", "/messages")["messages"][0]["answer"] == "Ten minutes left."
    assert event.call("grace", "POST", "/messages", {"question": "?"}, expect=403)


def test_the_jury_reads_submissions_to_its_own_event_only(app: AppFixture) -> None:
    event = make_event(app, "jury")
    event.add("ada")
    id, other = event.submit("ada"), app.submit("bob").get_json()["id"]
    page = event.call("author", "GET", "/submissions")
    assert [(each["id"], each["member_name"], each["account"]) for each in page["submissions"]] == [
        (id, "ada", "ada")
    ]
    author = app.headers("author")
    assert app.client.get(f"/submissions/{id}", headers=author).status_code == 200
    assert app.client.get(f"/submissions/{other}", headers=author).status_code == 404


def test_a_member_cannot_cancel_a_submission_that_is_being_judged(app: AppFixture) -> None:
    """Otherwise a member could watch the tests and cancel a failing submission, which would then cost neither
    a try nor a penalty."""
    event = make_event(app, "no-way-back")
    event.add("ada")
    services, id = app.services, event.submit("ada", verdict=None)
    status = services.submissions.status(id)
    assert status is not None
    running = replace(status, stage=Stage.RUNNING, attempt=1, tests_done=1, tests_total=4)
    services.status_service._publish(running)
    refused = app.client.delete(f"/submissions/{id}", headers=app.headers("ada"))
    assert (refused.status_code, "cannot be cancelled" in refused.get_json()["detail"]) == (409, True)
    (cell,) = event.standings()["rows"][0]["cells"]
    assert cell["pending"] == 1
    waiting = event.submit("ada", verdict=None)
    for who, which in (("ada", waiting), ("admin", id)):
        answer = app.client.delete(f"/submissions/{which}", headers=app.headers(who))
        assert answer.get_json()["cancelled"] is True


def test_a_submission_shows_its_event_and_whether_the_event_is_open(app: AppFixture) -> None:
    event = make_event(app, "named-event")
    event.add("ada")
    id = event.submit("ada")

    def shown(who: str, which: str = id) -> Any:
        return app.client.get(f"/submissions/{which}", headers=app.headers(who)).get_json()["event"]

    assert shown("ada") == {"slug": "named-event", "problem": "A", "open": True}
    assert shown("author") == {"slug": "named-event", "problem": "A", "open": False}, (
        "the jury does not submit"
    )
    assert shown("author", app.submit("author").get_json()["id"]) is None
    event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    assert shown("ada") == {"slug": "named-event", "problem": "A", "open": False}
    event.call("author", "PATCH", "", {"visibility": "jury"}, expect=200)
    assert shown("ada") == {"slug": "named-event", "problem": None, "open": False}


def test_a_member_cannot_cancel_a_submission_that_waits_for_a_second_attempt(app: AppFixture) -> None:
    """The member has seen how far the tests of the first attempt came before its worker died."""
    event = make_event(app, "second-attempt")
    event.add("ada")
    services, id = app.services, event.submit("ada", verdict=None)
    waits = services.attempts.requeue_or_fail(id, 1, RequeueReason("its worker died", ending="lost"))
    assert waits is not None
    services.status_service._publish(waits)
    refused = app.client.delete(f"/submissions/{id}", headers=app.headers("ada"))
    assert refused.status_code == 409
    answer = app.client.delete(f"/submissions/{id}", headers=app.headers("admin"))
    assert answer.get_json()["cancelled"] is True


def test_a_formula_in_a_name_is_harmless_in_the_csv_of_the_standings(app: AppFixture) -> None:
    event = make_event(app, "matrix", rules={"scoring": "ioi"})
    event.add("ada", name="=1+1")
    event.submit("ada")
    answer = app.client.get("/events/matrix/standings.csv", headers=app.headers("author"))
    head, line, _ = answer.get_data(as_text=True).split("\r\n")
    assert head == "rank,name,affiliation,category,solved,points,penalty minutes,A points,A tries,A minutes"
    assert line == "1,'=1+1,,official,1,1.0,0,1,1,60"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": moment(-120)}, "ends_at"),
        ({"slug": "01234567-0123-7123-8123-012345678901"}, "slug"),
        ({"joining": "password"}, "password"),
        ({"problems": [{"slug": "nothing"}]}, "problems.0.slug"),
        ({"problems": [{"slug": "aplusb"}, {"slug": "aplusb"}]}, "problems"),
        ({"rules": {"late": [{"minutes": 5, "percent": 50}]}}, "rules.late"),
        ({"rules": {"languages": ["cobol"]}}, "rules.languages"),
        ({"starts_at": "2026-01-01T00:00:00"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+09:28"}, "starts_at"),
        ({"ends_at": "9999-12-31T23:59:59-09:28"}, "ends_at"),
    ],
)
def test_an_invalid_event_is_refused_with_the_field(app: AppFixture, changes: Any, field: str) -> None:
    body = {"slug": "odd", "title": "Odd", "starts_at": moment(-60), "ends_at": moment(60), **changes}
    answer = app.client.post("/events", json=body, headers=app.headers("author"))
    assert answer.status_code == 422, answer.get_json()
    assert field in [each["field"] for each in answer.get_json()["errors"]]


def test_a_used_slug_is_refused_and_submissions_outlive_a_deleted_event(app: AppFixture) -> None:
    event = make_event(app, "short-lived")
    event.add("ada")
    id = event.submit("ada")
    body = {"slug": "short-lived", "title": "x", "starts_at": moment(0), "ends_at": moment(1)}
    assert app.client.post("/events", json=body, headers=app.headers("author")).status_code == 409
    event.call("author", "DELETE", "", expect=204)
    event.call("author", "GET", "/state", expect=404)
    assert app.client.get(f"/submissions/{id}", headers=app.headers("ada")).status_code == 200


def test_watchers_get_the_whole_standings_and_then_changed_rows(app: AppFixture) -> None:
    event = make_event(app, "watched")
    for name in ("ada", "bob", "grace"):
        event.add(name)
    event.submit("grace")
    stored = app.services.events.get("watched")
    assert stored is not None
    with app.services.scoreboard_feed.watch(stored, public=True) as watcher:
        whole = watcher.next(5.0)
        assert whole is not None
        assert '"whole":true' in whole
        event.submit("bob", Verdict.WA)
        found = ""
        while '"tries":1' not in found:
            found = watcher.next(5.0) or ""
        assert '"whole":false' in found
        assert '"name":"ada"' not in found
    assert app.services.scoreboard_feed.watchers() == 0


def test_the_results_of_an_event_can_be_computed_again_from_the_recorded_submissions(app: AppFixture) -> None:
    event: EventClient = make_event(app, "again")
    event.add("ada")
    event.submit("ada")
    before = event.standings()["rows"]
    done = event.call("author", "POST", "/recompute", {}, expect=200)
    assert done == {"done": "0 results were different"}
    assert event.standings()["rows"] == before


def test_other_accounts_cannot_find_a_closed_event_for_members_by_joining(app: AppFixture) -> None:
    event = make_event(app, "unseen", visibility="members")
    event.add("ada")
    unknown = event.call("bob", "POST", "/join", {}, expect=404)
    assert unknown["detail"] == "there is no event 'unseen'"
    event.call("ada", "POST", "/join", {}, expect=409)


def test_a_file_of_members_in_a_windows_encoding_is_read_correctly() -> None:
    found = read_members_file("name;accounts\nTeam Müller;ada\n".encode("cp1252"), lambda name: name)
    assert ([each.name for each in found.members], found.faults) == (["Team Müller"], ())


def test_faults_in_a_file_of_members_are_named_with_line_and_column() -> None:
    text = (
        "name,accounts,affiliation\n"
        "A,ada,University of Nowhere, Faculty of Arts\n"
        f"B,bob,{'x' * 129}\n"
        "C,grace,a\x00b\n"
    )
    found = read_members_file(text.encode(), lambda name: name)
    assert [(each.line, each.column) for each in found.faults] == [
        (2, ""), (3, "affiliation"), (4, "affiliation")
    ]  # fmt: skip
    twice = read_members_file(b"accounts,accounts\nada,bob\n", lambda name: name)
    assert [(each.line, each.column) for each in twice.faults] == [(1, "accounts"), (1, "accounts")]


def test_the_number_of_an_unreadable_line_in_a_file_of_members_is_named() -> None:
    found = read_members_file(b'name,accounts\nA,ada\n"B"x,bob\n', lambda name: name)
    assert [each.line for each in found.faults] == [3]


def test_an_account_that_is_named_twice_in_a_line_is_added_once() -> None:
    found = read_members_file(b"accounts\nada|ada|bob\n", lambda name: name)
    assert [each.account_ids for each in found.members] == [("ada", "bob")]


def test_a_repeated_request_after_the_end_returns_the_stored_submission(app: AppFixture) -> None:
    event = make_event(app, "lastsecond")
    event.add("ada")
    headers = {**app.headers(), "Idempotency-Key": "in-the-last-second"}
    body = {"problem": "A", "language": "python3", "source": SUM, "event": "lastsecond"}
    first = app.client.post("/submissions", json=body, headers=headers)
    assert first.status_code == 202
    event.call("author", "PATCH", "", {"ends_at": moment(-1)}, expect=200)
    again = app.client.post("/submissions", json=body, headers=headers)
    assert (again.status_code, again.get_json().get("id")) == (202, first.get_json()["id"])
    assert again.headers["Idempotency-Replayed"] == "true"
    other = app.client.post("/submissions", json={**body, "source": "pass"}, headers=headers)
    assert other.status_code == 422, "the key was used with another body"
    new = app.client.post("/submissions", json=body, headers=app.headers())
    assert new.status_code == 403


def test_a_thousand_questions_hide_no_announcement_and_are_all_archived(app: AppFixture) -> None:
    event = make_event(app, "flood")
    member = event.add("bob")
    event.add("ada")
    event.call("author", "POST", "/announcements", {"text": "the lights go out"}, expect=201)
    stored = app.services.events.get("flood")
    assert stored is not None
    for number in range(1000):
        app.services.events.ask(stored.id, member, None, f"question {number}")
    shown = event.call("ada", "GET", "/messages", expect=200)["messages"]
    assert [each["answer"] for each in shown] == ["the lights go out"]
    assert len(event.call("author", "GET", "/messages", expect=200)["messages"]) == 1001
    archive = zipfile.ZipFile(
        io.BytesIO(app.client.get("/events/flood/archive.zip", headers=app.headers("author")).data)
    )
    assert len(json.loads(archive.read("messages.json"))) == 1001
