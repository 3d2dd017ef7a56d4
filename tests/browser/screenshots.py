"""Takes the screenshots of the README and of docs/ from a real stack under real load.

``make pictures`` takes about four minutes, most of it for the load before the admin page's screenshot.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.app_fixture import Stack, open_stack
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.person import JUDGED_MS, Person
from tests.browser.test_problem_page import RIGHT, WRONG

FOLDER = Path("docs/screenshots")
LOAD_SECONDS = 150
SLOW = "import time\ntime.sleep(0.3)\n" + RIGHT
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


_STILL = """() => Promise.all(document.getAnimations()
    .filter(one => one.effect.getTiming().iterations !== Infinity).map(one => one.finished))"""


class ScreenshotTaker:
    """Takes screenshots of a person's page."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self._browser = browser
        self.stack = stack

    @contextmanager
    def visitor(self, **options: Any) -> Iterator[Person]:
        context = self._browser.new_context(**{"viewport": DESKTOP, **options})
        yield Person(context.new_page(), self.stack)
        context.close()

    @contextmanager
    def person(self, account: str, **options: Any) -> Iterator[Person]:
        with self.visitor(**options) as person:
            person.sign_in(account)
            yield person

    def keep(self, person: Person, name: str, whole: bool = False) -> None:
        expect(person.page.locator(".loading")).to_have_count(0)
        person.page.evaluate(_STILL)
        person.page.screenshot(path=str(FOLDER / f"{name}.png"), full_page=whole)
        print(name, flush=True)


def take_problem_page(taker: ScreenshotTaker) -> None:
    """Take a problem before, during and after judging, then the pages in the dark theme."""
    with taker.person("premium") as person:
        person.open("/problems/aplusb")
        person.open_editor()
        taker.keep(person, "problem-light")
        for source, words, name in ((RIGHT, "Accepted", "accepted"), (WRONG, "Wrong Answer", "wrong-answer")):
            person.write("python3", source)
            person.submit()
            person.expect_verdict(words)
            expect(person.page.locator(".runtimes svg, .diff")).to_be_visible()
            taker.keep(person, f"verdict-{name}")
        person.write("python3", SLOW)
        person.submit()
        sixth = person.page.locator(".verdict-title", has_text="Running test 6")
        expect(sixth).to_be_visible(timeout=JUDGED_MS)
        taker.keep(person, "verdict-running")
        person.expect_verdict("Accepted")
    with taker.person("premium", color_scheme="dark") as person:
        taker.keep(person, "problems-dark")
        person.open("/problems/aplusb")
        person.open_editor()
        taker.keep(person, "problem-dark")
        person.open("/submissions")
        taker.keep(person, "submissions-dark")
        person.page.get_by_role("link", name="Wrong Answer").first.click()
        expect(person.page.locator(".source-view .cm-content")).to_be_visible()
        expect(person.page.locator(".diff")).to_be_visible()
        expect(person.page.get_by_role("button", name="Share")).to_be_visible()
        taker.keep(person, "submission-dark")
    with taker.person("premium") as person:
        person.open("/submissions")
        taker.keep(person, "submissions")
    with taker.person("premium", viewport=PHONE) as person:
        person.open("/problems/aplusb")
        expect(person.page.locator(".katex").first).to_be_visible()
        taker.keep(person, "phone-problem")
        person.write("python3", WRONG)
        person.submit()
        person.expect_verdict("Wrong Answer")
        expect(person.page.locator(".diff")).to_be_visible()
        taker.keep(person, "phone-verdict")


def take_home_page(taker: ScreenshotTaker) -> None:
    """Take the landing page that a visitor sees."""
    with taker.visitor() as visitor:
        visitor.open("/")
        expect(visitor.page.get_by_role("link", name="Solve “A plus B”")).to_be_visible()
        taker.keep(visitor, "home")


def take_verification(taker: ScreenshotTaker) -> None:
    """Take the verification of a package, which shows the expected and the actual verdict of each
    submission."""
    with taker.person("admin") as admin:
        admin.open("/admin/problems")
        admin.page.get_by_role("button", name="Verify aplusb").click()
        verification = admin.page.get_by_role("region", name="Verifying aplusb")
        expect(verification).to_contain_text("as expected", timeout=6 * JUDGED_MS)
        taker.keep(admin, "operating-verify")


def take_admin_pages(taker: ScreenshotTaker) -> None:
    """Take the dashboard and the list of submissions after two and a half minutes with more normal
    submissions than the worker can judge."""
    over = threading.Event()
    pace = {"normal": (1.0, SLOW), "premium": (2.0, RIGHT)}
    posting = [threading.Thread(target=_post, args=(taker.stack, tier, *pace[tier], over)) for tier in pace]
    for thread in posting:
        thread.start()
    try:
        with taker.person("admin") as admin:
            admin.open("/admin/")
            admin.page.get_by_label("Shown").select_option(label="15 minutes")
            time.sleep(LOAD_SECONDS)
            expect(admin.page.locator(".chart-container:not(:has(canvas))")).to_have_count(0)
            taker.keep(admin, "dashboard-under-load", whole=True)
            admin.open("/admin/submissions")
            taker.keep(admin, "operating-submissions")
        with taker.person("admin", color_scheme="dark") as admin:
            admin.open("/admin/")
            admin.page.get_by_label("Shown").select_option(label="15 minutes")
            expect(admin.page.locator(".chart-container canvas")).to_have_count(4)
            taker.keep(admin, "dashboard-dark")
        with taker.person("admin", viewport=PHONE) as admin:
            admin.open("/admin/")
            taker.keep(admin, "phone-admin")
    finally:
        over.set()
        for thread in posting:
            thread.join()


def _post(stack: Stack, tier: str, every: float, source: str, over: threading.Event) -> None:
    """Post submissions until ``over`` is set. Those over the quota are refused, and are no part of the
    load."""
    headers = {"Authorization": f"Bearer {stack.keys[tier]}"}
    body = {"problem": "aplusb", "language": "python3", "source": source}
    while not over.wait(every):
        requests.post(f"{stack.url}/submissions", json=body, headers=headers, timeout=20)


def main() -> None:
    os.environ["GAVEL_MAX_UNFINISHED"] = "10000"
    with (
        tempfile.TemporaryDirectory(prefix="screenshots-") as folder,
        open_stack(Path(folder)) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        taker = ScreenshotTaker(browser, stack)
        take_home_page(taker)
        take_problem_page(taker)
        take_admin_pages(taker)
        take_verification(taker)
        browser.close()


if __name__ == "__main__":
    main()
