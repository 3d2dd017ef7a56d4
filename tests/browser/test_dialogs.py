"""axe-core checks every page with its dialogs and expandable parts open, in light and dark.

The first test searches the sources for them, so a new one must be added here.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app_fixture import Stack
from tests.browser.person import JUDGED_MS, SCHEMES, Person
from tests.browser.test_authoring import SUM, package, upload
from tests.browser.test_events import make_event
from tests.browser.test_operating import broken_submission
from tests.browser.test_problem_page import WRONG
from tests.browser.test_quality import RouteInterceptor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]
SOURCES = Path("frontend/src")
DIALOGS = {
    "components/ConfirmDialog",  # every ConfirmButton has one; those of each page are opened
    "auth/SignInDialog",
    "account/YourData",
    "authoring/PublishButton",
    "problem/EditorSettings",
    "problem/ShortcutHelp",
    "problem/UploadFiles",
}
# Some parts appear only where there is a rejudging, a similarity report or a candidate's report. The last
# tests here answer for the server; test_authoring.py opens the part of a problem's rejudging.
EXPANDED = {
    "admin/Workers",
    "admin/HealthSummary",
    "admin/MarkerList",
    "admin/SubmissionCockpit",
    "authoring/TestsForm",
    "authoring/VerificationPanel",
    "authoring/TestEditor",
    "authoring/Rejudging",
    "authoring/EditProblemPage",
    "authoring/ExportPackage",
    "events/EventsPage",
    "events/Rejudgings",
    "events/Balloons",
    "events/JuryPage",
    "events/Messages",
    "events/RulesFields",
    "events/CandidateReportPage",
    "events/ShadowPage",
    "events/SimilarityPage",
    "webhooks/Webhooks",
}


def found(pattern: str) -> set[str]:
    sources = (path for path in SOURCES.rglob("*.tsx") if not path.name.endswith(".test.tsx"))
    return {
        path.relative_to(SOURCES).with_suffix("").as_posix()
        for path in sources
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }


def test_every_dialog_and_expandable_part_of_the_sources_is_listed() -> None:
    assert found("<dialog") == DIALOGS
    assert found("<details|aria-expanded") == EXPANDED
    assert found('role="menu|popover=|aria-haspopup') == set(), "menus are opened here too"


def test_every_button_that_asks_first_has_a_name() -> None:
    """Its name is the label, or the accessible name where the label is a picture."""
    nameless = []
    for path in SOURCES.rglob("*.tsx"):
        for button in re.findall(r"<ConfirmButton\b.*?/>\n", path.read_text(encoding="utf-8"), re.DOTALL):
            if "label={<" in button and "accessibleName=" not in button:
                nameless.append(f"{path.name}: {button[:80]}")
    assert nameless == []


def check(person: Person, place: str) -> None:
    """Run axe-core on the page as it is, and with each of its dialogs open, in light and in dark."""
    for scheme in SCHEMES:
        person.page.emulate_media(color_scheme=scheme)
        assert person.accessibility_violations() == [], (place, scheme)
        assert person.dialog_violations() == [], (place, scheme)
    person.page.emulate_media(color_scheme="light")


def expand_all(person: Person) -> int:
    """Open whatever can be opened on this page. Returns how many parts are open now."""
    page = person.page
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
    closed = page.locator("main [aria-expanded=false]")
    while (before := closed.count()) > 0:
        closed.first.click()
        expect(closed).not_to_have_count(before)
    expect(page.locator(".loading")).to_have_count(0)
    return page.locator("main details[open], main [aria-expanded=true]").count()


def check_open(person: Person, path: str, least: int = 0) -> None:
    person.open(path)
    assert expand_all(person) >= least, path
    check(person, path)


def check_dialog(person: Person, opened: Locator, name: str | re.Pattern[str]) -> None:
    opened.click()
    expect(person.page.get_by_role("dialog", name=name)).to_be_visible()
    check_alone(person, name)
    person.page.keyboard.press("Escape")
    expect(person.page.get_by_role("dialog")).to_have_count(0)


def check_alone(person: Person, name: object) -> None:
    assert person.violations_in_light_and_dark() == [], name


def test_the_dialogs_of_the_problem_page_and_of_a_submission(visit: Visit, tmp_path: Path) -> None:
    person = visit()
    person.sign_up(f"open-{secrets.token_hex(4)}", "a long password")
    page = person.page
    person.open("/problems/aplusb")
    check_dialog(person, page.get_by_role("button", name="Keyboard shortcuts"), "Keyboard shortcuts")
    check_dialog(person, page.get_by_role("button", name="Editor settings"), "Editor settings")
    check_dialog(person, page.get_by_role("button", name="Start over with the starter code"), "Start over?")
    files = [tmp_path / "main.py", tmp_path / "other.py"]
    for file in files:
        file.write_text("print(1)\n")
    page.get_by_label("Files of your program").set_input_files(files)
    check_alone(person, "Submit these files")
    page.keyboard.press("Escape")
    person.write("python3", WRONG)
    person.submit()
    person.expect_verdict("Wrong Answer")
    check(person, "/problems/aplusb")
    page.get_by_role("link", name="Every test of this submission").click()
    expect(page.get_by_role("button", name="Share")).to_be_visible()
    check(person, "/submissions/ID")
    share_and_revoke(person)
    person.open("/problems/aplusb")
    expect(page.locator(".editor-plain, .cm-content").first).to_be_visible()
    page.context.clear_cookies()
    person.submit()
    expect(page.get_by_role("dialog", name="Sign in again")).to_be_visible()
    check_alone(person, "Sign in again")


def share_and_revoke(person: Person) -> None:
    """Of a problem that is in no other test's event: an event forbids sharing."""
    page = person.page
    person.open("/problems/nextprime")
    person.write("python3", "print(0)\n")
    person.submit()
    person.expect_verdict("Wrong Answer")
    page.get_by_role("link", name="Every test of this submission").click()
    page.get_by_role("button", name="Share").click()
    page.get_by_role("dialog").get_by_role("button", name="Share").click()
    link = page.locator(".public-link code")
    expect(link).to_be_visible()
    check_dialog(person, page.get_by_role("button", name="Revoke"), "Revoke the public link?")
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(link).to_have_count(0)


