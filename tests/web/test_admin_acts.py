"""The actions of administrators have their effect, and are in the audit log."""

from __future__ import annotations

from typing import Any

import pytest

from judge_api.store.verdicts import VerdictStore
from judge_core.model.account import Tier
from judge_core.model.submission import Kind
from judge_core.model.worker import WorkerRecord, WorkerState
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import WORKERS_SET, worker_command_key, worker_key
from tests.network.waiting import until
from tests.support.records import finished
from tests.web.app_fixture import AppFixture

NOW = "2026-01-01T00:00:00.000Z"


def _do(app: AppFixture, method: str, path: str, body: Any = None, who: str = "admin") -> Any:
    return app.client.open(path, method=method, json=body, headers=app.headers(who))


def _last(app: AppFixture) -> tuple[str | None, str, str | None] | None:
    newest = app.services.audit.page(limit=1)
    return (newest[0].account, newest[0].act, newest[0].subject) if newest else None


def _submitted(app: AppFixture) -> str:
    id: str = app.submit().get_json()["id"]
    return id


def _judged(app: AppFixture) -> str:
    id = _submitted(app)
    assert VerdictStore(app.services.engine).record(finished(id)) is not None
    return id


def test_rejudging_begins_a_new_attempt_of_a_finished_submission(app: AppFixture) -> None:
    id = _judged(app)
    answer = _do(app, "POST", f"/admin/submissions/{id}/rejudge")
    assert answer.status_code == 200
    assert _last(app) == ("admin", "submission.rejudge", id)
    assert app.services.audit.page(limit=1)[0].detail == {"before": "AC"}
    assert VerdictStore(app.services.engine).record(finished(id, attempt=2)) is not None
    assert VerdictStore(app.services.engine).record(finished(id, attempt=2)) is None


def test_rejudging_an_unfinished_submission_is_refused(app: AppFixture) -> None:
    id = _submitted(app)
    before = _last(app)
    assert _do(app, "POST", f"/admin/submissions/{id}/rejudge").status_code == 409
    assert _last(app) == before


def test_a_requeued_submission_gets_a_new_attempt_and_ignores_the_old_verdict(app: AppFixture) -> None:
    id = _submitted(app)
    answer = _do(app, "POST", f"/admin/submissions/{id}/requeue")
    assert (answer.status_code, answer.get_json()["attempt"], answer.get_json()["stage"]) == (
        200,
        2,
        "QUEUED",
    )
    assert _last(app) == ("admin", "submission.requeue", id)
    assert VerdictStore(app.services.engine).record(finished(id, attempt=1)) is None
    assert VerdictStore(app.services.engine).record(finished(id, attempt=2)) is not None
    assert _do(app, "POST", f"/admin/submissions/{id}/requeue").status_code == 409


@pytest.mark.parametrize("act", ["rejudge", "requeue"])
def test_an_act_on_an_unknown_submission_gets_404(app: AppFixture, act: str) -> None:
    before = _last(app)
    assert _do(app, "POST", f"/admin/submissions/0199-none/{act}").status_code == 404
    assert _last(app) == before


def _paused(app: AppFixture) -> dict[str, bool]:
    queues = _do(app, "GET", "/admin/queues").get_json()["queues"]
    return {queue["tier"]: queue["paused"] for queue in queues}


def test_submissions_are_accepted_while_their_queue_is_paused(app: AppFixture) -> None:
    assert _do(app, "PATCH", "/admin/queues/normal", {"paused": True}).status_code == 200
    assert _last(app) == ("admin", "queue.pause", "normal")
    assert _paused(app) == {"normal": True, "premium": False}
    assert app.submit().status_code == 202
    assert _do(app, "PATCH", "/admin/queues/normal", {"paused": False}).status_code == 200
    assert _last(app) == ("admin", "queue.resume", "normal")
    assert _paused(app) == {"normal": False, "premium": False}
    assert _do(app, "PATCH", "/admin/queues/gold", {"paused": True}).status_code == 404


def test_the_status_of_a_worker_shows_what_enforces_its_limits(app: AppFixture) -> None:
    held = {"limit": "memory", "enforced_by": "sampling, RLIMIT_DATA", "note": "no cgroup of our own"}
    sandbox = {"backend": "launcher", "mode": "no-cgroup", "guarantees": [held]}
    record = WorkerRecord("normal-9", Tier.NORMAL, "here", 1, WorkerState.IDLE, NOW, NOW, sandbox=sandbox)
    redis = create_redis_client(app.redis.url, 1.0)
    redis.set(worker_key(record.name), record.dump())
    redis.sadd(WORKERS_SET, record.name)

    def is_shown() -> bool:
        workers = _do(app, "GET", "/admin/workers").get_json()["workers"]
        return sandbox in [each["sandbox"] for each in workers]

    until(is_shown, "the worker's record with its guarantees")


