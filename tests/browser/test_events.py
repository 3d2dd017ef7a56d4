"""The jury makes a contest by clicks, a member submits and asks, and visitors watch the scoreboard."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.app_fixture import Stack
from tests.browser.person import JUDGED_MS, Person
from tests.browser.test_problem_page import RIGHT

pytestmark = pytest.mark.browser


def _field(minutes: float) -> str:
    return (datetime.now() + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")


def make_event(jury: Person, slug: str, fill: Callable[[Person, str], None] | None = None) -> None:
    page = jury.page
    jury.open("/events")
    page.get_by_text("Make an event").click()
    page.get_by_role("textbox", name="Title").fill("Spring contest")
    page.get_by_label("Name in its address").last.fill(slug)
    page.get_by_label("Start", exact=True).fill(_field(-60))
    page.get_by_label("End", exact=True).fill(_field(120))
    page.get_by_role("textbox", name="Problems").fill("aplusb change")
    page.get_by_label("Seen by").select_option("public")
    if fill:
        fill(jury, slug)
    page.get_by_role("button", name="Make the event").click()
    expect(page.get_by_role("heading", name="Spring contest")).to_be_visible()


def test_a_jury_makes_a_contest_and_a_member_submits_and_asks(visit: Callable[..., Person]) -> None:
    slug = f"spring-{time.time_ns()}"
    jury, member, watcher = visit(), visit(), visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    jury.page.get_by_text("Add members").click()
    jury.page.get_by_role("textbox", name="Accounts").fill("normal")
    jury.page.get_by_role("button", name="Add", exact=True).click()
    expect(jury.page.get_by_role("rowheader", name="normal")).to_be_visible()

    watcher.open(f"/events/{slug}/scoreboard")
    board = watcher.page.get_by_role("table")
    expect(board.get_by_role("rowheader", name="normal")).to_be_visible()
    expect(watcher.page.get_by_text("live", exact=True)).to_be_visible()

    member.sign_in("normal")
    member.page.get_by_role("link", name="Events").click()
    member.page.get_by_role("link", name="Spring contest").first.click()
    expect(member.page.get_by_role("timer")).to_contain_text("ends in")
    member.page.locator("a[href$='/problems/A']").click()
    member.write("python3", RIGHT)
    member.submit()
    member.expect_verdict("Accepted")
    # On a busy host more than a minute may pass between the creation and the submission.
    expect(board.get_by_text(re.compile(r"solved first, after 6\d minutes, 1 try"))).to_be_attached(
        timeout=JUDGED_MS
    )

    member.open(f"/events/{slug}")
    expect(member.page.get_by_role("row").filter(has_text="Python 3").get_by_text("Accepted")).to_be_visible()
    member.page.get_by_label("Your question to the jury").fill("How large is n?")
    member.page.get_by_role("button", name="Ask", exact=True).click()
    jury.page.get_by_label("Answer to normal").fill("At most ten.", timeout=JUDGED_MS)
    jury.page.get_by_role("button", name="Answer", exact=True).click()
    expect(member.page.get_by_text("At most ten.")).to_be_visible(timeout=JUDGED_MS)


def _call(person: Person, method: str, path: str, body: Any, who: str = "admin") -> Any:
    headers = {"Authorization": f"Bearer {person.stack.keys[who]}"}
    answer = requests.request(method, person.stack.url + path, json=body, headers=headers, timeout=20)
    assert answer.ok, answer.text
    return answer.json()


def test_a_scoreboard_can_be_filtered_frozen_and_shown_full_screen(visit: Callable[..., Person]) -> None:
    slug = f"board-{time.time_ns()}"
    jury, watcher = visit(), visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    members = [
        {"accounts": ["normal"], "name": "Team Ice", "affiliation": "North"},
        {"accounts": ["admin"], "name": "Team Fire", "affiliation": "South", "category": "guest"},
    ]
    _call(jury, "POST", f"/events/{slug}/members", {"members": members})
    page = watcher.page
    watcher.open(f"/events/{slug}/scoreboard")
    ice, fire = (page.get_by_role("rowheader", name=name) for name in ("Team Ice", "Team Fire"))
    expect(ice).to_be_visible()
    expect(fire).to_be_visible()
    for choose, one in (("Category", "guest"), ("Affiliation", "South")):
        page.get_by_label(choose).select_option(one)
        expect(ice).to_have_count(0)
        expect(fire).to_be_visible()
        page.get_by_label(choose).select_option("")
        expect(ice).to_be_visible()
    page.get_by_role("searchbox", name="Search members").fill("north")
    expect(fire).to_have_count(0)
    expect(ice).to_be_visible()

    frozen = page.get_by_text("Frozen: later results are shown when the jury thaws the standings.")
    expect(frozen).to_have_count(0)
    _call(jury, "PATCH", f"/events/{slug}", {"rules": {"freeze_minutes": 150}})
    expect(frozen).to_be_visible(timeout=JUDGED_MS)
    body = {"problem": "A", "language": "python3", "source": RIGHT, "event": slug}
    _call(jury, "POST", "/submissions", body, "normal")
    expect(page.get_by_text("not solved, 0 tries, 1 not judged")).to_be_attached(timeout=JUDGED_MS)
    _wait_until(lambda: _solved_by_jury(jury, slug) == 1)
    expect(page.get_by_text("not solved, 0 tries, 1 not judged")).to_be_attached()

    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement?.classList.contains('scoreboard')")
    expect(page.get_by_role("button", name="Full screen")).to_be_hidden()
    expect(ice).to_be_visible()
    assert watcher.violations_in_light_and_dark() == []


def _solved_by_jury(jury: Person, slug: str) -> int:
    headers = {"Authorization": f"Bearer {jury.stack.keys['admin']}"}
    found = requests.get(f"{jury.stack.url}/events/{slug}/standings", headers=headers, timeout=20).json()
    return sum(row["solved"] for row in found["rows"])


def test_a_member_sees_an_unread_announcement_above_the_problem(
    visit: Callable[..., Person],
) -> None:
    slug = f"loud-{time.time_ns()}"
    jury, member = visit(), visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    jury.page.get_by_text("Add members").click()
    _add_member(jury, "normal")
    member.sign_in("normal")
    member.open(f"/events/{slug}/problems/A")
    expect(member.page.get_by_role("timer")).to_contain_text("ends in")
    new = member.page.get_by_role("status").filter(has_text="Announcement")
    expect(new).to_have_count(0)
    jury.page.get_by_label("Announcement to all members").fill("Lunch at noon.")
    jury.page.get_by_role("button", name="Announce").click()
    expect(new.get_by_text("Lunch at noon.")).to_be_visible(timeout=JUDGED_MS)
    assert member.violations_in_light_and_dark() == []
    new.get_by_role("button", name="Mark as read").click()
    expect(new).to_have_count(0)
    member.open(f"/events/{slug}/problems/A")
    expect(member.page.get_by_role("timer")).to_contain_text("ends in")
    expect(new).to_have_count(0)


def _state(person: Person, slug: str) -> Any:
    headers = {"Authorization": f"Bearer {person.stack.keys['admin']}"}
    return requests.get(f"{person.stack.url}/events/{slug}/state", headers=headers, timeout=20).json()


RULES = {
    "scoring": "ioi",
    "ioi": {"mode": "tokened", "decimals": 2, "tokens": 1},
    "late": [{"minutes": 60, "percent": 80}, {"minutes": 120, "percent": 50}],
    "max_tries": 7,
    "languages": ["c17", "python3"],
    "feedback": "samples",
    "standings": "jury",
    "networks": ["127.0.0.0/8"],
    "one_address": True,
    "grades": [{"points": 30.0, "grade": "passed"}],
}


def _fill_rules(jury: Person, _slug: str) -> None:
    page = jury.page
    page.get_by_label("Counted by").select_option("ioi")
    page.get_by_text("More rules").click()
    page.get_by_role("spinbutton", name="Points of aplusb").fill("40")
    page.get_by_label("Points of a problem").select_option("tokened")
    page.get_by_label("Tokens of a member for each problem").fill("1")
    page.get_by_label("Late submissions").fill("60: 80, 120: 50")
    page.get_by_label("Submissions of a member to one problem, at most").fill("7")
    page.get_by_label("Languages").fill("c17 python3")
    page.get_by_label("What members see of their submissions until the end").select_option("samples")
    page.get_by_label("Scoreboard shown to").select_option("jury")
    page.get_by_label("Networks from which members take part").fill("127.0.0.0/8")
    page.get_by_label("Each account takes part from one address").check()
    page.get_by_label("Grades").fill("30: passed")


@pytest.fixture
def restricted(stack: Stack) -> Iterator[str]:
    """The name of an event that restricts its members. Its rules are removed after the test, because other
    tests of this stack submit to its problems outside of the event."""
    slug = f"rules-{time.time_ns()}"
    yield slug
    headers = {"Authorization": f"Bearer {stack.keys['admin']}"}
    answer = requests.patch(f"{stack.url}/events/{slug}", json={"rules": {}}, headers=headers, timeout=20)
    assert answer.ok or answer.status_code == 404, answer.text


@pytest.mark.long
def test_the_form_sets_the_rules_of_an_event_and_a_member_uses_a_token(
    visit: Callable[..., Person], restricted: str
) -> None:
    slug, jury, member = restricted, visit(), visit()
    jury.sign_in("admin")
    make_event(jury, slug, _fill_rules)
    made = _state(jury, slug)
    assert {name: made["rules"][name] for name in RULES} == RULES
    assert [(each["slug"], each["weight"]) for each in made["problems"]] == [("aplusb", 40), ("change", 1)]

    page = jury.page
    page.get_by_text("Change the event").click()
    page.get_by_text("More rules").click()
    page.get_by_label("Submissions of a member to one problem, at most").fill("5")
    page.get_by_role("button", name="Save the event").click()
    expect(page.get_by_role("button", name="Save the event")).to_be_enabled()
    _wait_until(lambda: _state(jury, slug)["rules"] == {**made["rules"], "max_tries": 5})
    page.get_by_text("Add members").click()
    _add_member(jury, "normal")

    member.sign_in("normal")
    member.open(f"/events/{slug}/problems/A")
    member.write("python3", RIGHT)
    member.submit()
    member.expect_verdict("Accepted")
    member.open(f"/events/{slug}")
    member.page.get_by_role("button", name="Use a token (1 left)").click()
    expect(member.page.get_by_text("has a token")).to_be_visible()
    assert member.violations_in_light_and_dark() == []

    page.get_by_role("button", name="Disqualify").click(timeout=JUDGED_MS)
    page.get_by_role("dialog").get_by_label("Reason, shown to the member").fill("copied from a book")
    page.get_by_role("dialog").get_by_role("button", name="Disqualify").click()
    expect(page.get_by_text("disqualified: copied from a book")).to_be_visible()
    expect(member.page.get_by_text("disqualified: copied from a book")).to_be_visible(timeout=JUDGED_MS)


@pytest.mark.long
def test_the_jury_gives_more_minutes_and_answers_with_prepared_texts(visit: Callable[..., Person]) -> None:
    slug = f"longer-{time.time_ns()}"
    jury, member = visit(), visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    page = jury.page
    page.get_by_text("Add members").click()
    _add_member(jury, "normal")
    page.get_by_role("button", name="More time for normal").click()
    page.get_by_role("dialog").get_by_label("Minutes").fill("25")
    page.get_by_role("dialog").get_by_role("button", name="More time").click()
    expect(page.get_by_role("row").filter(has_text="normal").get_by_text("25 min")).to_be_visible()
    before = datetime.fromisoformat(_state(jury, slug)["ends_at"])
    page.get_by_role("button", name="More time for all").click()
    page.get_by_role("dialog").get_by_label("Minutes").fill("15")
    page.get_by_role("dialog").get_by_role("button", name="More time for all").click()
    later = before + timedelta(minutes=15)
    _wait_until(lambda: datetime.fromisoformat(_state(jury, slug)["ends_at"]) == later)

    page.get_by_text("Answers to choose from").click()
    page.get_by_label("One answer per line, kept in this browser").fill("See sample two.\nNo comment.")
    member.sign_in("normal")
    member.open(f"/events/{slug}")
    member.page.get_by_label("Your question to the jury").fill("Why?")
    member.page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name="See sample two.").click(timeout=JUDGED_MS)
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(member.page.get_by_text("See sample two.")).to_be_visible(timeout=JUDGED_MS)
    assert jury.violations_in_light_and_dark() == []


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "what the page has sent is not stored after 20 s"
        time.sleep(0.1)


@pytest.mark.long
def test_the_jury_rejudges_with_a_preview_hands_out_balloons_and_comments(
    visit: Callable[..., Person],
) -> None:
    slug = f"jury-{time.time_ns()}"
    jury = visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    page = jury.page
    page.get_by_text("Add members").click()
    page.get_by_role("textbox", name="Accounts").fill("admin")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("rowheader", name="admin")).to_be_visible()
    jury.open(f"/events/{slug}/problems/A")
    jury.write("python3", RIGHT)
    jury.submit()
    jury.expect_verdict("Accepted")

    jury.open(f"/events/{slug}/jury")
    page.get_by_role("textbox", name="Reason").fill("to be sure")
    page.get_by_role("button", name="Run them again").click()
    expect(page.get_by_text("1 of 1 run again. 0 results change.")).to_be_visible(timeout=JUDGED_MS)
    page.get_by_role("button", name="Apply", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(page.get_by_text("applied")).to_be_visible()
    page.get_by_text("Balloons", exact=True).click()
    page.get_by_role("button", name="A of admin is delivered").click()
    expect(page.get_by_role("button", name="A of admin is not delivered")).to_be_visible()

    page.locator("a[href^='/submissions/']").first.click()
    page.get_by_label("Line", exact=True).fill("1")
    page.get_by_role("textbox", name="Comment").fill("Short and clear.")
    page.get_by_role("button", name="Comment").click()
    expect(page.get_by_text("Short and clear.")).to_be_visible()
    assert jury.violations_in_light_and_dark() == []


def _add_member(jury: Person, accounts: str, name: str = "") -> None:
    page = jury.page
    page.get_by_role("textbox", name="Accounts").fill(accounts)
    page.get_by_role("textbox", name="Name of the team").fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("rowheader", name=name or accounts)).to_be_visible()


@pytest.mark.long
def test_a_paused_event_refuses_submissions_until_the_jury_resumes_the_event(
    visit: Callable[..., Person],
) -> None:
    slug = f"still-{time.time_ns()}"
    jury, member = visit(), visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    jury.page.get_by_text("Add members").click()
    _add_member(jury, "normal")
    jury.page.get_by_role("button", name="Pause").click()
    jury.page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    expect(jury.page.get_by_role("timer")).to_contain_text("paused, ends in")
    member.sign_in("normal")
    member.open(f"/events/{slug}")
    expect(member.page.get_by_text("its clock has stopped")).to_be_visible()
    before = member.page.get_by_role("timer").inner_text()
    member.open(f"/events/{slug}/problems/A")
    expect(member.page.get_by_role("timer")).to_have_text(before)
    member.write("python3", RIGHT)
    member.submit()
    expect(member.page.get_by_text("is paused: submit when it goes on")).to_be_visible()
    jury.page.get_by_role("button", name="Resume").click()
    expect(jury.page.get_by_role("timer")).not_to_contain_text("paused")
    member.submit()
    member.expect_verdict("Accepted")
    assert jury.violations_in_light_and_dark() == []


def test_a_teacher_reads_the_results_and_the_history_of_a_member(visit: Callable[..., Person]) -> None:
    slug = f"class-{time.time_ns()}"
    jury = visit()
    jury.sign_in("admin")
    make_event(jury, slug)
    jury.page.get_by_text("Add members").click()
    _add_member(jury, "admin", "Team Own")
    _add_member(jury, "normal")
    jury.open(f"/events/{slug}/problems/A")
    jury.write("python3", RIGHT)
    jury.submit()
    jury.expect_verdict("Accepted")
    page = jury.page
    jury.open(f"/events/{slug}/results")
    row = page.get_by_role("row").filter(has_text="Team Own")
    expect(row).to_contain_text("1 try")
    page.get_by_label("Cells show").select_option("best")
    expect(row).to_contain_text("100 %")
    page.get_by_role("button", name="Team Own").click()
    expect(page.locator("section table").last.get_by_text("Accepted")).to_be_visible()
    page.get_by_role("searchbox", name="Search members").fill("normal")
    expect(row).to_have_count(0)
    assert jury.violations_in_light_and_dark() == []
    assert page.get_by_role("link", name="XLSX").get_attribute("href") == f"/events/{slug}/results.xlsx"


@pytest.mark.parametrize(
    "path",
    [
        *("/events", "/events/SLUG/jury"),
        *(
            pytest.param(f"/events/SLUG{part}", marks=pytest.mark.slow)
            for part in ("", "/scoreboard", "/results")
        ),
    ],
)
def test_the_pages_of_an_event_are_accessible(visit: Callable[..., Person], path: str) -> None:
    jury = visit()
    jury.sign_in("admin")
    slug = f"reach-{time.time_ns()}"
    make_event(jury, slug)
    jury.open(path.replace("SLUG", slug))
    expect(jury.page.get_by_role("heading", level=1)).to_be_visible()
    expect(jury.page.locator(".loading")).to_have_count(0)
    assert jury.violations_in_light_and_dark() == []