def test_the_dialogs_of_the_account_page(visit: Visit) -> None:
    person = visit()
    name = f"open-{secrets.token_hex(4)}"
    person.sign_up(name, "a long password")
    person.open("/account")
    person.page.get_by_role("textbox", name="Address", exact=True).fill(f"https://example.invalid/{name}")
    person.page.get_by_role("button", name="Add a webhook").click()
    expect(person.page.get_by_role("status").filter(has_text="whsec_")).to_be_visible()
    check_open(person, "/account", 1)
    check_dialog(
        person, person.page.get_by_role("button", name=re.compile("^Delete")).last, "Delete this account?"
    )


@pytest.mark.parametrize(
    ("part", "least"),
    [
        *(("", 1), ("workers", 2), ("submissions", 0), ("problems", 0), ("languages", 0), ("accounts", 0)),
        *(("webhooks", 0), ("audit", 0), ("logs", 0)),
    ],
)
def test_everything_that_opens_on_a_page_of_operators(visit: Visit, part: str, least: int) -> None:
    admin = visit()
    admin.sign_in("admin")
    check_open(admin, f"/admin/{part}", least)


def test_what_opens_for_a_chosen_submission_and_account(visit: Visit, stack: Stack) -> None:
    id = broken_submission(stack)
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/submissions")
    admin.page.get_by_role("radio", name="Internal errors").check()
    admin.page.get_by_role("checkbox", name=f"Choose {id[-8:]}").check(timeout=JUDGED_MS)
    check(admin, "/admin/submissions, with one chosen")
    admin.open("/admin/accounts")
    admin.page.get_by_role("checkbox", name="Choose normal").check()
    check(admin, "/admin/accounts, with one chosen")
    check_open(admin, f"/submissions/{id}", 1)


def test_everything_that_opens_on_the_pages_of_authors(visit: Visit, tmp_path: Path) -> None:
    slug = f"opened-{secrets.token_hex(3)}"
    admin = visit()
    admin.sign_in("admin")
    upload(admin, package(tmp_path, slug, "2147483648\n", SUM))
    check_open(admin, f"/my-problems/{slug}")
    publish = admin.page.get_by_role("button", name="Publish …")
    check_dialog(admin, publish, re.compile("^Publish version"))
    admin.page.get_by_role("button", name="Verify", exact=True).click()
    expect(admin.page.get_by_text("All as promised")).to_be_visible(timeout=3 * JUDGED_MS)
    check_open(admin, f"/my-problems/{slug}", 1)
    check_open(admin, f"/my-problems/{slug}/edit", 1)


def test_everything_that_opens_on_the_pages_of_an_event(visit: Visit) -> None:
    slug = f"opened-{secrets.token_hex(4)}"
    jury = visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    check_open(jury, "/events", 1)
    for part in ("", "/scoreboard", "/results", "/similarity", "/invitations"):
        check_open(jury, f"/events/{slug}{part}")
    check_open(jury, f"/events/{slug}/shadow", 1)
    check_open(jury, f"/events/{slug}/jury", 2)


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


def of_event(visit: Visit, answers: Mapping[str, object]) -> tuple[Person, str]:
    """Sign in a juror. The browser gets these answers for paths below a new event."""
    slug = f"opened-{secrets.token_hex(4)}"
    jury = visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    for path, body in answers.items():
        RouteInterceptor(jury.page, f"/events/{slug}{path}", "give", body)
    return jury, f"/events/{slug}"


def test_the_changes_of_an_events_rejudging(visit: Visit) -> None:
    answers = {"/rejudgings": {"rejudgings": [REJUDGING]}, f"/rejudgings/{ID}": REJUDGING | CHANGES}
    jury, event = of_event(visit, answers)
    jury.open(f"{event}/jury")
    expand_all(jury)
    expect(jury.page.get_by_role("table", name="Rows of the scoreboard that change")).to_be_visible()
    check(jury, "a rejudging")


def test_a_similarity_report_with_a_pair_of_programs(visit: Visit) -> None:
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
    check(jury, "a similarity report")


def test_the_report_on_an_invited_person(visit: Visit) -> None:
    jury, event = of_event(visit, {f"/invitations/{ID}/report": CANDIDATE})
    jury.open(f"{event}/invitations/{ID}")
    expect(jury.page.get_by_role("heading", name="Report on Ada")).to_be_visible()
    assert expand_all(jury) >= 1
    expect(jury.page.get_by_label("Source")).to_contain_text("print(1)")
    check(jury, "a candidate's report")