def test_draining_sends_the_command_to_the_worker(app: AppFixture) -> None:
    record = WorkerRecord("normal-7", Tier.NORMAL, "here", 1, WorkerState.BUSY, NOW, NOW)
    redis = create_redis_client(app.redis.url, 1.0)
    redis.set(worker_key(record.name), record.dump())
    redis.sadd(WORKERS_SET, record.name)
    assert _do(app, "POST", "/admin/workers/normal-7/drain").status_code == 200
    assert redis.get(worker_command_key("normal-7")) == b"drain"
    assert _last(app) == ("admin", "worker.drain", "normal-7")
    assert _do(app, "POST", "/admin/workers/normal-8/drain").status_code == 404


def test_a_new_tier_applies_from_the_next_submission(app: AppFixture) -> None:
    made = _do(app, "POST", "/admin/accounts", {"name": "climber"}).get_json()
    assert _last(app) == ("admin", "account.add", "climber")
    key = {"Authorization": f"Bearer {made['key']}"}
    body = {"problem": "aplusb", "language": "python3", "source": "print(1)"}
    assert app.client.post("/submissions", json=body, headers=key).get_json()["queue"] == "normal"
    changed = _do(app, "PATCH", f"/admin/accounts/{made['id']}", {"tier": "premium"})
    assert (changed.status_code, changed.get_json()["tier"]) == (200, "premium")
    assert app.client.post("/submissions", json=body, headers=key).get_json()["queue"] == "premium"
    entry = app.services.audit.page(limit=1)[0]
    assert (entry.act, entry.subject, entry.detail) == ("account.change", "climber", {"tier": "premium"})


def test_a_key_of_a_disabled_account_is_refused_at_once(app: AppFixture) -> None:
    made = _do(app, "POST", "/admin/accounts", {"name": "leaver"}).get_json()
    key = {"Authorization": f"Bearer {made['key']}"}
    assert app.client.get("/me", headers=key).status_code == 200
    assert _do(app, "PATCH", f"/admin/accounts/{made['id']}", {"disabled": True}).status_code == 200
    assert app.client.get("/me", headers=key).status_code == 401


def test_administrators_cannot_disable_or_demote_their_own_account(app: AppFixture) -> None:
    mine = app.accounts["admin"].account.id
    for change in ({"disabled": True}, {"role": "user"}):
        assert _do(app, "PATCH", f"/admin/accounts/{mine}", change).status_code == 409


def test_a_refused_act_is_not_in_the_audit_log(app: AppFixture) -> None:
    before = _last(app)
    id = _submitted(app)
    for method, path, body in (
        ("POST", f"/admin/submissions/{id}/requeue", None),
        ("PATCH", "/admin/queues/normal", {"paused": True}),
        ("POST", "/admin/invitations", None),
    ):
        assert _do(app, method, path, body, who="author").status_code == 403
    assert _last(app) == before
    assert _paused(app)["normal"] is False


