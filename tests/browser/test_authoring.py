"""An author uploads, verifies, publishes, fixes, rejudges and archives a problem by clicks."""

from __future__ import annotations

import contextlib
import re
import secrets
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.app_fixture import Stack
from tests.browser.person import JUDGED_MS, Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]

SUM = "print(sum(map(int, input().split())))\n"
WRAPPED = "print((sum(map(int, input().split())) + 2**31) % 2**32 - 2**31)\n"
"""The author's first solution, whose sum wraps around; its answer to the big test is wrong."""


def package(folder: Path, slug: str, answer: str, solution: str) -> Path:
    files = {
        "problem.yaml": "problem_format_version: 2023-07\nname: Big sums\nlimits: {time_limit: 2}\n",
        "statement/problem.en.md": "Add two numbers.\n",
        "input_validators/two.py": "import sys\nsys.exit(42 if len(input().split()) == 2 else 43)\n",
        "data/sample/1.in": "1 2\n",
        "data/sample/1.ans": "3\n",
        "data/secret/1.in": "2147483647 1\n",
        "data/secret/1.ans": answer,
        "submissions/accepted/sum.py": solution,
        "submissions/wrong_answer/zero.py": "print(0)\n",
    }
    archive = folder / f"{slug}.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in files.items():
            packed.writestr(f"{slug}/{name}", content)
    return archive


def author(visit: Visit, stack: Stack) -> Person:
    headers = {"Authorization": f"Bearer {stack.keys['admin']}"}
    body = {"name": f"author-{secrets.token_hex(3)}", "role": "author", "tier": "premium"}
    made = requests.post(f"{stack.url}/admin/accounts", json=body, headers=headers, timeout=20)
    made.raise_for_status()
    stack.keys[body["name"]] = made.json()["key"]
    person = visit()
    person.sign_in(body["name"])
    return person


def upload(person: Person, archive: Path) -> None:
    person.page.get_by_role("navigation", name="Main").get_by_role("link", name="My problems").click()
    person.page.get_by_label("Problem package").set_input_files(archive)
    person.page.get_by_role("status").get_by_role("link", name=archive.stem).click()
    expect(person.page.get_by_role("heading", name="Big sums")).to_be_visible()


def verify(person: Person) -> None:
    person.page.get_by_role("button", name="Verify", exact=True).click()
    expect(person.page.get_by_text("All as expected")).to_be_visible(timeout=3 * JUDGED_MS)
    expect(person.page.locator("tr").filter(has_text="validators")).to_contain_text("Accepted")


def publish(person: Person, label: str) -> None:
    person.page.get_by_role("button", name="Publish …").click()
    person.page.get_by_role("dialog").get_by_role("button", name=label, exact=True).click()
    expect(person.page.get_by_role("status").filter(has_text="is published in version")).to_be_visible()


def wait_for_notice(solver: Person) -> None:
    """Wait until the solver sees the notice of the new result.

    The dispatcher writes it within seconds. A page asks for notices when it is opened, and then every minute.
    """
    bell = solver.page.get_by_role("banner").get_by_role("link", name=re.compile("new notice"))
    with contextlib.suppress(AssertionError):
        solver.open("/problems")
        expect(bell).to_be_visible()
    solver.open("/notices")
    notice = solver.page.get_by_role("listitem").filter(has_text="judged again").first
    expect(notice).to_contain_text("Wrong Answer")
    expect(notice).to_contain_text("Accepted")
    assert solver.accessibility_violations() == []


def test_an_author_uploads_publishes_corrects_and_archives_a_problem(
    visit: Visit, stack: Stack, tmp_path: Path
) -> None:
    slug = f"bigsums-{secrets.token_hex(3)}"
    person = author(visit, stack)
    upload(person, package(tmp_path, slug, "-2147483648\n", WRAPPED))
    solver = visit()
    solver.sign_in("premium")
    solver.open(f"/problems/{slug}")
    expect(solver.page.get_by_role("heading", name="There is no such problem")).to_be_visible()
    verify(person)
    publish(person, "Publish")

    solver.open(f"/problems/{slug}")
    solver.write("python3", SUM)
    solver.submit()
    solver.expect_verdict("Wrong Answer")

    upload(person, package(tmp_path, slug, "2147483648\n", SUM))
    expect(person.page.get_by_text(re.compile("is published. The newest one, .* is a draft"))).to_be_visible()
    expect(person.page.get_by_text("tests: 1 changed")).to_be_visible()
    verify(person)
    person.page.get_by_role("button", name="Show these submissions").click()
    touched = person.page.get_by_role("row").filter(has_text="premium")
    expect(touched).to_contain_text("Wrong Answer")
    assert person.violations_in_light_and_dark() == []
    publish(person, "Publish and rejudge 1")
    expect(person.page.get_by_text("1 changed, 0 as before, 0 under way")).to_be_visible(timeout=JUDGED_MS)
    compared = person.page.get_by_role("row").filter(has_text="premium").filter(has_text="Wrong Answer")
    expect(compared).to_contain_text("Accepted")

    wait_for_notice(solver)

    person.page.get_by_role("button", name="Delete").click()
    expect(person.page.get_by_text("It cannot be deleted: 1 submission refers to it.")).to_be_visible()
    person.page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    person.page.get_by_role("button", name="Archive").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    expect(person.page.get_by_role("status").filter(has_text="is archived")).to_be_visible()
    solver.open(f"/problems/{slug}")
    expect(solver.page.get_by_role("heading", name="There is no such problem")).to_be_visible()


