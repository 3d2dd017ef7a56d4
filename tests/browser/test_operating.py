"""The operator's lists, the operator's part of a submission's page, and internal errors as each reader sees
them."""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.app_fixture import Stack
from tests.browser.person import JUDGED_MS, Person
from tests.browser.test_problem_page import RIGHT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]
BROKEN = {
    "problem.yaml": "name: Broken\nlimits: {time_limit: 1}\nvalidation: custom\n",
    "problem_statement/problem.en.md": "Print anything.\n",
    "output_validators/v.py": "raise SystemExit('a secret of the jury')\n",
    "data/secret/1.in": "1\n",
    "data/secret/1.ans": "1\n",
}


def ask(stack: Stack, who: str, method: str, path: str, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {stack.keys[who]}"}
    answer = requests.request(method, f"{stack.url}{path}", headers=headers, timeout=30, **more)
    assert answer.ok, answer.text
    return answer.json()


def post(stack: Stack, problem: str = "aplusb", who: str = "normal") -> str:
    body = {"problem": problem, "language": "python3", "source": f"{RIGHT}\n# {secrets.token_hex(4)}\n"}
    return str(ask(stack, who, "POST", "/submissions", json=body)["id"])


@contextmanager
def paused(stack: Stack) -> Iterator[None]:
    ask(stack, "admin", "PATCH", "/admin/queues/normal", json={"paused": True})
    try:
        yield
    finally:
        ask(stack, "admin", "PATCH", "/admin/queues/normal", json={"paused": False})


def test_an_operator_cancels_several_waiting_submissions_and_requeues_a_third(
    visit: Visit, stack: Stack
) -> None:
    admin = visit()
    admin.sign_in("admin")
    with paused(stack):
        ids = [post(stack) for _ in range(3)]
        admin.open("/admin/submissions")
        rows = admin.page.locator(".submission-table").get_by_role("row")
        expect(admin.page.get_by_text("3 submissions.")).to_be_visible()
        expect(rows.nth(1)).to_contain_text(ids[0][-8:])
        for id in ids[1:]:
            admin.page.get_by_role("checkbox", name=f"Choose {id[-8:]}").check()
        admin.page.get_by_role("button", name="Cancel 2", exact=True).click()
        assert admin.accessibility_violations() == []
        admin.page.get_by_role("dialog").get_by_role("button", name="Cancel 2", exact=True).click()
        expect(admin.page.get_by_text("cancel: 2 of 2.")).to_be_visible()
        expect(admin.page.get_by_text("1 submission.")).to_be_visible()

        rows.nth(1).get_by_role("link").first.click()
        cockpit = admin.page.get_by_role("region", name="For operators")
        expect(cockpit).to_contain_text("the normal queue is paused")
        expect(cockpit).to_contain_text("gavel resume normal")
        cockpit.get_by_role("button", name="Requeue").click()
        assert admin.accessibility_violations() == []
        admin.page.get_by_role("dialog").get_by_role("button", name="Requeue").click()
        expect(cockpit.get_by_text("Done: requeue")).to_be_visible()
    admin.expect_verdict("Accepted")
    expect(cockpit.get_by_role("row").nth(1)).to_contain_text("put back by an administrator")
    cockpit.get_by_text("Log lines of the last hour that name it").click()
    expect(cockpit.get_by_text(ids[0]).first).to_be_visible()
    assert admin.accessibility_violations() == []
    admin.open(f"/admin/logs?submission={ids[0]}")
    expect(admin.page.get_by_label("Log lines")).to_contain_text("dispatcher")
    assert admin.accessibility_violations() == []


def broken_submission(stack: Stack) -> str:
    """A submission to a problem whose validator has a fault."""
    slug = f"broken-{secrets.token_hex(3)}"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in BROKEN.items():
            archive.writestr(f"{slug}/{name}", content)
    files = {"package": (f"{slug}.zip", packed.getvalue())}
    ask(stack, "admin", "POST", "/admin/problems", files=files)
    return post(stack, slug)


def test_contestants_and_operators_read_different_texts_for_an_internal_error(
    visit: Visit, stack: Stack
) -> None:
    id = broken_submission(stack)
    person, admin = visit(), visit()
    person.sign_in("normal")
    person.open(f"/submissions/{id}")
    expect(person.page.get_by_text("The problem itself has a fault")).to_be_visible(timeout=JUDGED_MS)
    for words in ("operator", "a secret of the jury", "attempts"):
        expect(person.page.get_by_text(words)).to_have_count(0)
    admin.sign_in("admin")
    admin.open("/admin/submissions")
    admin.page.get_by_label("Internal errors").check()
    row = admin.page.get_by_role("row").filter(has_text=id[-8:])
    expect(row).to_contain_text("a secret of the jury")
    row.get_by_role("button", name=f"Ignore {id[-8:]}").click()
    assert admin.accessibility_violations() == []
    admin.page.get_by_role("dialog").get_by_role("button", name="Ignore").click()
    expect(row).to_have_count(0)
    admin.page.get_by_label("Ignored errors").check()
    expect(row).to_contain_text("ignored by admin")
    row.get_by_role("link").first.click()
    expect(admin.page.get_by_text("For the author:")).to_be_visible()
    expect(admin.page.get_by_role("region", name="For operators")).to_contain_text("a secret of the jury")
    assert admin.accessibility_violations() == []


@pytest.mark.slow  # test_admin.py shows a pause on the dashboard
def test_the_dashboard_marks_a_past_pause_and_shows_no_backlog(visit: Visit, stack: Stack) -> None:
    with paused(stack):
        pass
    admin = visit()
    admin.sign_in("admin")
    admin.open("/admin/")
    health = admin.page.get_by_label("Health", exact=True)
    expect(health).to_contain_text(re.compile("Outboxis sent"))
    admin.page.get_by_text("Marked in the charts").click()
    expect(admin.page.get_by_text("The normal queue was paused by admin").first).to_be_visible()
    assert admin.accessibility_violations() == []
