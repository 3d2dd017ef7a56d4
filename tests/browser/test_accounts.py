"""Passwords, one-time links, keys and sessions of an account work by clicks in a browser."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from judge_api.__main__ import main
from tests.browser.app_fixture import Stack
from tests.browser.person import Person
from tests.browser.test_admin import confirm

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]
OLD = "the password so far"
NEW = "the password from now on"


def sign_up(visit: Visit, **options: Any) -> tuple[Person, str]:
    """A person who is signed in to a new account."""
    person, name = visit(**options), f"person-{secrets.token_hex(3)}"
    person.sign_up(name, OLD)
    return person, name


def sign_in(person: Person, name: str, password: str) -> None:
    person.open("/sign-in")
    person.page.get_by_label("Name", exact=True).fill(name)
    person.page.get_by_label("Password", exact=True).fill(password)
    person.page.get_by_role("main").get_by_role("button", name="Sign in").click()


def test_a_change_of_the_password_signs_out_the_other_browser(visit: Visit) -> None:
    person, name = sign_up(visit)
    other = visit()
    sign_in(other, name, OLD)
    expect(other.page.get_by_role("heading", name="Problems")).to_be_visible()
    person.open("/account")
    person.page.get_by_label("Present password").fill("not this one")
    person.page.get_by_label("New password").fill(NEW)
    person.page.get_by_role("button", name="Change the password").click()
    expect(person.page.get_by_text("is wrong")).to_be_visible()
    person.page.get_by_label("Present password").fill(OLD)
    person.page.get_by_role("button", name="Change the password").click()
    expect(person.page.get_by_text("The password is set.")).to_be_visible()
    expect(person.page.get_by_text("this browser", exact=True)).to_be_visible()
    assert person.accessibility_violations() == []
    other.open("/account")
    expect(other.page.get_by_role("heading", name="Sign in first")).to_be_visible()


@pytest.mark.slow  # the next test uses a one-time link too
def test_an_admin_makes_a_link_by_which_a_person_sets_a_new_password(visit: Visit, stack: Stack) -> None:
    person, name = sign_up(visit)
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/accounts")
    admin.page.get_by_label("Search accounts by name").fill(name)
    expect(admin.page.get_by_role("row")).to_have_count(2)
    confirm(admin, "Reset password", name)
    link = admin.page.get_by_role("status").locator("code").inner_text()
    assert link.startswith(f"{stack.url}/link#")
    assert admin.accessibility_violations() == []
    path = link.removeprefix(stack.url)
    person.open(path)
    expect(person.page.get_by_role("heading", name=f"New password for {name}")).to_be_visible()
    assert person.accessibility_violations() == []
    person.page.get_by_label("New password").fill(NEW)
    person.page.get_by_role("button", name="Set it and sign in").click()
    expect(person.page.get_by_role("heading", name="Problems")).to_be_visible()
    expect(person.page.get_by_role("link", name=name)).to_be_visible()
    late = visit()
    late.open(path)
    expect(late.page.get_by_role("heading", name="This link does not work")).to_be_visible()


def test_the_bundled_admin_signs_in_by_a_link_without_a_key(visit: Visit, stack: Stack) -> None:
    made = CliRunner().invoke(main, ["login-link", "admin", "--data", str(stack.data)])
    assert made.exit_code == 0, made.output
    admin = visit()
    admin.open(made.stdout.split()[0].removeprefix(stack.url))
    admin.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(admin.page.get_by_role("heading", name="Problems")).to_be_visible()
    admin.open("/account")
    expect(admin.page.get_by_text("Role: admin.")).to_be_visible()
    expect(admin.page.get_by_text("a one-time link").first).to_be_visible()


@pytest.mark.slow  # test_admin.py changes a tier on the same page
def test_an_admin_changes_a_role(visit: Visit) -> None:
    person, name = sign_up(visit)
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/accounts")
    admin.page.get_by_label("Search accounts by name").fill(name)
    expect(admin.page.get_by_role("row")).to_have_count(2)
    admin.page.get_by_label(f"Role of {name}").select_option("author")
    question = admin.page.get_by_role("dialog", name=f"Give {name} the role author?")
    question.get_by_role("button", name="Keep").click()
    expect(admin.page.get_by_label(f"Role of {name}")).to_have_value("user")
    admin.page.get_by_label(f"Role of {name}").select_option("author")
    question.get_by_role("button", name="Change the role").click()
    expect(admin.page.get_by_text(f"Done: {name} has the role author from now on.")).to_be_visible()
    person.open("/account")
    expect(person.page.get_by_text("Role: author.")).to_be_visible()


def test_a_person_makes_a_key_with_scopes_and_an_expiry(visit: Visit, stack: Stack) -> None:
    person, _ = sign_up(visit)
    person.open("/account")
    person.page.get_by_label("Name of a new key").fill("homework")
    person.page.get_by_label("It may do").select_option(label="only what is chosen here")
    expect(person.page.get_by_label("operate the judge")).to_have_count(0)
    person.page.get_by_label("submit and cancel").check()
    person.page.get_by_label("It expires").select_option(label="in 30 days")
    person.page.get_by_role("button", name="Make a key").click()
    key = person.page.locator(".new-key code").inner_text()
    row = person.page.get_by_role("row", name="homework")
    expect(row).to_contain_text("read, submit and cancel")
    assert person.accessibility_violations() == []
    bearer = {"Authorization": f"Bearer {key}"}
    assert person.page.request.get(f"{stack.url}/me/keys", headers=bearer).status == 200
    assert person.page.request.delete(f"{stack.url}/me/sessions", headers=bearer).status == 403
    confirm(person, "Revoke", "homework")
    expect(row).to_have_count(0)


@pytest.mark.long
def test_an_admin_imports_thirty_accounts_resets_a_password_and_deletes_an_account(
    visit: Visit, stack: Stack
) -> None:
    mark = secrets.token_hex(3)
    lines = [f"pupil-{mark}-{number},Pupil {number},class-{mark}" for number in range(30)]
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/accounts")
    upload(admin, ["name,full name,group", *lines, "x,,", "admin,,"])
    expect(admin.page.get_by_text("2 faults in the file. Nothing was made.")).to_be_visible()
    faults = admin.page.get_by_role("region", name="Import from a file")
    expect(faults.get_by_role("row", name="32 name")).to_contain_text("must have 2 to 64 characters")
    upload(admin, ["name,full name,group", *lines])
    admin.page.get_by_role("button", name="Make 30 accounts").click()
    cards = admin.page.locator(".password-card")
    expect(cards).to_have_count(30)
    assert admin.accessibility_violations() == []
    password = cards.first.locator("code").last.inner_text()
    pupil = visit()
    sign_in(pupil, f"pupil-{mark}-0", password)
    expect(pupil.page.get_by_role("heading", name="Problems")).to_be_visible()
    admin.page.get_by_label("Group").first.select_option(f"class-{mark}")
    expect(admin.page.get_by_role("row", name=f"pupil-{mark}")).to_have_count(30)
    confirm(admin, "Reset password", f"pupil-{mark}-1$")
    expect(admin.page.get_by_text(f"Give this link to pupil-{mark}-1")).to_be_visible()
    admin.page.get_by_label(f"Choose pupil-{mark}-2", exact=True).check()
    admin.page.get_by_role("button", name="Delete the chosen accounts").click()
    admin.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(admin.page.get_by_text("Done: 1 account is changed.")).to_be_visible()
    expect(admin.page.get_by_role("row", name=f"pupil-{mark}")).to_have_count(29)
    admin.page.get_by_label("Choose all that are shown").check()
    admin.page.get_by_role("button", name="Move to premium", exact=True).click()
    expect(admin.page.get_by_text("Done: 29 accounts are changed.")).to_be_visible()


def upload(admin: Person, lines: list[str]) -> None:
    """Choose a CSV file of these lines."""
    content = "\n".join(lines).encode()
    file = {"name": "class.csv", "mimeType": "text/csv", "buffer": content}
    admin.page.get_by_label("CSV file of accounts").set_input_files(file)  # type: ignore[arg-type]


def test_a_person_downloads_data_requests_deletion_and_withdraws_the_request(visit: Visit) -> None:
    person, name = sign_up(visit)
    person.open("/account")
    with person.page.expect_download() as download:
        person.page.get_by_role("link", name="Download all your data").click()
    assert download.value.suggested_filename == f"gavel-{name}.zip"
    person.page.get_by_role("button", name="Delete this account").click()
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(OLD)
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(person.page.get_by_text("This account will be deleted on")).to_be_visible()
    assert person.accessibility_violations() == []
    person.page.get_by_role("button", name="Keep the account").click()
    expect(person.page.get_by_role("button", name="Delete this account")).to_be_visible()


def test_a_person_sets_up_a_second_factor_and_signs_in_with_a_code(visit: Visit) -> None:
    person, name = sign_up(visit)
    person.open("/account")
    factor = person.page.get_by_role("region", name="Second factor")
    factor.get_by_label("Password").fill(OLD)
    factor.get_by_role("button", name="Set up a second factor").click()
    expect(factor.get_by_alt_text("QR code of the secret")).to_be_visible()
    assert person.accessibility_violations() == []
    totp, step = pyotp.TOTP(factor.locator("code").inner_text()), int(time.time()) // 30
    factor.get_by_label("Code that the app shows").fill(totp.generate_otp(step))
    factor.get_by_role("button", name="Turn it on").click()
    expect(factor.get_by_text("Keep these recovery codes")).to_be_visible()
    recovery, spare = factor.locator("pre").inner_text().split()[:2]
    other = visit()
    sign_in(other, name, OLD)
    other.page.get_by_label("Code of your second factor").fill(totp.generate_otp(step + 1))
    other.page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(other.page.get_by_role("heading", name="Problems")).to_be_visible()
    factor.get_by_label("Code, to change this").fill(spare)
    factor.get_by_role("button", name="Make new recovery codes").click()
    expect(factor.locator("pre").last).not_to_contain_text(recovery)
    recovery = factor.locator("pre").last.inner_text().split()[0]
    factor.get_by_label("Code, to change this").fill(recovery)
    factor.get_by_role("button", name="Turn it off").click()
    expect(factor.get_by_role("button", name="Set up a second factor")).to_be_visible()