@pytest.mark.slow  # test_an_author_uploads_publishes_corrects_and_archives_a_problem verifies a package too
def test_a_failed_verification_shows_the_submission_with_the_wrong_verdict(
    visit: Visit, stack: Stack, tmp_path: Path
) -> None:
    slug = f"bigsums-{secrets.token_hex(3)}"
    person = author(visit, stack)
    upload(person, package(tmp_path, slug, "-2147483648\n", SUM))
    person.page.get_by_role("button", name="Verify", exact=True).click()
    expect(person.page.get_by_text("accepted/sum.py: got WA, expected AC")).to_be_visible(
        timeout=3 * JUDGED_MS
    )
    person.page.get_by_role("button", name="Publish …").click()
    dialog = person.page.get_by_role("dialog")
    expect(dialog.get_by_text("It was not verified")).to_be_visible()
    dialog.get_by_role("button", name="Keep").click()
    person.page.get_by_role("button", name="Delete").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(person.page.get_by_role("heading", name="My problems")).to_be_visible()
    expect(person.page.get_by_text(slug)).to_have_count(0)


@pytest.mark.long
def test_an_author_restores_a_version_and_adds_a_co_author(
    visit: Visit, stack: Stack, tmp_path: Path
) -> None:
    slug = f"bigsums-{secrets.token_hex(3)}"
    person, helper = author(visit, stack), author(visit, stack)
    upload(person, package(tmp_path, slug, "-2147483648\n", WRAPPED))
    upload(person, package(tmp_path, slug, "2147483648\n", SUM))
    expect(person.page.get_by_text("tests: 1 changed")).to_be_visible(timeout=JUDGED_MS)
    with person.page.expect_download() as download:
        person.page.get_by_role("link", name="as uploaded").first.click()
    assert Path(download.value.path()).read_bytes() == (tmp_path / f"{slug}.zip").read_bytes()
    person.page.get_by_role("button", name="Go back to").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Go back").click()
    back = person.page.get_by_role("status").filter(has_text="is back at version")
    expect(back).to_be_visible(timeout=JUDGED_MS)
    name = next(reversed(stack.keys))
    person.page.get_by_label("Add a co-author").fill(name)
    person.page.get_by_role("button", name="Add", exact=True).click()
    expect(person.page.get_by_role("status").filter(has_text=f"{name} is a co-author")).to_be_visible()
    helper.open(f"/my-problems/{slug}")
    expect(helper.page.get_by_role("button", name="Publish …")).to_be_visible()
    expect(helper.page.get_by_role("button", name="Delete")).to_have_count(0)


@pytest.mark.long
def test_an_author_edits_a_statement_with_a_preview_and_adds_tests(
    visit: Visit, stack: Stack, tmp_path: Path
) -> None:
    slug = f"bigsums-{secrets.token_hex(3)}"
    person = author(visit, stack)
    upload(person, package(tmp_path, slug, "2147483648\n", SUM))
    person.page.get_by_role("link", name="edit its files").click()
    statement = person.page.get_by_label("Content of statement/problem.en.md")
    statement.fill("Add *three* numbers, $a + b + c$.\n")
    preview = person.page.get_by_role("region", name="Preview")
    expect(preview.get_by_text("three")).to_be_visible(timeout=JUDGED_MS)
    for name, content in (("2.in", "1 2 3\n"), ("2.ans", "6\n")):
        (tmp_path / name).write_text(content)
    person.page.get_by_label("Files to upload").set_input_files([tmp_path / "2.in", tmp_path / "2.ans"])
    expect(person.page.get_by_label("Content of data/secret/2.in")).to_have_value("1 2 3\n")
    assert person.accessibility_violations() == []
    person.page.get_by_role("button", name="Save as a draft version").click()
    expect(person.page.get_by_text("tests: 2 added")).to_be_visible(timeout=JUDGED_MS)
    expect(person.page.get_by_text("statement: 1 changed")).to_be_visible()
    person.page.get_by_role("link", name="edit its files").click()
    person.page.get_by_role("button", name="problem.yaml").click()
    person.page.get_by_label("Content of problem.yaml").fill("name: [unclosed\n")
    person.page.get_by_role("button", name="Save as a draft version").click()
    expect(person.page.get_by_role("alert").filter(has_text="problem.yaml").first).to_be_visible()
