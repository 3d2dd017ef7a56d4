"""People reach their goals on the pages, and the tests count their clicks.

Tests of other files reach goals by keyboard (``test_a_person_signs_in_and_solves_a_problem_by_keyboard``),
without a connection (``test_a_typed_program_is_kept_while_the_connection_is_lost``), and during an outage of
Redis (``test_a_submission_survives_a_redis_outage_which_the_pages_show``). If the variable ``GAVEL_TRACES``
names a folder, each test writes a trace into it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.app_fixture import Stack
from tests.browser.person import JUDGED_MS, Person
from tests.browser.test_operating import broken_submission
from tests.browser.test_problem_page import RIGHT, WRONG, at_problem

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]
Report = Callable[[str, object], None]
PASSWORD = "a long password"
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""The usual figures: 400 ms and 400 kbit/s."""
COUNT_CLICKS = """
const count = event => {
    if (!event.isTrusted || event.detail === 0) return;
    sessionStorage.setItem("clicks", String(Number(sessionStorage.getItem("clicks") ?? 0) + 1));
};
addEventListener("click", count, true);
"""


def counted(person: Person) -> Person:
    """Count the person's clicks with the mouse or a finger from now on. Returns the person."""
    person.page.add_init_script(COUNT_CLICKS)
    return person


def clicks(person: Person) -> int:
    return int(person.page.evaluate("sessionStorage.getItem('clicks') ?? 0"))


