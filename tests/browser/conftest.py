"""Fixtures for Debian's Chromium against the real stack; each person in a test has a separate browser."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.app_fixture import Stack, open_stack
from tests.browser.person import Person

CHROMIUM = os.environ.get("GAVEL_CHROMIUM", "/usr/bin/chromium")
TRACES = os.environ.get("GAVEL_TRACES")
"""A folder for a trace of each browser, which ``playwright show-trace`` shows step by step."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with open_stack(tmp_path_factory.mktemp("data")) as stack:
        yield stack


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), (
        f"no browser at {CHROMIUM}: apt-get install chromium, or set GAVEL_CHROMIUM"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(request: pytest.FixtureRequest, stack: Stack, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Opens a browser for one person. At the end, no browser may have reported an error or sent a request to
    another origin."""
    people: list[Person] = []

    def open_browser(**options: Any) -> Person:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        if TRACES:
            context.tracing.start(screenshots=True, snapshots=True)
        people.append(Person(context.new_page(), stack))
        return people[-1]

    yield open_browser
    for number, person in enumerate(people, 1):
        if TRACES:
            name = re.sub(r"[^\w-]+", "-", request.node.name)
            place = Path(TRACES) / f"{name}-{number}.zip"
            person.page.context.tracing.stop(path=place)
        person.page.context.close()
    assert [error for person in people for error in person.errors] == []


@pytest.fixture
def page(visit: Callable[..., Person]) -> Page:
    return visit().page
