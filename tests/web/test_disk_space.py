"""If there is too little disk space, new work is refused before it is accepted. Judging and reading
continue."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from judge_api.store.engine import write_transaction
from judge_api.store.verdicts import VerdictStore
from tests.support.records import finished, new_submission
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app

HUGE = str(1 << 60)


@pytest.fixture
def full(tmp_path: Path, redis_server: RedisServer) -> Iterator[AppFixture]:
    """An application that asks for more free space than any disk has."""
    built = build_app(tmp_path / "data", redis_server, GAVEL_FREE_BYTES=HUGE)
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()


def test_a_post_on_a_full_disk_is_refused_with_the_time_to_try_again(full: AppFixture) -> None:
    answer = full.submit()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "nearly full" in answer.get_json()["detail"]
    run = {"language": "python3", "source": "print(1)", "stdin": ""}
    assert full.client.post("/runs", json=run, headers=full.headers()).status_code == 503
    judge0 = {"language_id": 71, "source_code": "print(1)"}
    headers = {"X-Auth-Token": full.accounts["ada"].key}
    assert full.client.post("/judge0/submissions", json=judge0, headers=headers).status_code == 503
    assert full.client.get("/submissions", headers=full.headers()).get_json()["submissions"] == []


def test_readiness_reports_a_full_disk_without_naming_folders(full: AppFixture) -> None:
    ready = full.client.get("/readyz").get_json()
    assert ready["checks"]["disk"] is False
    assert any("nearly full" in each for each in ready["missing"])
    assert str(full.services.settings.data) not in json.dumps(ready)


def test_a_verdict_is_recorded_while_the_disk_is_nearly_full(full: AppFixture) -> None:
    account, engine = full.accounts["ada"].account, full.services.engine
    accepted = full.services.submissions.accept(new_submission(account.id), send_now=False)
    assert VerdictStore(engine).record(finished(accepted.status.id)) is not None
    status = full.client.get(f"/status/{accepted.status.id}", headers=full.headers()).get_json()
    assert status["verdict"] == "AC"


def test_the_dashboard_shows_the_disks_and_the_damaged_files_of_redis(own_app: AppFixture) -> None:
    data = own_app.services.settings.data
    (data / "cache").mkdir()
    (data / "redis-damaged-20260101T000000").mkdir()
    storage = own_app.client.get("/admin/queues", headers=own_app.headers("admin")).get_json()["storage"]
    assert {"data", "database"} <= {disk["name"] for disk in storage["disks"]}
    assert all(disk["free_bytes"] > 0 and not disk["error"] for disk in storage["disks"])
    assert [Path(each["folder"]).name for each in storage["redis_files_set_aside"]] == [
        "redis-damaged-20260101T000000"
    ]


def test_readiness_is_checked_by_a_write_to_the_database(own_app: AppFixture) -> None:
    engine, written = own_app.services.engine, []
    event.listen(engine, "commit", lambda _connection: written.append(True))
    assert own_app.client.get("/readyz").get_json()["checks"]["database"] is True
    assert written


def test_a_read_only_database_is_not_ready(own_app: AppFixture) -> None:
    engine = own_app.services.engine

    def make_read_only(connection: object, *_rest: object) -> None:
        connection.execute("PRAGMA query_only = ON")  # type: ignore[attr-defined]

    engine.dispose()
    event.listen(engine, "connect", make_read_only)
    ready = own_app.client.get("/readyz").get_json()
    assert ready["checks"]["database"] is False
    assert own_app.submit().status_code == 503
    event.remove(engine, "connect", make_read_only)
    engine.dispose()
    with write_transaction(engine):
        pass


def test_gavel_doctor_shows_the_disks(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "judge_api", "doctor", "--data", str(tmp_path), "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    disks = {disk["name"]: disk for disk in json.loads(done.stdout)["disks"]}
    assert set(disks) == {"data", "database"}
    assert all(disk["free_bytes"] > 0 and disk["error"] is None for disk in disks.values())
