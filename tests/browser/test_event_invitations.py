"""A hiring test by clicks: the jury invites a person, who takes part without an account."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.test_problem_page import RIGHT

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 800}, "color_scheme": "dark"}


def _make_event(jury: Person, slug: str) -> None:
    now = datetime.now(UTC)
    body = {
        "slug": slug,
        "title": "Coding test",
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=8)).isoformat(),
        "rules": {"length_minutes": 60, "exam": True, "standings": "jury"},
        "problems": [{"slug": "aplusb"}],
    }
    headers = {"Authorization": f"Bearer {jury.stack.keys['admin']}"}
    answer = requests.post(f"{jury.stack.url}/events", json=body, headers=headers, timeout=20)
    assert answer.status_code == 201, answer.text


def _invite(jury: Person, slug: str, name: str) -> str:
    """Invite a person. Returns the address of the invitation's page, which is in the mail that the jury can
    copy."""
    jury.open(f"/events/{slug}/invitations")
    jury.page.get_by_label("Names, one a line").fill(f"{name}, someone@example.org")
    jury.page.get_by_role("button", name="Make the links").click()
    mail = jury.page.get_by_role("figure").filter(has_text=f"Mail to {name}").locator("pre")
    expect(mail).to_contain_text("/invited#")
    found = re.search(r"/invited#\S+", mail.inner_text())
    assert found is not None
    return found[0]


def test_an_invited_person_takes_part_without_an_account(visit: Callable[..., Person]) -> None:
    slug = f"hiring-{time.time_ns()}"
    jury, candidate, second = visit(), visit(), visit(**PHONE)
    jury.sign_in("admin")
    _make_event(jury, slug)
    link = _invite(jury, slug, "Ada Lovelace")
    assert jury.violations_in_light_and_dark() == []

    candidate.open(link)
    page = candidate.page
    expect(page.get_by_text("Welcome, Ada Lovelace.")).to_be_visible()
    assert candidate.violations_in_light_and_dark() == []
    page.get_by_role("button", name="Start my time").click()
    page.get_by_role("dialog").get_by_role("button", name="Start my time").click()
    expect(page.get_by_role("timer")).to_contain_text("ends in")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link")).to_have_count(1)
    page.locator("a[href$='/problems/A']").click()
    candidate.write("python3", RIGHT)
    candidate.submit()
    candidate.expect_verdict("Accepted")
    candidate.open(f"/events/{slug}")
    expect(page.get_by_role("row").filter(has_text="Python 3").get_by_text("Accepted")).to_be_visible()

    second.open(link)
    expect(second.page.get_by_role("alert")).to_contain_text("works once")
    assert second.violations_in_light_and_dark() == []

    jury.open(f"/events/{slug}/invitations")
    jury.page.get_by_role("link", name="Ada Lovelace").click()
    jury.page.get_by_text("Problem A").click()
    expect(jury.page.get_by_label("Source")).to_contain_text("print")
    assert jury.violations_in_light_and_dark() == []
