"""axe-core checks pages with their dialogs and expandable parts open, in light and dark.

The first tests search the sources for dialogs and expandable parts. A new dialog or part must be added in
this file and in dialogs.py. test_rare_dialogs.py checks the dialogs of states that take long to reach.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app_fixture import Stack
from tests.browser.dialogs import ALREADY_OPEN, OPENED_AT, SOURCES, components, names
from tests.browser.person import JUDGED_MS, SCHEMES, Person
from tests.browser.test_authoring import SUM, package, upload
from tests.browser.test_events import make_event
from tests.browser.test_operating import broken_submission, paused, post
from tests.browser.test_problem_page import WRONG

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]
OPEN_DETAILS = "for (const each of document.querySelectorAll('main details')) each.open = true"
DIALOGS = {
    "components/ConfirmDialog",  # each ConfirmButton has this dialog, and the tests open it on each page
    "components/DialogButton",
    "auth/SignInDialog",
    "account/YourData",
    "authoring/PublishButton",
    "problem/UploadFiles",
}
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
    return {
        path.relative_to(SOURCES).with_suffix("").as_posix()
        for path in components()
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }


def test_each_dialog_and_expandable_part_of_the_sources_is_listed_here() -> None:
    assert found("<dialog") == DIALOGS
    assert found("<details|aria-expanded") == EXPANDED
    assert found('role="menu|popover=|aria-haspopup') == set(), "open the new menu or popover here too"


def test_each_dialog_of_the_sources_is_opened_by_a_check() -> None:
    opened = {name for each in OPENED_AT.values() for name in each}
    assert opened | ALREADY_OPEN == set(names())


def test_each_listed_state_of_a_page_is_named_in_a_test() -> None:
    """The name of each state of ``OPENED_AT`` must occur in a test."""
    tests = "".join(
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*dialogs.py")
    )
    assert [state for state in OPENED_AT if f'"{state}"' not in tests] == []


def test_each_button_with_a_confirmation_has_an_accessible_name() -> None:
    """The name of a button is its label. If the label is a picture, the button needs an accessible name."""
    nameless = []
    for path in SOURCES.rglob("*.tsx"):
        for button in re.findall(r"<ConfirmButton\b.*?/>\n", path.read_text(encoding="utf-8"), re.DOTALL):
            if "label={<" in button and "accessibleName=" not in button:
                nameless.append(f"{path.name}: {button[:80]}")
    assert nameless == []


def check(person: Person, state: str) -> None:
    """Run axe-core on the page as it is, and with each of its dialogs open, in light and in dark."""
    for scheme in SCHEMES:
        person.page.emulate_media(color_scheme=scheme)
        assert person.accessibility_violations() == [], (state, scheme)
        opened = person.open_dialogs()
        assert opened.violations == [], (state, scheme)
        assert set(OPENED_AT.get(state, ())) <= opened.names, (state, scheme, sorted(opened.names))
    person.page.emulate_media(color_scheme="light")


def expand_all(person: Person) -> int:
    """Open all expandable parts of this page. Returns how many parts are open now."""
    page = person.page
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    page.evaluate(OPEN_DETAILS)
    closed = page.locator("main [aria-expanded=false]")
    while (before := closed.count()) > 0:
        closed.first.click()
        expect(closed).not_to_have_count(before)
    page.evaluate(OPEN_DETAILS)
    expect(page.locator(".loading")).to_have_count(0)
    return page.locator("main details[open], main [aria-expanded=true]").count()


def check_open(person: Person, path: str, least: int = 0, state: str = "") -> None:
    person.open(path)
    assert expand_all(person) >= least, path
    check(person, state or path)


def check_dialog(person: Person, opened: Locator, name: str | re.Pattern[str]) -> None:
    opened.click()
    expect(person.page.get_by_role("dialog", name=name)).to_be_visible()
    check_alone(person, name)
    person.page.keyboard.press("Escape")
    expect(person.page.get_by_role("dialog")).to_have_count(0)


def check_alone(person: Person, name: object) -> None:
    assert person.violations_in_light_and_dark() == [], name


@pytest.mark.slow  # test_accessibility.py opens the dialogs of both pages
def test_the_dialogs_of_the_problem_page_and_of_a_submission_are_accessible(
    visit: Visit, tmp_path: Path
) -> None:
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
    check(person, "/problems/SLUG")
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
    """Share a submission, and revoke the link. Its problem is in no other test's event, because an event
    forbids sharing."""
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
    check(person, "/submissions/ID, shared")
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(link).to_have_count(0)


@pytest.mark.slow  # test_accessibility.py opens the page's dialogs
def test_the_dialogs_of_the_account_page_are_accessible(visit: Visit) -> None:
    person = visit()
    name = f"open-{secrets.token_hex(4)}"
    person.sign_up(name, "a long password")
    person.open("/account")
    person.page.get_by_role("textbox", name="Address", exact=True).fill(f"https://example.invalid/{name}")
    person.page.get_by_role("button", name="Add a webhook").click()
    expect(person.page.get_by_role("status").filter(has_text="whsec_")).to_be_visible()
    check_open(person, "/account", 1, "a new account")
    check_dialog(
        person, person.page.get_by_role("button", name=re.compile("^Delete")).last, "Delete this account?"
    )


@pytest.mark.parametrize(
    ("path", "least"),
    [
        *(("/admin/", 1), ("/admin/workers", 2)),
        *(
            pytest.param(path, 0, marks=pytest.mark.slow)
            for path in (
                "/admin/submissions",
                "/admin/problems",
                "/admin/languages",
                "/admin/accounts",
                "/admin/webhooks",
                "/admin/audit",
                "/admin/logs",
            )
        ),
    ],
)
def test_dialogs_and_expandable_parts_on_the_pages_of_operators_are_accessible(
    visit: Visit, path: str, least: int
) -> None:
    admin = visit()
    admin.sign_in("admin")
    check_open(admin, path, least)


@pytest.mark.slow  # test_operating.py checks one of its dialogs
def test_the_dialogs_for_a_chosen_submission_are_accessible(visit: Visit, stack: Stack) -> None:
    id = broken_submission(stack)
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/submissions")
    admin.page.get_by_role("radio", name="Internal errors").check()
    admin.page.get_by_role("checkbox", name=f"Choose {id[-8:]}").check(timeout=JUDGED_MS)
    check(admin, "/admin/submissions, an error is chosen")
    check_open(admin, f"/submissions/{id}", 1, "an internal error")


@pytest.mark.slow  # test_operating.py checks one of its dialogs
def test_the_dialogs_for_a_waiting_submission_are_accessible(visit: Visit, stack: Stack) -> None:
    admin, person = visit(), visit()
    admin.sign_in("admin")
    person.sign_in("normal")
    with paused(stack):
        id = post(stack)
        admin.open("/admin/submissions")
        admin.page.get_by_role("checkbox", name=f"Choose {id[-8:]}").check()
        check(admin, "/admin/submissions, a waiting one is chosen")
        person.open(f"/submissions/{id}")
        expect(person.page.get_by_role("button", name="Cancel submission")).to_be_visible()
        check(person, "/submissions/ID, waiting")


@pytest.mark.long
def test_dialogs_and_expandable_parts_on_the_pages_of_authors_are_accessible(
    visit: Visit, tmp_path: Path
) -> None:
    slug = f"opened-{secrets.token_hex(3)}"
    admin = visit()
    admin.sign_in("admin")
    upload(admin, package(tmp_path, slug, "2147483648\n", SUM))
    check_open(admin, f"/my-problems/{slug}", state="/my-problems/SLUG")
    publish = admin.page.get_by_role("button", name="Publish …")
    check_dialog(admin, publish, re.compile("^Publish version"))
    admin.page.get_by_role("button", name="Verify", exact=True).click()
    expect(admin.page.get_by_text("All as expected")).to_be_visible(timeout=3 * JUDGED_MS)
    check_open(admin, f"/my-problems/{slug}", 1)
    check_open(admin, f"/my-problems/{slug}/edit", 1)
    admin.page.get_by_label("Content of statement/problem.en.md").fill("Add *two* numbers.\n")
    check(admin, "/my-problems/SLUG/edit")
    for tab, part in (("Settings", "General"), ("Samples and tests", "Add the group")):
        admin.page.get_by_role("tab", name=tab).click()
        expect(admin.page.get_by_text(part)).to_be_visible(timeout=JUDGED_MS)
        opened = expand_all(admin)
        check(admin, f"/my-problems/SLUG/edit, {tab}")
    assert opened >= 6, "a test, its settings or a group could not be expanded"


@pytest.mark.long
def test_dialogs_and_expandable_parts_on_the_pages_of_an_event_are_accessible(visit: Visit) -> None:
    slug = f"opened-{secrets.token_hex(4)}"
    jury = visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    check_open(jury, "/events", 1)
    for part in ("", "/scoreboard", "/results", "/similarity", "/invitations"):
        check_open(jury, f"/events/{slug}{part}")
    check_open(jury, f"/events/{slug}/shadow", 1)
    check_open(jury, f"/events/{slug}/jury", 2)