def test_a_newcomer_solves_the_first_problem_within_five_clicks(
    visit: Visit, record_property: Report
) -> None:
    """The newcomer begins at the home page, signs up, and submits the starter code of the first problem,
    which solves it."""
    person = counted(visit())
    page = person.page
    person.open("/")
    page.get_by_role("banner").get_by_role("link", name="Sign up").click()
    page.get_by_label("Name").press_sequentially(f"new-{secrets.token_hex(4)}")
    page.get_by_label("Password").press_sequentially(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.get_by_role("link", name="A plus B").click()
    expect(page.locator(".editor-plain")).to_be_visible()
    person.submit()
    person.expect_verdict("Accepted")
    record_property("clicks", clicks(person))
    assert clicks(person) <= 5


@pytest.mark.slow  # test_problem_page.py shows a draft in a second browser
def test_a_returning_solver_finds_the_program_and_the_verdict_on_a_second_device(
    visit: Visit, record_property: Report
) -> None:
    """On another device, the list shows which problems were tried, and the problem shows the program and its
    verdict."""
    name = f"back-{secrets.token_hex(4)}"
    first = visit()
    first.sign_up(name, PASSWORD)
    first.open("/problems/aplusb")
    first.write("python3", WRONG)
    first.submit()
    first.expect_verdict("Wrong Answer")
    expect(first.page.get_by_role("link", name="Every test of this submission")).to_be_visible()
    second = counted(visit())
    page = second.page
    second.open("/sign-in")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    tried = page.get_by_role("row").filter(has=page.locator("a[href='/problems/aplusb']"))
    expect(tried.get_by_title("tried")).to_be_visible()
    tried.get_by_role("link", name="A plus B").click()
    expect(page.locator(".editor-plain")).to_have_value(WRONG)
    page.get_by_role("tab", name="My submissions").click()
    expect(page.get_by_role("table", name="Submissions").get_by_text("Wrong Answer")).to_be_visible()
    second.write("python3", RIGHT)
    second.submit()
    second.expect_verdict("Accepted")
    page.get_by_role("link", name=re.compile("^Next: ")).click()
    expect(page.get_by_role("heading", level=1, name="A plus B")).to_have_count(0)
    record_property("clicks", clicks(second))
    assert clicks(second) <= 6


def test_a_person_submits_on_a_phone_without_scrolling(visit: Visit, record_property: Report) -> None:
    person = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    person.sign_up(f"phone-{secrets.token_hex(4)}", PASSWORD)
    counted(person)
    page = person.page
    page.reload()
    page.get_by_role("link", name="A plus B").tap()
    bar = page.get_by_role("tablist", name="Part of the page")
    submit = page.get_by_role("button", name="Submit")
    for part in ("Problem", "Code"):
        bar.get_by_role("tab", name=part).tap()
        expect(submit).to_be_in_viewport(ratio=1)
    expect(page.locator(".editor-plain, .cm-content").first).to_be_visible()
    submit.tap()
    person.expect_verdict("Accepted")
    expect(page.locator(".verdict-title")).to_be_in_viewport(ratio=1)
    expect(submit).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    header = page.get_by_role("banner").bounding_box()
    assert header is not None and header["height"] <= 100, (
        "a long account name must not add a line to the header"
    )
    record_property("taps", clicks(person))
    assert clicks(person) <= 4


NAMED = (
    "button",
    "link",
    "textbox",
    "searchbox",
    "combobox",
    "checkbox",
    "radio",
    "tab",
    "table",
    "img",
    "dialog",
)
PAGES = (
    *(
        "/",
        "/problems",
        "/problems/aplusb",
        "/submissions",
        "/account",
        "/notices",
        "/events",
        "/my-problems",
    ),
    *(
        f"/admin/{part}"
        for part in ("", "submissions", "workers", "problems", "languages", "accounts", "logs")
    ),
)


def test_controls_pictures_and_tables_have_names_for_screen_readers(visit: Visit) -> None:
    """In the browser's tree for screen readers, every control, picture and table has a name."""
    person = visit()
    person.sign_in("admin")
    session = person.page.context.new_cdp_session(person.page)
    nameless: list[str] = []
    for path in PAGES:
        person.open(path)
        expect(person.page.locator("h1").first).to_be_attached()
        expect(person.page.locator(".loading")).to_have_count(0)
        nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
        roles = [(node.get("role", {}).get("value"), node) for node in nodes if not node.get("ignored")]
        assert {role for role, _ in roles} >= {"main", "banner", "heading"}, path
        nameless += [
            f"{path}: {role}"
            for role, node in roles
            if role in NAMED and not node.get("name", {}).get("value")
        ]
    assert nameless == []


def test_a_person_reads_the_statement_and_gets_a_verdict_over_slow_3g(
    visit: Visit, record_property: Report
) -> None:
    signed_in = visit()
    signed_in.sign_up(f"slow-{secrets.token_hex(4)}", PASSWORD)
    person = visit(storage_state=signed_in.page.context.storage_state())
    page = person.page
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    page.goto(f"{person.stack.url}/problems/aplusb", wait_until="commit")
    expect(page.locator(".prose")).to_contain_text("Given two integers", timeout=JUDGED_MS)
    painted = page.evaluate("performance.getEntriesByType('paint')[0]?.startTime ?? performance.now()")
    record_property("first paint in ms", round(painted))
    expect(page.locator(".editor-plain")).to_be_visible(timeout=3 * JUDGED_MS)
    person.submit()
    expect(page.locator(".verdict-title")).to_have_text("Accepted", timeout=3 * JUDGED_MS)


def _post(stack: Stack, name: str) -> None:
    """Submit by the API, as a second client of the same account does."""
    signed_in = requests.Session()
    token = signed_in.post(
        f"{stack.url}/session", json={"name": name, "password": PASSWORD}, timeout=20
    ).json()
    body = {"problem": "aplusb", "language": "python3", "source": WRONG}
    headers = {"X-CSRF-Token": token["csrf_token"]}
    assert (
        signed_in.post(f"{stack.url}/submissions", json=body, headers=headers, timeout=20).status_code == 202
    )


@pytest.mark.long_on("problem")
@pytest.mark.parametrize("place", ["/submissions", "/problems/aplusb"], ids=["submissions", "problem"])
def test_submissions_from_a_second_tab_and_the_api_appear_in_an_open_list(visit: Visit, place: str) -> None:
    name = f"tabs-{secrets.token_hex(4)}"
    person = visit()
    person.sign_up(name, PASSWORD)
    person.open("/problems/aplusb")
    tab = person.page.context.new_page()
    tab.goto(person.stack.url + place)
    if place != "/submissions":
        tab.get_by_role("tab", name="My submissions").click()
    expect(tab.get_by_text("No submissions here yet")).to_be_visible()
    person.write("python3", RIGHT)
    person.submit()
    accepted = tab.get_by_role("table", name="Submissions").get_by_text("Accepted", exact=True)
    expect(accepted).to_have_count(1, timeout=JUDGED_MS)
    _post(person.stack, name)
    refused = tab.get_by_role("table", name="Submissions").get_by_text("Wrong Answer", exact=True)
    expect(refused).to_have_count(1, timeout=JUDGED_MS)


def test_the_shown_age_of_a_submission_grows(visit: Visit) -> None:
    person = at_problem(visit)
    person.submit()
    person.expect_verdict("Accepted")
    person.page.clock.install()
    person.open("/submissions")
    age = person.page.locator(".submission-table time").first
    expect(age).to_contain_text(re.compile("now|second"))
    person.page.clock.fast_forward("05:00")
    expect(age).to_have_text(re.compile("5 min"))


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/problems/aplusb", "/sign-in"),
        *(pytest.param(path, marks=pytest.mark.slow) for path in ("/problems", "/events", "/submissions")),
    ],
)
def test_the_pages_of_a_visitor_write_nothing_to_the_console(visit: Visit, path: str) -> None:
    person = visit()
    said: list[str] = []
    person.page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    person.open(path)
    expect(person.page.locator("h1").first).to_be_attached()
    expect(person.page.locator(".loading")).to_have_count(0)
    person.page.wait_for_load_state("networkidle")
    assert said == []


@pytest.mark.slow  # test_operating.py finds the reason too, without counting clicks
def test_an_operator_finds_why_a_submission_failed_within_three_clicks(
    visit: Visit, stack: Stack, record_property: Report
) -> None:
    id = broken_submission(stack)
    admin = counted(visit())
    admin.sign_in("admin")
    admin.page.evaluate("sessionStorage.removeItem('clicks')")
    page = admin.page
    page.get_by_role("banner").get_by_role("link", name="Operating").click()
    page.get_by_role("navigation", name="Operating").get_by_role("link", name="Submissions").click()
    page.get_by_role("radio", name="Internal errors").check()
    row = page.get_by_role("row").filter(has_text=id[-8:])
    expect(row).to_contain_text("a secret of the jury", timeout=JUDGED_MS)
    record_property("clicks", clicks(admin))
    assert clicks(admin) <= 3
