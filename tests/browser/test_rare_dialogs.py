"""axe-core checks the dialogs of states that take long to reach. The tests themselves answer the page's
requests."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.person import Person
from tests.browser.test_authoring import SUM, package, upload
from tests.browser.test_dialogs import check, check_alone, expand_all
from tests.browser.test_events import make_event
from tests.browser.test_problem_page import at_problem, set_up_editor
from tests.browser.test_quality import RouteInterceptor, without_streams

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]

AT = "2026-11-29T12:00:00Z"
ID = "0192f0c5-0000-7000-8000-000000000001"
REJUDGING = {
    **{"id": ID, "reason": "A wrong test", "state": "preview"},
    **{"created_at": AT, "ended_at": None, "total": 2},
}
RESULT = {"verdict": "WA", "score": None, "counts": True}
PLACE = {"rank": 2, "points": 0, "penalty": 0}
CHANGES: dict[str, Any] = {
    "done": 2,
    "failed": [],
    "changes": [
        {"submission": ID, "member": ID, "member_name": "Ada", "problem": "A"}
        | {"before": RESULT, "after": RESULT | {"verdict": "AC"}}
    ],
    "standings": [{"member": ID, "name": "Ada", "before": PLACE, "after": PLACE | {"rank": 1, "points": 1}}],
}
REPORT = {
    **{"id": ID, "state": "done", "created_at": AT, "ended_at": AT, "least_percent": 50, "earlier": 0},
    **{"total": 1, "done": 1, "programs": 2, "failure": None},
}
COMPARED = {
    **{"submission": ID, "member": ID, "member_name": "Ada"},
    **{"event": "e", "language": "python3", "at": AT},
}
PAIR = {
    **{"number": 0, "problem": "A", "language": "python3", "similarity": 0.9, "longest": 40, "overlap": 60},
    **{"left": COMPARED, "right": COMPARED | {"member_name": "Bob"}},
}
PROGRAM = {"source": "print(1)\nprint(2)\n"}
REGION = {"start_line": 0, "start_column": 0, "end_line": 1, "end_column": 0}
CANDIDATE = {
    **{"event": "e", "title": "Coding test", "name": "Ada", "email": None, "opened_at": AT, "window": None},
    **{"shows_report": True, "is_cut": True},
    "similar": [{"problem": "A", "submission": ID, "similarity": 0.9, "longest": 40, "member_name": "Bob"}],
    "programs": [
        {"id": ID, "kind": "submission", "problem": "A", "language": "python3", "at": AT, "seconds": 90}
        | {"stage": "DONE", "verdict": "AC", "score": None, "source": "print(1)\n"}
        | {"tests": [{"name": "sample/1", "verdict": "AC", "cpu_ms": 12}]}
    ],
}
OTHER_ID = "0192f0c5-0000-7000-8000-000000000002"
IDENTITY = {
    **{"id": ID, "provider": "school", "title": "School", "subject": "ada"},
    **{"created_at": AT, "last_used_at": None},
}
KEY = {
    **{"id": ID, "name": "homework", "prefix": "gvl_1234", "scopes": None, "created_at": AT},
    **{"last_used_at": None, "expires_at": None},
}
SESSION = {
    **{"id": ID, "created_at": AT, "last_used_at": AT, "expires_at": None, "made_from": None},
    **{"method": "password", "provider": None, "address": "127.0.0.1", "current": True},
}
WEBHOOK = "https://example.invalid/"
PLATFORM = {
    **{"id": ID, "title": "Moodle", "issuer": "https://moodle.invalid", "client_id": "gavel"},
    **{"auth_url": "https://moodle.invalid/a", "token_url": "https://moodle.invalid/t"},
    **{"jwks_url": "https://moodle.invalid/k", "deployments": ["1"]},
}
SET_ASIDE = {"at": AT, "source": "results", "key": "gavel:results", "reason": "no JSON", "content": "{"}
MEMBER = {
    **{"id": ID, "name": "Ada", "accounts": ["normal"], "category": "official", "affiliation": None},
    **{"external_id": None, "disabled": False, "extension_minutes": 0, "started_at": None},
}
TRY = {
    **{"id": ID, "serial": 1, "problem": "A", "language": "python3", "at": AT, "judged_at": AT},
    **{"state": "judged", "verdict": "WA", "score": None, "tokened": False, "disqualified": None},
    **{"account": "normal", "member": ID, "member_name": "Ada"},
}
LINKS: dict[str, Any] = {
    "platforms": [{"id": ID, "title": "Moodle"}],
    "links": [
        {"id": ID, "platform": "Moodle", "problem": "A", "parameter": "gavel=1"}
        | {"launch_url": "https://gavel.invalid/lti/launch", "placements": []}
    ],
}
FOLLOWED: dict[str, Any] = {
    "contest": {"url": "https://contest.invalid/api", "state": "following", "user": None, "has_secret": True}
    | {"started_at": AT, "heard_at": AT, "error": "It answered 500", "languages": {}},
    "counts": {"agree": 0, "deleted": 0, "differ": 0, "pending": 0, "unusable": 0},
    "submissions": [],
}
INVITATION = {
    **{"id": ID, "name": "Ada", "email": None, "member": None, "state": "waiting", "shows_report": False},
    **{"created_at": AT, "expires_at": AT, "opened_at": None, "revoked_at": None},
}
INVITED = {
    **{"name": "Ada", "event": "e", "title": "Coding test", "description": "", "fault": None},
    **{"now": AT, "starts_at": AT, "ends_at": "2036-11-29T12:00:00Z", "opened_here": False},
    "rules": {"length_minutes": 60, "problems": 1, "languages": [], "max_tries": None, "one_address": False},
}


def stored(person: Person, path: str) -> Any:
    return person.page.request.get(person.stack.url + path).json()


def give(person: Person, path: str, body: object) -> None:
    RouteInterceptor(person.page, path, "give", body)


def test_the_rare_dialogs_of_the_account_page_are_accessible(visit: Visit) -> None:
    person = visit()
    person.sign_up(f"asked-{secrets.token_hex(4)}", "a long password")
    give(person, "/me/keys", {"keys": [KEY, KEY | {"id": OTHER_ID, "name": "contest"}]})
    give(person, "/me/sessions", {"sessions": [SESSION, SESSION | {"id": OTHER_ID, "current": False}]})
    give(person, "/me/identities", {"identities": [IDENTITY]})
    person.open("/account")
    person.page.get_by_role("textbox", name="Address", exact=True).fill(WEBHOOK + secrets.token_hex(4))
    person.page.get_by_role("button", name="Add a webhook").click()
    expect(person.page.get_by_role("status").filter(has_text="whsec_")).to_be_visible()
    assert expand_all(person) >= 1
    check(person, "/account")


def test_the_dialogs_for_a_chosen_account_are_accessible(visit: Visit) -> None:
    admin = visit()
    admin.sign_in("admin")
    me, *_ = stored(admin, "/admin/accounts?limit=1&search=admin")["accounts"]
    ada = me | {"id": ID, "name": "Ada", "role": "user", "second_factor": True, "identities": [IDENTITY]}
    give(
        admin, "/admin/accounts", {"accounts": [ada, ada | {"id": OTHER_ID, "name": "Bob", "disabled": True}]}
    )
    admin.open("/admin/accounts")
    admin.page.get_by_role("checkbox", name="Choose Ada").check()
    expect(admin.page.get_by_role("button", name=re.compile("^Make .*: Ada$")).first).to_be_visible()
    check(admin, "/admin/accounts, one is chosen")


def test_the_dialogs_for_platforms_and_unreadable_entries_are_accessible(visit: Visit) -> None:
    admin = visit()
    admin.sign_in("admin")
    without_streams(admin.page)
    give(admin, "/admin/lti/platforms", stored(admin, "/admin/lti/platforms") | {"platforms": [PLATFORM]})
    admin.open("/admin/lti")
    expect(admin.page.get_by_role("button", name="Remove Moodle")).to_be_visible()
    check(admin, "/admin/lti")
    queues = stored(admin, "/admin/queues?hours=1")
    give(admin, "/admin/queues", queues | {"set_aside": {"total": 1, "latest": [SET_ASIDE]}})
    admin.open("/admin/")
    admin.page.get_by_text("Entries of Redis or the database that were set aside: 1.").wait_for()
    expand_all(admin)
    expect(admin.page.get_by_text("no JSON")).to_be_visible()
    check(admin, "/admin/, with entries set aside")


def test_the_dialogs_for_a_published_problem_are_accessible(visit: Visit, tmp_path: Path) -> None:
    slug = f"asked-{secrets.token_hex(3)}"
    admin = visit()
    admin.sign_in("admin")
    upload(admin, package(tmp_path, slug, "2147483648\n", SUM))
    path = f"/admin/problems/{slug}"
    problem = stored(admin, path)
    newest = problem["versions"][0]
    versions = [newest, newest | {"version": "0" * len(newest["version"])}]
    published = {"state": "published", "version": problem["newest"], "versions": versions}
    give(admin, path, problem | published | {"to_rejudge": 2, "co_authors": ["normal"]})
    admin.open(f"/my-problems/{slug}")
    expect(admin.page.get_by_role("button", name="Remove normal")).to_be_visible()
    notes = {"Export-Notes": '["input_visualizer: no such part"]'}
    admin.page.route(
        lambda url: "/package?format=" in url, lambda route: route.fulfill(body="", headers=notes)
    )
    admin.page.get_by_label(re.compile("in another format")).first.select_option("polygon")
    expect(admin.page.get_by_text("input_visualizer: no such part")).to_be_visible()
    assert expand_all(admin) >= 2
    check(admin, "/my-problems/SLUG, published")


def of_event(visit: Visit, answers: Mapping[str, object]) -> tuple[Person, str]:
    """Sign in a juror and make an event. The browser gets these answers for paths below the event."""
    slug = f"opened-{secrets.token_hex(4)}"
    jury = visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    for path, body in answers.items():
        RouteInterceptor(jury.page, f"/events/{slug}{path}", "give", body)
    return jury, f"/events/{slug}"


def test_the_page_with_a_rejudging_of_an_event_is_accessible(visit: Visit) -> None:
    answers = {"/rejudgings": {"rejudgings": [REJUDGING]}, f"/rejudgings/{ID}": REJUDGING | CHANGES}
    jury, event = of_event(visit, answers)
    jury.open(f"{event}/jury")
    expand_all(jury)
    expect(jury.page.get_by_role("table", name="Rows of the scoreboard that change")).to_be_visible()
    check(jury, "/events/SLUG/jury, rejudging")


def test_a_similarity_report_with_a_pair_of_programs_is_accessible(visit: Visit) -> None:
    passages = [{"left": REGION, "right": REGION}]
    pair = PAIR | {"left": COMPARED | PROGRAM, "right": COMPARED | PROGRAM, "passages": passages}
    answers: dict[str, object] = {
        "/similarity": {"missing": None, "earlier": [], "reports": [REPORT]},
        f"/similarity/{ID}": {**REPORT, "notes": ["1 program in Ada was left out"], "pairs": [PAIR]},
        f"/similarity/{ID}/pairs/0": pair,
    }
    jury, event = of_event(visit, answers)
    jury.open(f"{event}/similarity")
    jury.page.get_by_role("table", name="Similarity reports").get_by_role("button").click()
    jury.page.get_by_role("button", name="90 %").click()
    expect(jury.page.get_by_label("Program of Ada").first).to_contain_text("print(1)")
    assert expand_all(jury) >= 1
    expect(jury.page.get_by_text("1 program in Ada was left out")).to_be_visible()
    check(jury, "/events/SLUG/similarity")


def test_the_report_on_an_invited_person_is_accessible(visit: Visit) -> None:
    jury, event = of_event(visit, {f"/invitations/{ID}/report": CANDIDATE})
    jury.open(f"{event}/invitations/{ID}")
    expect(jury.page.get_by_role("heading", name="Report on Ada")).to_be_visible()
    assert expand_all(jury) >= 1
    expect(jury.page.get_by_label("Source")).to_contain_text("print(1)")
    check(jury, "a candidate's report")


def test_the_dialogs_of_a_jury_are_accessible(visit: Visit) -> None:
    answers: dict[str, object] = {
        "/members": {"members": [MEMBER]},
        "/submissions": {"submissions": [TRY], "cursor": None},
        "/lti-links": LINKS,
    }
    jury, event = of_event(visit, answers)
    jury.open(f"{event}/jury")
    for name in ("Disqualify", "More time for Ada", "Remove the link"):
        expect(jury.page.get_by_role("button", name=name)).to_be_visible()
    assert expand_all(jury) >= 2
    check(jury, "/events/SLUG/jury")
    state = stored(jury, f"{event}/state")
    give(jury, f"{event}/state", state | {"phase": "ended"})
    jury.open(f"{event}/jury")
    expect(jury.page.get_by_role("button", name="Thaw the standings")).to_be_visible()
    check(jury, "/events/SLUG/jury, ended")
    give(jury, f"{event}/state", state | {"may_start": True})
    jury.open(event)
    expect(jury.page.get_by_role("button", name="Start my time")).to_be_visible()
    check(jury, "/events/SLUG, not begun")


def test_the_dialogs_for_a_followed_contest_and_an_invitation_are_accessible(visit: Visit) -> None:
    jury, event = of_event(visit, {"/shadow": FOLLOWED, "/invitations": {"invitations": [INVITATION]}})
    jury.open(f"{event}/shadow")
    expect(jury.page.get_by_text("It answered 500")).to_be_visible()
    assert expand_all(jury) >= 1
    check(jury, "/events/SLUG/shadow")
    jury.open(f"{event}/invitations")
    expect(jury.page.get_by_role("button", name="New link for Ada")).to_be_visible()
    check(jury, "/events/SLUG/invitations")
    jury.page.route("**/event-invitations", lambda route: route.fulfill(json=INVITED))
    jury.open("/invited#a-secret")
    expect(jury.page.get_by_role("button", name="Start my time")).to_be_visible()
    check(jury, "/invited")


def check_while_shown(person: Person, part: Locator, name: str) -> None:
    expect(part).to_be_visible()
    check_alone(person, name)
    expect(part).to_be_visible()


def test_the_panels_and_popups_of_the_editor_are_accessible(visit: Visit) -> None:
    person = at_problem(visit)
    page, keys = person.page, person.page.keyboard
    person.write("cpp20", "int main() {\n    return missing;\n}\n")
    keys.press("Control+End")
    keys.type("vect")
    check_while_shown(person, page.get_by_role("listbox", name="Completions"), "completions")
    keys.press("Escape")
    keys.press("Control+f")
    keys.type("main")
    check_while_shown(person, page.locator(".cm-search"), "find")
    keys.press("Escape")
    keys.press("Control+Alt+g")
    check_while_shown(person, page.locator(".cm-goto-line"), "go to a line")
    keys.press("Escape")
    person.submit()
    person.expect_verdict("Compile Error")
    page.locator(".cm-content .cm-lintRange-error").first.hover()
    check_while_shown(person, page.locator(".cm-tooltip-lint"), "an error's words")
    page.locator(".cm-content").click()
    keys.press("Control+Shift+M")
    check_while_shown(person, page.locator(".cm-panel-lint"), "list of errors")
    keys.press("Escape")
    set_up_editor(person, {"Key bindings": "vim"})
    expect(page.locator(".cm-vim-panel, .cm-vimMode").first).to_be_attached()
    page.locator(".cm-content").click()
    keys.press("Escape")
    keys.type(":")
    check_while_shown(person, page.locator(".cm-vim-panel input"), "vim's command line")
