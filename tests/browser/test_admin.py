"""An admin acts on the pages, and the pages show that Redis is down."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests.acceptance.app_fixture import wait_until
from tests.browser.app_fixture import Stack
from tests.browser.person import JUDGED_MS, Person
from tests.browser.test_problem_page import RIGHT, WRONG, at_problem

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Stops a process by SIGSTOP during the block, and continues it afterwards, even after an error."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def confirm(person: Person, label: str, on: str = "") -> None:
    """Press a button and confirm its dialog."""
    person.page.get_by_role("button", name=re.compile(f"^{label}.*{on}")).first.click()
    person.page.get_by_role("dialog").get_by_role("button", name=label).click()


def id_of(person: Person) -> str:
    link = person.page.get_by_role("link", name="Every test of this submission").get_attribute("href")
    return str(link).rsplit("/", 1)[1]


def test_a_submission_survives_a_redis_outage_which_the_pages_show(visit: Visit, stack: Stack) -> None:
    admin, person = visit(), at_problem(visit, "premium")
    admin.sign_in("admin")
    admin.open("/admin/")
    person.write("python3", RIGHT)
    with stopped(stack.processes["redis"]):
        person.submit()
        waiting = person.page.get_by_text("It is waiting to be sent")
        expect(waiting).to_be_visible(timeout=JUDGED_MS)
        expect(admin.page.get_by_role("alert")).to_contain_text("unreachable", timeout=JUDGED_MS)
    person.expect_verdict("Accepted")
    expect(admin.page.get_by_role("alert")).to_have_count(0, timeout=JUDGED_MS)


@pytest.mark.slow  # test_authoring.py rejudges a problem and compares verdicts
def test_an_admin_rejudges_a_submission_and_sees_its_previous_verdict(visit: Visit) -> None:
    person = at_problem(visit, "premium")
    person.write("python3", RIGHT)
    person.submit()
    person.expect_verdict("Accepted")
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/submissions")
    admin.page.get_by_role("radio", name="All").check()
    confirm(admin, "Rejudge", id_of(person)[-8:])
    done = admin.page.get_by_text(f"Done: rejudge {id_of(person)[-8:]}. Before: Accepted")
    expect(done).to_be_visible()
    rejudged = admin.page.get_by_role("region", name="Rejudged", exact=True)
    expect(rejudged).to_contain_text("0 changed, 1 as before, 0 under way", timeout=JUDGED_MS)
    admin.open("/admin/audit")
    expect(admin.page.get_by_text("submission.rejudge").first).to_be_visible()


@pytest.mark.slow  # test_operating.py requeues a submission too
def test_an_admin_requeues_a_submission_that_waits_in_a_paused_queue(visit: Visit) -> None:
    admin, person = visit(), at_problem(visit, "normal")
    admin.sign_in("admin")
    admin.open("/admin/")
    confirm(admin, "Pause normal")
    try:
        expect(admin.page.get_by_role("button", name="Resume normal")).to_be_visible()
        person.write("python3", RIGHT)
        person.submit()
        person.expect_verdict("In the queue")
        expect(person.page.get_by_text("Next in the normal queue, which is paused for now.")).to_be_visible()
        admin.open("/admin/submissions")
        confirm(admin, "Requeue")
        expect(admin.page.get_by_text("Done: requeue")).to_be_visible()
    finally:
        admin.open("/admin/")
        admin.page.get_by_role("button", name="Resume normal").click()
    person.expect_verdict("Accepted")


@contextmanager
def added_worker(stack: Stack, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs one more premium worker, because `gavel up` does not start a drained worker again."""
    argv = [sys.executable, "-m", "judge_api", "worker", "--data", str(stack.data), "--queue", "premium"]
    worker = subprocess.Popen(argv, env=os.environ | {"GAVEL_WORKER_NAME": name}, stderr=subprocess.DEVNULL)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.long
def test_a_drained_worker_ends_and_the_remaining_worker_judges(visit: Visit, stack: Stack) -> None:
    admin, person = visit(), at_problem(visit, "premium")
    admin.sign_in("admin")
    admin.open("/admin/workers")
    with added_worker(stack, "spare") as worker:
        expect(admin.page.get_by_role("button", name="Drain spare").first).to_be_visible(timeout=JUDGED_MS)
        confirm(admin, "Drain", "spare")
        worker.wait(60)
    admin.open("/admin/audit")
    expect(admin.page.get_by_text("worker.drain").first).to_be_visible()
    person.write("python3", RIGHT)
    person.submit()
    person.expect_verdict("Accepted")


