"""A tier that the settings define works in the API, in Redis and for operators. An account of an undefined
tier gets a warning and uses the normal tier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from judge_api.cli.queue import _row as queue_row
from judge_api.dispatcher import Dispatcher
from judge_api.store.engine import write_transaction
from judge_api.supervisor.installation_check import Finding, InstallationCheck
from judge_core.model.account import Role, Tier
from judge_core.model.worker import WorkerRecord, WorkerState
from judge_core.redis.keys import WORKERS_SET, worker_key
from tests.support.records import a_worker
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AccountWithKey, AppFixture, build_app
from tests.web.test_language_outages import register

GOLD = Tier("gold")
DEFINED = "normal=1,premium=10,gold=20"


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An installation with the tier gold, which the tests of this file share."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    app = build_app(tmp_path_factory.mktemp("data"), server, GAVEL_TIERS=DEFINED)
    _add(app, "midas", GOLD)
    yield app
    app.services.status_subscriptions.close()
    app.services.engine.dispose()
    server.stop()


@pytest.fixture(scope="module")
def without_gold(app: AppFixture) -> AppFixture:
    """An installation that once had the tier gold, and still has an account of this tier."""
    _add(app, "midas", GOLD)
    return app


def _add(app: AppFixture, name: str, tier: Tier) -> None:
    account = app.services.accounts.add(name, tier, Role.USER)
    app.accounts[name] = AccountWithKey(account, app.services.accounts.issue_key(account.id, "test")[1])


def _json(app: AppFixture, path: str, name: str = "admin") -> Any:
    return app.client.get(path, headers=app.headers(name)).get_json()


def test_a_defined_tier_has_its_own_queue_in_redis_answers_and_operator_pages(golden: AppFixture) -> None:
    accepted = golden.submit("midas")
    assert (accepted.status_code, accepted.get_json()["queue"]) == (202, "gold")
    job = f"{accepted.get_json()['id']}-1"
    assert job.encode() in golden.redis.client().lrange("rq:queue:gold", 0, -1)
    assert _json(golden, f"/status/{accepted.get_json()['id']}", "midas")["queue"] == "gold"
    assert [queue["tier"] for queue in _json(golden, "/admin/queues")["queues"]] == [
        "normal",
        "premium",
        "gold",
    ]
    assert 'gavel_queue_waiting{queue="gold"}' in golden.client.get("/metrics").get_data(as_text=True)
    assert "gold worker" in golden.client.get("/readyz").get_json()["checks"]
    assert _json(golden, "/me", "midas")["tier"] == "gold"
    assert golden.services.quotas.of(GOLD).unfinished == 400


def test_operators_see_how_many_workers_of_a_tier_judge_for_another_tier(conserving: AppFixture) -> None:
    def busy(name: str, tier: Tier, account: str) -> WorkerRecord:
        id = conserving.submit(account).get_json()["id"]
        return a_worker(name, "python3", queue=tier, state=WorkerState.BUSY, submission=id)

    register(
        conserving,
        busy("premium-1", Tier.PREMIUM, "ada"),
        busy("premium-2", Tier.PREMIUM, "grace"),
        a_worker("premium-3", "python3", queue=Tier.PREMIUM),
        busy("normal-1", Tier.NORMAL, "bob"),
    )
    body = _json(conserving, "/admin/queues")
    assert body["work_conserving"] is True
    assert {queue["tier"]: queue["lent"] for queue in body["queues"]} == {"normal": 0, "premium": 1}
    notes = {queue["tier"]: queue_row(queue)[-1] for queue in body["queues"]}  # as `gavel queue` prints them
    assert notes == {"normal": "", "premium": "1 lent"}


def test_a_tier_that_lending_workers_serve_lacks_no_worker(conserving: AppFixture) -> None:
    def of_normal() -> tuple[bool, Finding]:
        checks = conserving.client.get("/readyz").get_json()["checks"]
        found = InstallationCheck(conserving.services.settings, ()).findings()
        return checks["normal worker"], next(each for each in found if each.name == "normal workers")

    premium = [a_worker(f"premium-{n}", "python3", queue=Tier.PREMIUM) for n in (1, 2)]
    register(conserving, *premium)
    ready, finding = of_normal()
    assert ready
    assert (finding.text, finding.fix) == ("none; workers of premium judge for this tier", None)
    register(conserving, premium[0])
    ready, finding = of_normal()
    assert not ready
    assert finding.fix == "`gavel worker --queue normal`"


def test_the_queue_of_a_defined_tier_can_be_paused(golden: AppFixture) -> None:
    def pause(paused: bool) -> int:
        body, headers = {"paused": paused}, golden.headers("admin")
        return golden.client.patch("/admin/queues/gold", json=body, headers=headers).status_code

    assert pause(True) == 200
    before = golden.redis.client().llen("rq:queue:gold")
    assert golden.submit("midas").status_code == 202
    assert golden.redis.client().llen("rq:queue:gold") == before
    assert pause(False) == 200


@pytest.mark.parametrize("tier", ["silver", "no tier", ""])
def test_an_unknown_tier_in_a_request_is_refused(golden: AppFixture, tier: str) -> None:
    ada = golden.accounts["ada"].account.id
    headers = golden.headers("admin")
    answers = [
        golden.client.post("/admin/accounts", json={"name": "new", "tier": tier}, headers=headers),
        golden.client.patch(f"/admin/accounts/{ada}", json={"tier": tier}, headers=headers),
        golden.client.post("/admin/accounts/bulk", json={"accounts": [ada], "tier": tier}, headers=headers),
        golden.client.get("/admin/submissions", query_string={"queue": tier}, headers=headers),
    ]
    assert {answer.status_code for answer in answers} <= {400, 422}
    if tier == "silver":
        assert all("choose from normal, premium, gold" in answer.get_data(as_text=True) for answer in answers)
    assert (
        golden.client.patch("/admin/queues/silver", json={"paused": True}, headers=headers).status_code == 404
    )


def test_an_account_can_be_moved_into_a_defined_tier(golden: AppFixture) -> None:
    bob, headers = golden.accounts["bob"].account.id, golden.headers("admin")
    moved = golden.client.patch(f"/admin/accounts/{bob}", json={"tier": "gold"}, headers=headers)
    assert moved.get_json()["tier"] == "gold"
    assert golden.submit("bob").get_json()["queue"] == "gold"


def test_the_api_document_lists_the_tiers_that_a_request_may_name(golden: AppFixture) -> None:
    schemas = golden.client.get("/openapi.json").get_json()["components"]["schemas"]
    assert schemas["AccountIn"]["properties"]["tier"]["enum"] == ["normal", "premium", "gold"]
    assert "enum" not in schemas["StatusOut"]["properties"]["queue"]


def test_an_account_of_an_undefined_tier_uses_the_normal_queue_with_a_warning(
    without_gold: AppFixture,
) -> None:
    app = without_gold
    assert app.submit("midas").get_json()["queue"] == "normal"
    assert _json(app, "/me", "midas")["tier"] == "normal"
    (warning,) = app.client.get("/readyz").get_json()["warnings"]
    assert "1 account is of the tier 'gold', which is not defined" in warning
    assert warning in _json(app, "/admin/queues")["warnings"]


def test_a_worker_of_an_undefined_tier_gets_a_warning_and_disturbs_no_submission(
    without_gold: AppFixture,
) -> None:
    app = without_gold
    app.services.worker_cache.clear()
    for worker in (a_worker("gold-1", "python3", queue=GOLD), a_worker("normal-1", "python3")):
        app.redis.client().set(worker_key(worker.name), worker.dump())
        app.redis.client().sadd(WORKERS_SET, worker.name)
    warnings = _json(app, "/admin/queues")["warnings"]
    assert any("gold-1 is of the tier gold, which is not defined" in each for each in warnings)
    assert app.submit("midas").get_json()["queue"] == "normal"
    assert {each["name"] for each in _json(app, "/admin/workers")["workers"]} >= {"gold-1", "normal-1"}


def test_submissions_that_wait_in_an_undefined_tier_move_to_the_normal_queue(
    without_gold: AppFixture,
) -> None:
    app = without_gold
    id = app.submit("ada").get_json()["id"]
    app.redis.client().delete("rq:queue:normal", f"rq:job:{id}-1")
    with write_transaction(app.services.engine) as connection:
        connection.execute(text("UPDATE submissions SET tier = 'gold' WHERE id = :id"), {"id": id})
        waits = "UPDATE outbox SET tier = 'gold', claimed_until = NULL WHERE submission_id = :id"
        connection.execute(text(waits), {"id": id})
    dispatcher = Dispatcher(app.services.engine, app.services.settings)
    dispatcher._older_releases_step()
    dispatcher._relay_step()
    queued: list[bytes] = app.redis.client().lrange("rq:queue:normal", 0, -1)  # type: ignore[assignment]
    assert f"{id}-1".encode() in queued
    status = app.services.submissions.status(id)
    assert status is not None
    assert status.queue == "normal"
