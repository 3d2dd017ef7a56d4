"""The owner of a submission makes and revokes its public link. An event hides the link until results are
shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from judge_api.store.account_deletion import AccountDeletion
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Verdict
from tests.support.records import finished
from tests.web.app_fixture import SUM, AppFixture
from tests.web.event_fixture import make_event, moment


@pytest.fixture
def shared(app: AppFixture) -> Iterator[tuple[str, str]]:
    """The id of an accepted submission of ada, and the path of its link."""
    id = app.submit("ada").get_json()["id"]
    assert VerdictStore(app.services.engine).record(finished(id, verdict=Verdict.AC)) is not None
    yield id, link(app, "PUT", id)["path"]
    app.services.submission_links.revoke(id)


def link(app: AppFixture, method: str, id: str, who: str = "ada", expect: int = 200) -> Any:
    answer = app.client.open(f"/submissions/{id}/link", method=method, headers=app.headers(who))
    assert answer.status_code == expect, answer.get_json()
    return answer.get_json(silent=True)


def read(app: AppFixture, path: str, who: str | None = None, expect: int = 200) -> Any:
    app.services.running_events.clear()
    answer = app.client.get(path, headers=app.headers(who) if who else {})
    assert answer.status_code == expect, answer.get_json()
    return answer.get_json()


def test_a_public_link_shows_source_and_verdict_without_the_owner(
    app: AppFixture, shared: tuple[str, str]
) -> None:
    id, path = shared
    answer = app.client.get(path)
    body = answer.get_json()
    assert (body["source"], body["verdict"], body["problem"]) == (SUM, "AC", "aplusb")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert set(body) & {"id", "tests", "owner", "attempts", "sandbox", "reason", "serial"} == set()
    assert id not in answer.get_data(as_text=True)
    assert not re.search(r"\bada\b", answer.get_data(as_text=True))


def test_a_public_link_stays_the_same_until_the_owner_revokes_the_link(
    app: AppFixture, shared: tuple[str, str]
) -> None:
    id, path = shared
    assert link(app, "PUT", id)["path"] == path == link(app, "GET", id)["path"]
    link(app, "DELETE", id, expect=204)
    link(app, "DELETE", id, expect=204)
    read(app, path, expect=404)
    assert link(app, "GET", id) == {"path": None, "made_at": None}
    assert link(app, "PUT", id)["path"] != path
    read(app, path, expect=404)


def test_a_public_link_has_a_long_token_and_changed_tokens_get_404(
    app: AppFixture, shared: tuple[str, str]
) -> None:
    id, path = shared
    token = path.removeprefix("/shared/")
    assert len(token) >= 43  # 43 characters have 256 bits
    for other in (id, token[:-1], token + "A", token.upper(), "gvp_", "%", "_" * len(token)):
        read(app, f"/shared/{other}", expect=404)


@pytest.mark.parametrize("who", ["bob", "author", "admin"])
def test_other_accounts_cannot_make_a_public_link(app: AppFixture, who: str) -> None:
    id = app.submit("ada").get_json()["id"]
    link(app, "PUT", id, who, 404)
    assert link(app, "GET", id)["path"] is None


def test_an_administrator_revokes_a_public_link_and_the_audit_log_shows_the_act(
    app: AppFixture, shared: tuple[str, str]
) -> None:
    id, path = shared
    link(app, "DELETE", id, "bob", 404)
    read(app, path)
    link(app, "DELETE", id, "admin", 204)
    read(app, path, expect=404)
    assert ("submission.unshare", id) in [(each.act, each.subject) for each in app.services.audit.page()]


def test_a_run_cannot_be_shared_by_a_link(app: AppFixture) -> None:
    body = {"language": "python3", "source": "print(1)"}
    id = app.client.post("/runs", json=body, headers=app.headers()).get_json()["id"]
    assert "run" in link(app, "PUT", id, expect=409)["detail"]


def test_a_public_link_of_a_disabled_account_gets_404(own_app: AppFixture) -> None:
    id = own_app.submit("bob").get_json()["id"]
    path = link(own_app, "PUT", id, "bob")["path"]
    headers, bob = own_app.headers("admin"), own_app.accounts["bob"].account
    for disabled, status in ((True, 404), (False, 200)):
        change = {"disabled": disabled}
        assert (
            own_app.client.patch(f"/admin/accounts/{bob.id}", json=change, headers=headers).status_code == 200
        )
        read(own_app, path, expect=status)
    AccountDeletion(own_app.services.engine).delete(bob)
    read(own_app, path, expect=404)
    assert own_app.services.submission_links.of_account(bob.id) == []


def test_a_public_link_to_a_submission_of_an_archived_problem_gets_404(own_app: AppFixture) -> None:
    path = link(own_app, "PUT", own_app.submit("ada").get_json()["id"])["path"]
    read(own_app, path)
    change = {"state": "archived"}
    headers = own_app.headers("admin")
    assert own_app.client.put("/admin/problems/aplusb/state", json=change, headers=headers).status_code == 200
    read(own_app, path, expect=404)


@pytest.mark.parametrize(
    ("rules", "ends"),
    [({}, 60), ({"freeze_minutes": 120}, 60), ({"standings": "jury"}, 60), ({"length_minutes": 30}, 60)],
    ids=["running", "frozen", "standings-for-the-jury", "own-windows"],
)
def test_a_public_link_gets_404_while_an_event_has_the_problem(
    own_app: AppFixture, rules: dict[str, Any], ends: float
) -> None:
    id = own_app.submit("ada").get_json()["id"]
    path = link(own_app, "PUT", id)["path"]
    event = make_event(own_app, "shared-event", -1, ends, rules)
    for who in (None, "ada", "bob", "admin"):
        assert "aplusb" not in str(read(own_app, path, who, 404))
    assert "event" in link(own_app, "PUT", id, expect=409)["detail"]
    event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    if "freeze_minutes" in rules:
        read(own_app, path, expect=404)  # the event still holds back its results
        event.call("author", "PUT", "/freeze", {"thawed": True}, expect=200)
    read(own_app, path)


def test_submissions_from_the_time_of_an_event_cannot_be_shared_for_any_problem(own_app: AppFixture) -> None:
    """Otherwise a member could share the program by submitting it to another problem."""
    early = own_app.submit("bob").get_json()["id"]
    event = make_event(own_app, "other-event", -1, 60, problems=[{"slug": "aplusb"}])
    event.add("bob")
    running = own_app.services.running_events
    running.clear()
    status = own_app.services.submissions.status(early)
    assert status is not None
    assert running.forbids_sharing(replace(status, problem="change"))
    assert not running.forbids_sharing(replace(status, problem="change", owner="someone else"))
