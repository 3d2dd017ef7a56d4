"""Single sign-on by clicks, with a certified OpenID Connect provider (npm oidc-provider) on this host."""

from __future__ import annotations

import secrets
import socket
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.app_fixture import Stack, open_stack
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SCRIPT = Path(__file__).with_name("oidc_provider.mjs")
SETTINGS = """
[school]
title = "School account"
issuer = "http://127.0.0.1:{provider}"
client_id = "gavel"
client_secret = "a-secret-of-the-tests"
sign_out = true
claims = {{ groups = "groups" }}

[club]
issuer = "http://127.0.0.1:{closed}"
client_id = "gavel"
"""
Enter = Callable[..., Person]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with two providers. The first provider runs, and the second does not."""
    folder = tmp_path_factory.mktemp("sso")
    with _held_port() as provider, _held_port() as closed, _held_port() as gavel:
        ports = (provider, closed, gavel)
    (folder / "providers.toml").write_text(SETTINGS.format(provider=ports[0], closed=ports[1]))
    settings = {"GAVEL_OIDC_PROVIDERS": str(folder / "providers.toml"), "GAVEL_SIGN_UP": "sso"}
    with (
        _provider(ports[0], f"http://127.0.0.1:{ports[2]}"),
        open_stack(folder, ports[2], settings) as opened,
    ):
        yield opened


@pytest.fixture
def enter(visit: Callable[..., Person], stack: Stack) -> Enter:
    """Opens a browser that may visit the provider."""

    def open_browser(**options: Any) -> Person:
        person = visit(**options)
        # The provider's error page requests a font.
        person.other_origins += ["http://127.0.0.1:", "https://fonts.googleapis.com/"]
        return person

    return open_browser


@contextmanager
def _held_port() -> Iterator[int]:
    """A free port of this host. The port is held until all ports are chosen, so that the ports differ."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield int(probe.getsockname()[1])


@contextmanager
def _provider(port: int, gavel: str) -> Iterator[None]:
    process = subprocess.Popen(["node", str(SCRIPT), str(port), gavel], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


def at_provider(person: Person, name: str, begin: Callable[[], None]) -> None:
    """Go to the provider's page, sign in there, and consent on the page that follows.

    Sometimes the provider answers the sign-in with its error page. Then the sign-in is tried again, at most
    twice.
    """
    consent = person.page.locator(f'input[value="{name}"]')
    fault = person.page.get_by_role("heading", name="oops! something went wrong")
    for _ in range(3):
        begin()
        person.page.get_by_label("Name").fill(name)
        person.page.get_by_role("button", name="Continue").click()
        expect(consent.or_(fault).first).to_be_visible()
        if consent.is_visible():
            break
    person.page.get_by_role("button", name="Continue").click()


def begin_sign_in(person: Person) -> None:
    person.open("/sign-in?next=%2Faccount")
    person.page.get_by_role("link", name="Sign in by School account").click()


def begin_link(person: Person) -> None:
    person.open("/account")
    person.page.get_by_role("button", name="Link School account").click()


def signed_in(person: Person, name: str) -> None:
    at_provider(person, name, lambda: begin_sign_in(person))
    expect(person.page.get_by_role("heading", name=name)).to_be_visible()


def test_a_person_signs_in_by_single_sign_on_and_signs_out(enter: Enter, stack: Stack) -> None:
    name = f"pupil-{secrets.token_hex(3)}"
    person = enter()
    person.open("/sign-in")
    expect(person.page.get_by_role("link", name="Sign in by School account")).to_be_visible()
    assert person.accessibility_violations() == []
    expect(person.page.get_by_role("main").get_by_role("link", name="Sign up")).to_have_count(0)
    signed_in(person, name)
    expect(person.page.get_by_text("single sign-on (school)")).to_be_visible()
    expect(
        person.page.get_by_role("region", name="Single sign-on").get_by_role("row", name="School account")
    ).to_be_visible()
    expect(person.page.get_by_label("E-mail address")).to_have_value(f"{name}@school.example")
    assert person.accessibility_violations() == []
    person.page.get_by_role("button", name="Unlink School account").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Unlink").click()
    expect(person.page.get_by_text("set a password first")).to_be_visible()
    person.page.get_by_role("button", name="Sign out of this browser").click()
    person.page.get_by_role("button", name="Sign out here too").click()
    person.page.wait_for_url(f"{stack.url}/**")
    expect(person.page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()


def test_a_person_who_refuses_at_the_provider_returns_to_the_sign_in_page(enter: Enter) -> None:
    person = enter()
    person.open("/sign-in")
    person.page.get_by_role("link", name="Sign in by School account").click()
    person.page.get_by_role("button", name="Refuse").click()
    expect(person.page.get_by_role("alert")).to_have_text(
        "School account has not signed you in. Try again, or sign in another way."
    )
    assert person.accessibility_violations() == []


def test_a_provider_that_does_not_answer_is_named_on_the_sign_in_page(enter: Enter) -> None:
    person = enter(viewport={"width": 390, "height": 800})
    person.open("/sign-in")
    person.page.get_by_role("link", name="Sign in by club").click()
    expect(person.page.get_by_role("alert")).to_contain_text("club does not answer now")
    expect(person.page.get_by_role("textbox", name="Password")).to_be_visible()
    assert person.accessibility_violations() == []


@pytest.mark.slow  # tests/web/test_single_sign_on.py links accounts
def test_an_owner_links_an_account_to_a_provider_and_signs_in_there(enter: Enter) -> None:
    person, name = enter(), f"pupil-{secrets.token_hex(3)}"
    person.sign_in("premium")
    at_provider(person, name, lambda: begin_link(person))
    row = person.page.get_by_role("region", name="Single sign-on").get_by_role("row", name="School account")
    expect(row).to_be_visible()
    other = enter()
    at_provider(other, name, lambda: begin_sign_in(other))
    expect(other.page.get_by_role("heading", name="premium")).to_be_visible()


@pytest.mark.slow  # tests/web/test_provider_sign_out.py tests the end of sessions
def test_signing_out_at_the_provider_ends_the_session_at_gavel(enter: Enter, stack: Stack) -> None:
    name = f"pupil-{secrets.token_hex(3)}"
    person, other = enter(), enter()
    signed_in(person, name)
    other.sign_in("admin")
    other.open("/admin/accounts")
    row = other.page.get_by_role("row", name=name)
    expect(row.get_by_role("button", name=f"Unlink School account from {name}")).to_be_visible()
    settings = tomllib.loads((stack.data.parent / "providers.toml").read_text())
    person.page.goto(f"{settings['school']['issuer']}/session/end")
    person.page.get_by_role("button", name="Sign out here too").click()
    expect(person.page.get_by_text("Sign out here too")).to_have_count(0)
    person.open("/account")
    expect(person.page.get_by_role("heading", name="Sign in first")).to_be_visible()
    row.get_by_role("button", name=f"Unlink School account from {name}").click()
    assert other.accessibility_violations() == []
    other.page.get_by_role("dialog").get_by_role("button", name="Unlink School account").click()
    expect(other.page.get_by_text("the only way to sign in")).to_be_visible()
