"""Every main view: no barrier that axe-core knows of, nothing wider than a phone, a picture for the eye."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.test_solving import RIGHT, WRONG

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]
PICTURES = os.environ.get("GAVEL_SCREENSHOTS")
"""A folder: the views are then kept there as PNG files (docs/screenshots)."""

VISITOR = {"welcome": "/", "sign-in": "/sign-in", "sign-up": "/sign-up", "not-found": "/nowhere"}
ADMIN = {
    "problems": "/problems",
    "problem": "/problems/aplusb",
    "submissions": "/submissions",
    "account": "/account",
    "operating": "/admin/",
    "operating-submissions": "/admin/submissions",
    "operating-workers": "/admin/workers",
    "operating-problems": "/admin/problems",
    "operating-languages": "/admin/languages",
    "operating-accounts": "/admin/accounts",
    "operating-audit": "/admin/audit",
}


def settle(person: Person) -> None:
    person.page.wait_for_load_state("networkidle") if "/admin" not in person.page.url else None
    expect(person.page.locator("h1").first).to_be_visible()
    expect(person.page.locator(".loading")).to_have_count(0)
    expect(person.page.locator(".chart-place:not(:has(canvas))")).to_have_count(0)


def keep(person: Person, name: str) -> None:
    if PICTURES:
        person.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


@pytest.mark.parametrize("name", VISITOR)
def test_a_visitor_meets_no_barrier(visit: Visit, name: str) -> None:
    person = visit()
    person.open(VISITOR[name])
    settle(person)
    keep(person, name)
    assert person.barriers() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_signed_in_meets_a_barrier(visit: Visit, scheme: str) -> None:
    person = visit(color_scheme=scheme)
    person.sign_in("admin")
    for name, path in ADMIN.items():
        person.open(path)
        settle(person)
        keep(person, f"{name}-{scheme}")
        assert person.barriers() == [], path


@pytest.mark.parametrize(("source", "words"), [(RIGHT, "Accepted"), (WRONG, "Wrong Answer")])
def test_no_barrier_at_a_verdict(visit: Visit, source: str, words: str) -> None:
    person = visit()
    person.sign_in("premium")
    person.open("/problems/aplusb")
    person.write("python3", source)
    person.submit()
    person.sees_verdict(words)
    keep(person, f"verdict-{words.lower().replace(' ', '-')}")
    assert person.barriers() == []


@pytest.mark.parametrize(
    "path", ["/", "/problems", "/problems/aplusb", "/submissions", "/account", "/admin/"]
)
def test_a_phone_scrolls_down_and_never_sideways(visit: Visit, path: str) -> None:
    person = visit(viewport={"width": 375, "height": 720})
    person.sign_in("admin")
    person.open(path)
    settle(person)
    keep(person, f"phone{path.rstrip('/').replace('/', '-') or '-welcome'}")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 375
