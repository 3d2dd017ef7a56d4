"""axe-core checks every page with its dialogs and expandable parts open, in light and dark.

The first test searches the sources for them, so a new one must be added here.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app_fixture import Stack
from tests.browser.person import JUDGED_MS, Person
from tests.browser.test_authoring import SUM, package, upload
from tests.browser.test_events import make_event
from tests.browser.test_operating import broken_submission
from tests.browser.test_problem_page import WRONG

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SOURCES = Path("frontend/src")
DIALOGS = {
    "components/ConfirmDialog",  # every ConfirmButton has one; those of each page are opened
    "auth/SignInDialog",
    "account/YourData",
    "authoring/PublishButton",
    "problem/ShortcutHelp",
    "problem/UploadFiles",
}
# Some parts appear only where there is a rejudging, a similarity report or a candidate's report.
# test_authoring.py and test_events.py open those of rejudgings.
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
    for scheme in SCHEMES:
        person.page.emulate_media(color_scheme=scheme)
        assert person.accessibility_violations() == [], (name, scheme)
    person.page.emulate_media(color_scheme="light")


def test_the_dialogs_of_the_problem_page_and_of_a_submission(visit: Visit, tmp_path: Path) -> None:
    person = visit()
    person.sign_up(f"open-{secrets.token_hex(4)}", "a long password")
    page = person.page
    person.open("/problems/aplusb")
    check_dialog(person, page.get_by_role("button", name="Keyboard shortcuts"), "Keyboard shortcuts")
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
