"""axe-core finds nothing on the main views, and six views fit the width of a phone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.test_problem_page import RIGHT, WRONG

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]
SCREENSHOTS = os.environ.get("GAVEL_SCREENSHOTS")
"""A folder for screenshots of the views, for example docs/screenshots."""

VISITOR = {"home": "/", "sign-in": "/sign-in", "sign-up": "/sign-up", "not-found": "/nowhere"}
ADMIN = {
    "problems": "/problems",
    "problem": "/problems/aplusb",
    "submissions": "/submissions",
    "account": "/account",
    "my-problems": "/my-problems",
    "authored-problem": "/my-problems/aplusb",
    "operating": "/admin/",
    "operating-submissions": "/admin/submissions",
    "operating-workers": "/admin/workers",
    "operating-problems": "/admin/problems",
    "operating-languages": "/admin/languages",
    "operating-accounts": "/admin/accounts",
    "operating-audit": "/admin/audit",
    "operating-lti": "/admin/lti",
    "operating-logs": "/admin/logs",
    "notices": "/notices",
}


def wait_until_loaded(person: Person) -> None:
    person.page.wait_for_load_state("networkidle") if "/admin" not in person.page.url else None
    expect(person.page.locator("h1").first).to_be_visible()
    expect(person.page.locator(".loading")).to_have_count(0)
    expect(person.page.locator(".chart-container:not(:has(canvas))")).to_have_count(0)


def save_screenshot(person: Person, name: str) -> None:
    if SCREENSHOTS:
        person.page.screenshot(path=str(Path(SCREENSHOTS) / f"{name}.png"))


@pytest.mark.parametrize("name", VISITOR)
def test_pages_for_visitors_are_accessible(visit: Visit, name: str) -> None:
    person = visit()
    person.open(VISITOR[name])
    wait_until_loaded(person)
    save_screenshot(person, name)
    assert person.accessibility_violations() == []


@pytest.mark.long_on("dark")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_signed_in_accounts_are_accessible(visit: Visit, scheme: str) -> None:
    person = visit(color_scheme=scheme)
    person.sign_in("admin")
    for name, path in ADMIN.items():
        person.open(path)
        wait_until_loaded(person)
        save_screenshot(person, f"{name}-{scheme}")
        assert person.accessibility_violations() == [], path
        assert person.dialog_violations() == [], path


@pytest.mark.parametrize(
    ("source", "words"),
    [pytest.param(RIGHT, "Accepted", marks=pytest.mark.slow), (WRONG, "Wrong Answer")],
)
def test_the_page_of_a_verdict_is_accessible(visit: Visit, source: str, words: str) -> None:
    person = visit()
    person.sign_in("premium")
    person.open("/problems/aplusb")
    person.write("python3", source)
    person.submit()
    person.expect_verdict(words)
    expect(person.page.locator("h1")).to_be_visible()
    save_screenshot(person, f"verdict-{words.lower().replace(' ', '-')}")
    assert person.accessibility_violations() == []
    person.page.get_by_role("link", name="Every test of this submission").click()
    expect(person.page.get_by_role("button", name="Submit again")).to_be_visible()
    assert person.dialog_violations() == []


@pytest.mark.parametrize(
    "path",
    [
        *("/problems/aplusb", "/admin/"),
        *(
            pytest.param(path, marks=pytest.mark.slow)
            for path in ("/", "/problems", "/submissions", "/account")
        ),
    ],
)
def test_pages_are_not_wider_than_the_screen_of_a_phone(visit: Visit, path: str) -> None:
    person = visit(viewport={"width": 375, "height": 720})
    person.sign_in("admin")
    person.open(path)
    wait_until_loaded(person)
    save_screenshot(person, f"phone{path.rstrip('/').replace('/', '-') or '-home'}")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 375