def test_an_operator_reads_what_enforces_each_limit(visit: Visit) -> None:
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/workers")
    admin.page.locator("details summary").first.click()
    expect(admin.page.get_by_text("network: empty network namespace, seccomp").first).to_be_visible()
    expect(admin.page.get_by_text("memory: ").first).to_be_visible()


@pytest.mark.slow  # test_operating.py cancels two submissions
def test_an_admin_cancels_a_submission_and_the_audit_log_shows_the_act(visit: Visit) -> None:
    admin, person = visit(), at_problem(visit, "normal")
    admin.sign_in("admin")
    admin.open("/admin/")
    confirm(admin, "Pause normal")
    try:
        person.write("python3", RIGHT)
        person.submit()
        person.expect_verdict("In the queue")
        admin.open("/admin/submissions")
        expect(admin.page.get_by_text("the normal queue is paused").first).to_be_visible()
        confirm(admin, "Cancel")
        expect(admin.page.get_by_text("Done: cancel")).to_be_visible()
        person.expect_verdict("Cancelled")
        expect(person.page.get_by_text("cancelled by an administrator")).to_be_visible()
        admin.open("/admin/audit")
        expect(admin.page.get_by_text("submission.cancel").first).to_be_visible()
    finally:
        admin.open("/admin/")
        admin.page.get_by_role("button", name="Resume normal").click()
    expect(admin.page.get_by_text("Done: the normal queue goes on.")).to_be_visible()


def test_an_admin_invites_a_person_and_changes_the_tier_of_the_new_account(visit: Visit) -> None:
    name = f"climber-{secrets.token_hex(4)}"
    admin, person = visit(), visit()
    admin.sign_in("admin")
    admin.open("/admin/accounts")
    admin.page.get_by_role("button", name="Make an invitation").click()
    link = admin.page.locator("code", has_text="/sign-up?invitation=").inner_text()
    person.sign_up(name, "a long password", at=link.removeprefix(admin.stack.url))
    admin.page.get_by_label("Search accounts by name").fill(name[:-1])
    confirm(admin, "Move to premium", name)
    expect(admin.page.get_by_text(f"Done: {name} is premium from now on.")).to_be_visible()
    person.open("/account")
    expect(person.page.get_by_text("Your submissions go to the premium queue")).to_be_visible()


def add_by_page(admin: Person, folder: Path) -> str:
    """Upload a copy of the problem ``aplusb`` under a new name. Returns the name."""
    slug = f"added-{secrets.token_hex(3)}"
    shutil.copytree("problems/aplusb", folder / slug)
    archive = shutil.make_archive(str(folder / "package"), "zip", folder, slug)
    admin.sign_in("admin")
    admin.open("/admin/problems")
    admin.page.get_by_label("Problem package").set_input_files(archive)
    expect(admin.page.get_by_role("status").filter(has_text="Added as a draft")).to_be_visible()
    return slug


def confirm_publishing(admin: Person) -> None:
    admin.page.get_by_role("button", name="Publish …").click()
    admin.page.get_by_role("dialog").get_by_role("button", name="Publish unverified").click()
    expect(admin.page.get_by_role("status").filter(has_text="is published in version")).to_be_visible()


@pytest.mark.slow  # test_authoring.py verifies a problem too
def test_an_admin_adds_and_verifies_a_problem_on_the_pages(visit: Visit, tmp_path: Path) -> None:
    """The submissions of the package get their expected verdicts, and the problem is not marked as solved."""
    admin = visit()
    slug = add_by_page(admin, tmp_path)
    admin.page.get_by_role("button", name=f"Verify {slug}").click()
    verification = admin.page.get_by_role("region", name=f"Verifying {slug}")
    expect(verification).to_contain_text("as expected", timeout=6 * JUDGED_MS)
    expect(verification).not_to_contain_text("not as expected")
    expect(verification.get_by_role("row").filter(has_text="wrong_answer/").first).to_contain_text(
        "Wrong Answer"
    )
    assert admin.accessibility_violations() == []
    admin.open("/problems")
    expect(
        admin.page.get_by_role("row").filter(has=admin.page.locator(f"a[href='/problems/{slug}']"))
    ).to_be_visible()
    row = admin.page.get_by_role("row").filter(has=admin.page.locator(f"a[href='/problems/{slug}']"))
    expect(row.get_by_title("solved")).to_have_count(0)


