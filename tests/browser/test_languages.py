"""The pages work in other languages, with longer texts, and from right to left."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.app_fixture import Stack
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]

VIEWS = [
    "/",
    "/problems",
    "/problems/aplusb",
    "/submissions",
    "/account",
    "/events",
    "/my-problems",
    "/sign-in",
]
OPERATING = ["", "submissions", "workers", "problems", "languages", "accounts", "webhooks", "audit"]
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


@pytest.mark.parametrize(
    ("browser", "words"),
    [("de-AT", "Aufgaben"), ("es", "Problemas"), ("fr-FR", "Problems")],
    ids=["german", "spanish", "other"],
)
def test_the_pages_use_the_language_of_the_browser(visit: Visit, browser: str, words: str) -> None:
    person = visit(locale=browser)
    person.open("/problems")
    expect(person.page.get_by_role("heading", level=1)).to_contain_text(words)
    assert person.page.locator("html").get_attribute("lang") == {"Problems": "en"}.get(words, browser[:2])


def test_the_chosen_language_of_an_account_applies_in_a_second_browser(visit: Visit) -> None:
    """The account page changes at once. Another browser changes when the account signs in, and changes back
    after it signs out."""
    name, password = f"eva-{secrets.token_hex(4)}", "a long password"
    first = visit()
    first.sign_up(name, password)
    first.open("/account")
    first.page.get_by_label("Shown in").select_option("de")
    expect(first.page.get_by_role("heading", name="Sprache der Seiten")).to_be_visible()
    first.page.reload()
    expect(first.page.get_by_label("Anzeigen in")).to_have_value("de")
    second = visit(locale="es")
    second.open("/sign-in")
    second.page.get_by_role("textbox", name="Nombre").fill(name)
    second.page.get_by_role("textbox", name="Contraseña").fill(password)
    second.page.get_by_role("main").get_by_role("button", name="Iniciar sesión").click()
    expect(second.page.get_by_role("heading", level=1, name="Aufgaben")).to_be_visible()
    second.page.get_by_role("button", name="Abmelden").click()
    expect(second.page.get_by_role("link", name="Registrarse").first).to_be_visible()


@pytest.mark.parametrize(
    "locale",
    [
        pytest.param("en-XA", id="longer"),
        pytest.param("ar-XB", id="right-to-left", marks=pytest.mark.long),
    ],
)
def test_pages_with_long_or_right_to_left_texts_fit_the_window(
    visit: Visit, stack: Stack, locale: str
) -> None:
    """The test uses the sizes of a phone and of a desktop. Its texts are a third longer, or run from right to
    left."""
    person = visit()
    person.sign_in("admin")
    person.page.context.add_cookies([{"name": "gavel_locale", "value": locale, "url": stack.url}])
    wide: list[str] = []
    for path in [*VIEWS, *(f"/admin/{section}" for section in OPERATING)]:
        person.open(path)
        expect(person.page.locator("html")).to_have_attribute("dir", "rtl" if locale == "ar-XB" else "ltr")
        expect(person.page.locator("h1").first).to_be_attached()
        expect(person.page.locator(".loading")).to_have_count(0)
        for size in ({"width": 390, "height": 844}, {"width": 1280, "height": 800}):
            person.page.set_viewport_size(size)  # type: ignore[arg-type]
            if (more := person.page.evaluate(TOO_WIDE)) > 0:
                wide.append(f"{path} at {size['width']}: {more} px")
    assert wide == []
    assert person.accessibility_violations() == []