def test_the_audit_log_is_read_page_by_page(app: AppFixture) -> None:
    for _ in range(4):
        _do(app, "POST", "/admin/invitations")
    first = _do(app, "GET", "/admin/audit?limit=2").get_json()
    second = _do(app, "GET", f"/admin/audit?limit=2&cursor={first['cursor']}").get_json()
    ids = [entry["id"] for entry in first["entries"] + second["entries"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 4
    assert "gvi_" not in str(first)


def _record(name: str, **changes: Any) -> WorkerRecord:
    return WorkerRecord(name, Tier.NORMAL, "here", 1, WorkerState.BUSY, NOW, NOW, **changes)


def _register(app: AppFixture, record: WorkerRecord) -> None:
    redis = create_redis_client(app.redis.url, 1.0)
    redis.set(worker_key(record.name), record.dump())
    redis.sadd(WORKERS_SET, record.name)


def test_the_audit_log_shows_that_an_admin_cancelled_a_submission(app: AppFixture) -> None:
    id = _submitted(app)
    assert _do(app, "DELETE", f"/submissions/{id}").get_json()["cancelled"] is True
    assert _last(app) == ("admin", "submission.cancel", id)
    own = _submitted(app)
    assert _do(app, "DELETE", f"/submissions/{own}", who="ada").get_json()["cancelled"] is True
    assert _last(app) == ("admin", "submission.cancel", id)
    status = app.services.submissions.status(id)
    assert status is not None
    assert status.reason == "cancelled by an administrator"


def test_a_worker_without_a_heartbeat_is_listed_as_lost(own_app: AppFixture) -> None:
    worker_registry, record = own_app.services.worker_registry, _record("normal-9", judged=12)
    _register(own_app, record)
    worker_registry.save_last_seen(worker_registry.workers())
    create_redis_client(own_app.redis.url, 1.0).delete(worker_key(record.name))
    assert worker_registry.workers() == []
    (shown,) = _do(own_app, "GET", "/admin/workers").get_json()["workers"]
    assert (shown["name"], shown["state"], shown["judged"]) == ("normal-9", "lost", 12)
    assert "no heartbeat" in shown["reason"]
    _register(own_app, record)
    assert worker_registry.silent_workers() == []


def _why(app: AppFixture, id: str) -> str:
    rows = _do(app, "GET", "/admin/submissions?unfinished=true").get_json()["submissions"]
    return next(str(row["reason"]) for row in rows if row["id"] == id)


def test_a_submission_without_a_verdict_shows_the_pending_reason(own_app: AppFixture) -> None:
    id = _submitted(own_app)
    assert _why(own_app, id) == "no live worker takes from the normal queue"
    _do(own_app, "PATCH", "/admin/queues/normal", {"paused": True})
    assert _why(own_app, id) == "the normal queue is paused"
    _do(own_app, "POST", f"/admin/submissions/{id}/requeue")
    assert _why(own_app, id).endswith("Before: put back by an administrator")


def test_the_submissions_of_a_package_are_verified_as_runs(app: AppFixture) -> None:
    begun = _do(app, "POST", "/admin/problems/aplusb/verify", who="author")
    assert begun.status_code == 202
    assert _last(app) == ("author", "problem.verify", "aplusb")
    lines = {line["name"]: line for line in begun.get_json()["submissions"]}
    accepted = next(line for name, line in lines.items() if name.startswith("accepted/") and line["id"])
    assert accepted["expected"] == ["AC"]
    kept = app.services.submissions.submission(accepted["id"])
    assert kept is not None
    assert (kept.status.kind, kept.status.problem) == (Kind.RUN, "aplusb")
    assert all(line["id"] or line["note"] for line in lines.values())
    assert _do(app, "POST", "/admin/problems/nothing/verify").status_code == 404
    assert _do(app, "POST", "/admin/problems/aplusb/verify", who="ada").status_code == 403


def test_accounts_are_found_by_a_part_of_their_name(app: AppFixture) -> None:
    for name in ("needle-1", "needle_2", "hay"):
        _do(app, "POST", "/admin/accounts", {"name": name})
    found = _do(app, "GET", "/admin/accounts?search=EEDLE").get_json()["accounts"]
    assert [each["name"] for each in found] == ["needle-1", "needle_2"]
    wild = _do(app, "GET", "/admin/accounts?search=e_2").get_json()["accounts"]
    assert [each["name"] for each in wild] == ["needle_2"], (
        "an underscore in a search must match only an underscore"
    )


def test_the_submissions_of_a_package_wait_behind_those_of_people(own_app: AppFixture) -> None:
    """A package may have many submissions, and some are slow on purpose. So they wait behind the submissions
    of people."""
    begun = _do(own_app, "POST", "/admin/problems/aplusb/verify", who="author").get_json()
    runs = {line["id"] for line in begun["submissions"]} - {None}
    outbox = own_app.services.outbox
    assert outbox.claim(100, "test", 5.0, live=True) == []
    assert {row.id for row in outbox.claim(100, "test", 5.0)} == runs


def test_a_waiting_submission_shows_that_its_queue_is_paused(own_app: AppFixture) -> None:
    id = _submitted(own_app)
    _do(own_app, "PATCH", "/admin/queues/normal", {"paused": True})
    place = _do(own_app, "GET", f"/submissions/{id}/place", who="ada").get_json()
    assert (place["ahead"], place["reachable"], place["paused"]) == (0, True, True)
    assert place["expected_seconds"] is None