def test_a_broken_package_is_refused_with_its_errors(visit: Visit, tmp_path: Path) -> None:
    shutil.copytree("problems/aplusb", tmp_path / "broken")
    (tmp_path / "broken" / "problem.yaml").write_text("name: [unclosed\n")
    archive = shutil.make_archive(str(tmp_path / "package"), "zip", tmp_path, "broken")
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/problems")
    admin.page.get_by_label("Problem package").set_input_files(archive)
    expect(admin.page.get_by_role("alert").filter(has_text="problem.yaml")).to_be_visible()


@pytest.mark.long
def test_an_admin_rejudges_a_problem_and_sees_the_verdicts_before_and_after(
    visit: Visit, tmp_path: Path
) -> None:
    admin = visit()
    slug = add_by_page(admin, tmp_path)
    admin.page.get_by_role("status").get_by_role("link", name=slug).click()
    confirm_publishing(admin)
    admin.open("/admin/problems")
    person = visit()
    person.sign_in("premium")
    person.open(f"/problems/{slug}")
    for source, words in ((RIGHT, "Accepted"), (WRONG, "Wrong Answer")):
        person.write("python3", source)
        person.submit()
        person.expect_verdict(words)
    confirm(admin, "Rejudge all", slug)
    rejudged = admin.page.get_by_role("region", name="Rejudged", exact=True)
    expect(rejudged).to_contain_text("0 changed, 2 as before, 0 under way", timeout=2 * JUDGED_MS)
    expect(rejudged.get_by_role("row").filter(has_text="Wrong Answer")).to_have_count(1)


def test_an_operator_reads_the_audit_log_page_by_page(visit: Visit, stack: Stack) -> None:
    headers = {"Authorization": f"Bearer {stack.keys['admin']}"}
    for _ in range(51):
        requests.post(f"{stack.url}/admin/invitations", headers=headers, timeout=20).raise_for_status()
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/audit")
    lines = admin.page.get_by_role("row")
    expect(lines).to_have_count(51)
    admin.page.get_by_role("button", name="Older entries").click()
    expect(lines.nth(51)).to_be_visible()
    assert lines.count() > 51


@pytest.mark.parametrize("blocked", [pytest.param(True, marks=pytest.mark.slow), False])
def test_the_dashboard_updates_by_a_stream_or_by_polling(visit: Visit, stack: Stack, blocked: bool) -> None:
    """Another operator's action appears on the page by its stream. If the stream is blocked, the page
    polls."""
    admin, other = visit(), visit()
    if blocked:
        admin.page.add_init_script(
            "window.EventSource = class { constructor() { throw new Error('blocked') } }"
        )
    for one in (admin, other):
        one.sign_in("admin")
        one.open("/admin/")
    expect(admin.page.get_by_text("asking every 2 s" if blocked else "live", exact=True)).to_be_visible()
    for disk in ("data", "database", "scratch"):
        item = admin.page.get_by_text(f"Disk of {disk}", exact=True).locator("..")
        expect(item).to_contain_text(re.compile(r"iB free of .* [MG]iB"))
    confirm(other, "Pause normal")
    try:
        expect(admin.page.get_by_role("button", name="Resume normal")).to_be_visible(timeout=JUDGED_MS)
    finally:
        other.page.get_by_role("button", name="Resume normal").click()
    expect(admin.page.get_by_role("button", name="Pause normal")).to_be_visible(timeout=JUDGED_MS)


def seconds_up(admin: Person, stack: Stack, pid: int) -> float:
    """How long a worker has run. The page shows it only while the worker has no fault to show."""
    workers = admin.page.request.get(f"{stack.url}/admin/workers").json()["workers"]
    since = next(datetime.fromisoformat(each["since"]) for each in workers if each["pid"] == pid)
    return (datetime.now(UTC) - since).total_seconds()


@pytest.mark.long
def test_a_killed_worker_is_shown_as_lost_or_replaced(visit: Visit, stack: Stack) -> None:
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/workers")
    name = next(each for each in stack.processes if each.startswith("worker:normal"))
    row = admin.page.get_by_role("row").filter(has_text=f"process {stack.current_pid(name)}")
    expect(row).to_contain_text("idle")
    expect(row).to_contain_text("full")
    pid = stack.current_pid(name)
    # The dispatcher saves the records of all workers every ten seconds. After twelve it has saved this one.
    wait_until(lambda: seconds_up(admin, stack, pid) > 12, "a worker that is twelve seconds old")
    os.kill(pid, signal.SIGKILL)
    # The page shows "replaced" instead of "lost" as soon as the new worker that the supervisor started is
    # ready.
    expect(row).to_contain_text(re.compile("lost|replaced"), timeout=2 * JUDGED_MS)
    expect(row).to_contain_text("no heartbeat")
