"""The pictures of the README and of docs/: a real stack, real verdicts, a real load of two tiers.

``make pictures`` takes about four minutes, most of which is the load before the operator's page is pictured.
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
from tests.browser.test_solving import RIGHT, WRONG

FOLDER = Path("docs/screenshots")
LOAD_SECONDS = 150
SLOW = "import time\ntime.sleep(0.3)\n" + RIGHT
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


_STILL = """() => Promise.all(document.getAnimations()
    .filter(one => one.effect.getTiming().iterations !== Infinity).map(one => one.finished))"""


class Studio:
    """Takes pictures of what a person sees."""

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


def picture_solving(studio: Studio) -> None:
    """One problem: untouched, while it runs, accepted, wrong; then the list and the history in the dark."""
    with studio.person("premium") as person:
        person.open("/problems/aplusb")
        expect(person.page.locator(".cm-content")).to_be_visible()
        studio.keep(person, "problem-light")
        for source, words, name in ((RIGHT, "Accepted", "accepted"), (WRONG, "Wrong Answer", "wrong-answer")):
            person.write("python3", source)
            person.submit()
            person.sees_verdict(words)
            expect(person.page.locator(".runtimes svg, .diff")).to_be_visible()
            studio.keep(person, f"verdict-{name}")
        person.write("python3", SLOW)
        person.submit()
        sixth = person.page.locator(".verdict-title", has_text="Running test 6")
        expect(sixth).to_be_visible(timeout=JUDGED_MS)
        studio.keep(person, "verdict-running")
        person.sees_verdict("Accepted")
    with studio.person("premium", color_scheme="dark") as person:
        studio.keep(person, "problems-dark")
        person.open("/problems/aplusb")
        expect(person.page.locator(".cm-content")).to_be_visible()
        studio.keep(person, "problem-dark")
        person.open("/submissions")
        studio.keep(person, "submissions-dark")
        person.page.get_by_role("link", name="Wrong Answer").first.click()
        expect(person.page.locator(".source-view .cm-content")).to_be_visible()
        studio.keep(person, "submission-dark")
    with studio.person("premium") as person:
        person.open("/submissions")
        studio.keep(person, "submissions")
    with studio.person("premium", viewport=PHONE) as person:
        person.open("/problems/aplusb")
        expect(person.page.locator(".katex").first).to_be_visible()
        studio.keep(person, "phone-problem")
        person.write("python3", WRONG)
        person.submit()
        person.sees_verdict("Wrong Answer")
        expect(person.page.locator(".diff")).to_be_visible()
        studio.keep(person, "phone-verdict")


def picture_welcome(studio: Studio) -> None:
    """What somebody sees who comes for the first time."""
    with studio.visitor() as visitor:
        visitor.open("/")
        expect(visitor.page.get_by_role("link", name="Solve “A plus B”")).to_be_visible()
        studio.keep(visitor, "welcome")


def picture_verifying(studio: Studio) -> None:
    """A package's submissions, each with what its folder promises and what it got."""
    with studio.person("admin") as admin:
        admin.open("/admin/problems")
        admin.page.get_by_role("button", name="Verify aplusb").click()
        proof = admin.page.get_by_role("region", name="Verifying aplusb")
        expect(proof).to_contain_text("as promised", timeout=6 * JUDGED_MS)
        studio.keep(admin, "operating-verify")


def picture_operating(studio: Studio) -> None:
    """The operator's page after two and a half minutes in which normal gets more than its worker can do."""
    over = threading.Event()
    pace = {"normal": (1.0, SLOW), "premium": (2.0, RIGHT)}
    posting = [threading.Thread(target=_post, args=(studio.stack, tier, *pace[tier], over)) for tier in pace]
    for thread in posting:
        thread.start()
    try:
        with studio.person("admin") as admin:
            admin.open("/admin/")
            admin.page.get_by_label("Shown").select_option(label="15 minutes")
            time.sleep(LOAD_SECONDS)
            expect(admin.page.locator(".chart-place:not(:has(canvas))")).to_have_count(0)
            studio.keep(admin, "dashboard-under-load", whole=True)
            admin.open("/admin/submissions")
            studio.keep(admin, "operating-submissions")
        with studio.person("admin", color_scheme="dark") as admin:
            admin.open("/admin/")
            admin.page.get_by_label("Shown").select_option(label="15 minutes")
            expect(admin.page.locator(".chart-place canvas")).to_have_count(4)
            studio.keep(admin, "dashboard-dark")
        with studio.person("admin", viewport=PHONE) as admin:
            admin.open("/admin/")
            studio.keep(admin, "phone-admin")
    finally:
        over.set()
        for thread in posting:
            thread.join()


def _post(stack: Stack, tier: str, every: float, source: str, over: threading.Event) -> None:
    """What is refused for its quota is simply not in the load."""
    headers = {"Authorization": f"Bearer {stack.keys[tier]}"}
    body = {"problem": "aplusb", "language": "python3", "source": source}
    while not over.wait(every):
        requests.post(f"{stack.url}/submissions", json=body, headers=headers, timeout=20)


def main() -> None:
    os.environ["GAVEL_MAX_UNFINISHED"] = "10000"
    with (
        tempfile.TemporaryDirectory(prefix="pictures-") as folder,
        open_stack(Path(folder)) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        studio = Studio(browser, stack)
        picture_welcome(studio)
        picture_solving(studio)
        picture_operating(studio)
        picture_verifying(studio)
        browser.close()


if __name__ == "__main__":
    main()
