"""The operator's acts, by the pages; and what everybody sees while the queue is away."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser.house import House
from tests.browser.person import JUDGED_MS, Person
from tests.browser.test_solving import RIGHT, at_problem

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that is there and answers nothing, and goes on at the end whatever happens."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def act(person: Person, what: str, on: str = "") -> None:
    """Press what asks first, and say yes."""
    person.page.get_by_role("button", name=re.compile(f"^{what}.*{on}")).first.click()
    person.page.get_by_role("dialog").get_by_role("button", name=what).click()


def id_of(person: Person) -> str:
    link = person.page.get_by_role("link", name="Every test of this submission").get_attribute("href")
    return str(link).rsplit("/", 1)[1]


def test_a_queue_that_is_away_is_told_and_loses_nothing(visit: Visit, house: House) -> None:
    admin, person = visit(), at_problem(visit, "premium")
    admin.sign_in("admin")
    admin.open("/admin/")
    person.write("python3", RIGHT)
    with stopped(house.processes["redis"]):
        person.submit()
        waiting = person.page.get_by_text("It is waiting to be sent")
        expect(waiting).to_be_visible(timeout=JUDGED_MS)
        expect(admin.page.get_by_role("alert")).to_contain_text("unreachable", timeout=JUDGED_MS)
    person.sees_verdict("Accepted")
    expect(admin.page.get_by_role("alert")).to_have_count(0, timeout=JUDGED_MS)


def test_an_admin_rejudges_and_reads_the_verdict_before(visit: Visit) -> None:
    person = at_problem(visit, "premium")
    person.write("python3", RIGHT)
    person.submit()
    person.sees_verdict("Accepted")
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/submissions")
    admin.page.get_by_label("All").check()
    act(admin, "Rejudge", id_of(person)[-8:])
    done = admin.page.get_by_text(f"Done: rejudge {id_of(person)[-8:]}. Before: Accepted")
    expect(done).to_be_visible()
    admin.open("/admin/audit")
    expect(admin.page.get_by_text("submission.rejudge").first).to_be_visible()


def test_an_admin_requeues_what_waits_in_a_paused_queue(visit: Visit) -> None:
    admin, person = visit(), at_problem(visit, "normal")
    admin.sign_in("admin")
    admin.open("/admin/")
    act(admin, "Pause normal")
    try:
        expect(admin.page.get_by_role("button", name="Resume normal")).to_be_visible()
        person.write("python3", RIGHT)
        person.submit()
        person.sees_verdict("In the queue")
        admin.open("/admin/submissions")
        act(admin, "Requeue")
        expect(admin.page.get_by_text("Done: requeue")).to_be_visible()
    finally:
        admin.open("/admin/")
        admin.page.get_by_role("button", name="Resume normal").click()
    person.sees_verdict("Accepted")


def test_a_drained_worker_ends_and_the_next_one_judges(visit: Visit) -> None:
    admin, person = visit(), at_problem(visit, "premium")
    admin.sign_in("admin")
    admin.open("/admin/workers")
    act(admin, "Drain", "premium")
    admin.open("/admin/audit")
    expect(admin.page.get_by_text("worker.drain").first).to_be_visible()
    person.write("python3", RIGHT)
    person.submit()
    person.sees_verdict("Accepted")


def test_an_operator_reads_what_enforces_each_limit(visit: Visit) -> None:
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/workers")
    admin.page.locator("details summary").first.click()
    expect(admin.page.get_by_text("network: empty network namespace, seccomp").first).to_be_visible()
    expect(admin.page.get_by_text("memory: ").first).to_be_visible()
