"""A contest by clicks: the jury makes it, a member submits and asks, others watch the scoreboard."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.person import JUDGED_MS, Person
from tests.browser.test_problem_page import RIGHT

pytestmark = pytest.mark.browser


def _field(minutes: float) -> str:
    return (datetime.now() + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")


def make_event(jury: Person, slug: str) -> None:
    page = jury.page
    jury.open("/events")
    page.get_by_text("Make an event").click()
    page.get_by_role("textbox", name="Title").fill("Spring contest")
    page.get_by_label("Name in its address").last.fill(slug)
    page.get_by_label("Start", exact=True).fill(_field(-60))
    page.get_by_label("End", exact=True).fill(_field(120))
    page.get_by_role("textbox", name="Problems").fill("aplusb change")
    page.get_by_label("Seen by").select_option("public")
    page.get_by_role("button", name="Make the event").click()
    expect(page.get_by_role("heading", name="Spring contest")).to_be_visible()


def test_a_contest_from_its_creation_to_the_scoreboard(visit: Callable[..., Person]) -> None:
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
    expect(board.get_by_text("solved first, after 60 minutes, 1 try")).to_be_attached(timeout=JUDGED_MS)

    member.open(f"/events/{slug}")
    expect(member.page.get_by_role("row").filter(has_text="Python 3").get_by_text("Accepted")).to_be_visible()
    member.page.get_by_label("Your question to the jury").fill("How large is n?")
    member.page.get_by_role("button", name="Ask", exact=True).click()
    jury.page.reload()
    jury.page.get_by_label("Answer to normal").fill("At most ten.")
    jury.page.get_by_role("button", name="Answer").click()
    member.page.reload()
    expect(member.page.get_by_text("At most ten.")).to_be_visible()


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
    page.get_by_label("Reason").fill("to be sure")
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
    assert jury.accessibility_violations() == []


def _add_member(jury: Person, accounts: str, name: str = "") -> None:
    page = jury.page
    page.get_by_role("textbox", name="Accounts").fill(accounts)
    page.get_by_role("textbox", name="Name of the team").fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("rowheader", name=name or accounts)).to_be_visible()


def test_a_paused_event_shows_it_and_goes_on_later(visit: Callable[..., Person]) -> None:
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
    expect(member.page.get_by_text("its time stands still")).to_be_visible()
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
    assert jury.accessibility_violations() == []


def test_a_teacher_reads_the_results_and_one_members_history(visit: Callable[..., Person]) -> None:
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
    assert jury.accessibility_violations() == []
    assert page.get_by_role("link", name="XLSX").get_attribute("href") == f"/events/{slug}/results.xlsx"


@pytest.mark.parametrize(
    "path",
    ["/events", *(f"/events/SLUG{part}" for part in ("", "/scoreboard", "/results", "/jury"))],
)
def test_the_pages_of_an_event_are_accessible(visit: Callable[..., Person], path: str) -> None:
    jury = visit()
    jury.sign_in("admin")
    slug = f"reach-{time.time_ns()}"
    make_event(jury, slug)
    jury.open(path.replace("SLUG", slug))
    expect(jury.page.get_by_role("heading", level=1)).to_be_visible()
    expect(jury.page.locator(".loading")).to_have_count(0)
    assert jury.accessibility_violations() == []
