"""An author changes settings, tests and groups of a problem by forms, with the mouse or the keyboard."""

from __future__ import annotations

import os
import secrets
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app_fixture import Stack
from tests.browser.person import JUDGED_MS, Person
from tests.browser.test_authoring import SUM, author, package, upload

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]
PICTURES = os.environ.get("GAVEL_PICTURES")
"""A folder for screenshots of the pages."""


def picture(person: Person, name: str) -> None:
    if PICTURES:
        person.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def editing(visit: Visit, stack: Stack, folder: Path) -> tuple[Person, str]:
    """An author who has opened the page on which a new problem is edited."""
    slug = f"bigsums-{secrets.token_hex(3)}"
    person = author(visit, stack)
    upload(person, package(folder, slug, "2147483648\n", SUM))
    person.page.get_by_role("link", name="edit its files").click()
    return person, slug


def save(person: Person) -> None:
    person.page.get_by_role("button", name="Save as a draft version").click()
    expect(person.page.get_by_role("heading", name="Versions")).to_be_visible(timeout=JUDGED_MS)


def changed_to(field: Locator, value: str) -> None:
    field.fill(value)
    field.press("Tab")


def test_an_author_changes_settings_by_a_form_and_wrong_values_are_reported(
    visit: Visit, stack: Stack, tmp_path: Path
) -> None:
    person, _ = editing(visit, stack, tmp_path)
    page = person.page
    page.get_by_role("tab", name="Settings").click()
    memory = page.get_by_label("Memory limits.memory")
    expect(memory).to_be_visible(timeout=JUDGED_MS)
    picture(person, "settings-form")
    changed_to(memory, "none")
    expect(page.get_by_text("must be a number from 1 to 1048576 MiB, not 'none'")).to_be_visible()
    expect(memory).to_have_attribute("aria-invalid", "true")
    assert person.accessibility_violations() == []
    changed_to(memory, "777")
    expect(page.get_by_text("must be a number from 1 to 1048576 MiB")).to_have_count(0)
    page.get_by_label("License license").select_option("cc by-sa")
    kinds = page.get_by_role("group", name="Kind of problem")
    kinds.get_by_label("scoring", exact=True).check()
    expect(kinds.get_by_label("scoring", exact=True)).to_be_checked()
    changed_to(page.get_by_label("Keywords keywords"), "sums\neasy")
    expect(page.get_by_text("1 file changed")).to_be_visible()
    page.get_by_role("tab", name="Files").click()
    page.get_by_role("button", name="problem.yaml").click()
    text = page.get_by_label("Content of problem.yaml")
    expect(text).to_have_value(
        "problem_format_version: 2023-07\nname: Big sums\n"
        "limits: {time_limit: 2, memory: 777}\nlicense: cc by-sa\n"
        "type:\n- scoring\nkeywords:\n- sums\n- easy\n"
    )
    save(person)
    expect(page.get_by_text("settings: 1 changed")).to_be_visible()


def test_an_author_adds_uploads_reorders_and_groups_tests(visit: Visit, stack: Stack, tmp_path: Path) -> None:
    person, slug = editing(visit, stack, tmp_path)
    page = person.page
    page.get_by_role("tab", name="Samples and tests").click()
    secret = page.get_by_role("region", name="Secret tests")
    secret.get_by_role("button", name="Add a test to Secret tests").click()
    secret.get_by_label("Input of 2").fill("5 6\n")
    secret.get_by_label("Answer of 2").fill("11\n")
    picture(person, "tests-form")
    assert person.accessibility_violations() == []
    files = {"4.in": "7 8\n", "4.out": "15\n", "a b.in": ""}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    secret.get_by_label("Upload tests into Secret tests").set_input_files([tmp_path / name for name in files])
    expect(secret.get_by_text("Left out because of their names: a b.in")).to_be_visible()
    expect(secret.get_by_role("listitem")).to_have_count(3)
    expect(secret.get_by_text("no answer")).to_have_count(0)
    secret.get_by_role("button", name="Move 4 up").press("Enter")
    page.get_by_label("New group of secret tests").fill("group1")
    page.get_by_role("button", name="Add the group").click()
    group = page.get_by_role("region", name="secret/group1")
    secret.get_by_label("Group of 1", exact=True).select_option("data/secret/group1")
    expect(group.get_by_role("listitem")).to_have_count(1)
    group.get_by_text("Points and settings of secret/group1").click()
    changed_to(
        group.get_by_label("Arguments of the output validator output_validator_args"), "case_sensitive"
    )
    expect(group.get_by_label("Arguments of the output validator output_validator_args")).to_have_value(
        "case_sensitive"
    )
    assert person.accessibility_violations() == []
    save(person)
    newest = page.request.get(f"{stack.url}/admin/problems/{slug}").json()["newest"]
    at = f"{stack.url}/admin/problems/{slug}/versions/{newest}/files"
    paths = sorted(each["path"] for each in page.request.get(at).json()["files"])
    assert [path for path in paths if path.startswith("data/secret/")] == [
        "data/secret/2.ans",
        "data/secret/2.in",
        "data/secret/4.ans",
        "data/secret/4.in",
        "data/secret/group1/1.ans",
        "data/secret/group1/1.in",
        "data/secret/group1/test_group.yaml",
    ]
    assert page.request.get(f"{at}/data/secret/2.in").text() == "7 8\n"
    assert page.request.get(f"{at}/data/secret/group1/1.in").text() == "2147483647 1\n"


@pytest.mark.long
def test_the_forms_of_a_problem_fit_a_phone_and_work_by_keyboard(
    visit: Visit, stack: Stack, tmp_path: Path
) -> None:
    person, slug = editing(visit, stack, tmp_path)
    narrow = visit(viewport={"width": 390, "height": 800})
    narrow.sign_in(next(reversed(stack.keys)))
    narrow.open(f"/my-problems/{slug}/edit")
    for name in ("Settings", "Samples and tests"):
        narrow.page.get_by_role("tab", name=name).click()
        expect(narrow.page.get_by_text("General" if name == "Settings" else "Add the group")).to_be_visible(
            timeout=JUDGED_MS
        )
        picture(narrow, f"phone-{name.split()[0].lower()}")
        width = narrow.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{name} is {width} wide"
        assert narrow.accessibility_violations() == []
    person.tab_to("Settings", "tab")
    person.page.keyboard.press("ArrowRight")
    person.tab_to("Add a test to Samples", "button")
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_label("Input of 2", exact=True)).to_be_visible()


DRAW = """picture = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
print(picture, file=open("testcase.svg", "w"))
"""


def test_an_author_draws_a_test_by_the_visualizer_and_keeps_the_picture(
    visit: Visit, stack: Stack, tmp_path: Path
) -> None:
    slug = f"bigsums-{secrets.token_hex(3)}"
    archive = package(tmp_path, slug, "2147483648\n", SUM)
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr(f"{slug}/input_visualizer/draw.py", DRAW)
    person = author(visit, stack)
    page = person.page
    upload(person, archive)
    page.get_by_role("link", name="edit its files").click()
    page.get_by_role("tab", name="Samples and tests").click()
    tests = page.get_by_role("region", name="Secret tests")
    tests.locator(".file-name").first.click()
    page.get_by_role("button", name="Draw it with the input visualizer").click()
    expect(page.get_by_role("img", name="drawn now")).to_be_visible(timeout=JUDGED_MS)
    page.get_by_role("button", name="Keep it beside the test").click()
    expect(page.get_by_role("img", name="as it is kept")).to_be_visible()
    assert person.accessibility_violations() == []
    save(person)
