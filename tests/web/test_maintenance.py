"""During planned maintenance everybody sees a banner, and submissions are refused or held."""

from __future__ import annotations

import threading
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from judge_api.dispatcher import Dispatcher
from judge_api.services.maintenance_switch import MaintenanceSwitch
from judge_api.store.maintenance import MaintenanceStore
from judge_core.model.account import Tier
from judge_core.model.errors import StoreUnavailable
from judge_core.model.maintenance import Maintenance, MaintenanceMode
from judge_core.model.submission import rfc3339
from tests.web.app_fixture import SUM, AppFixture


def switch(app: AppFixture, mode: str, who: str = "admin", **more: Any) -> TestResponse:
    body = {"mode": mode, **more}
    return app.client.put("/admin/maintenance", json=body, headers=app.headers(who))


def queued(app: AppFixture) -> int:
    length: Any = app.redis.client().llen("rq:queue:normal")
    return int(length)


def test_a_new_installation_accepts_submissions_and_announces_nothing(own_app: AppFixture) -> None:
    expected = {"mode": "open", "message": "", "until": None, "since": None}
    assert own_app.client.get("/maintenance").get_json() == expected


def test_visitors_can_read_the_announcement_of_an_administrator(own_app: AppFixture) -> None:
    until = rfc3339(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))
    assert switch(own_app, "open", message="New compilers at 14:00", until=until).status_code == 200
    found = own_app.client.get("/maintenance").get_json()
    assert (found["mode"], found["message"], found["until"]) == ("open", "New compilers at 14:00", until)
    newest = own_app.services.audit.page(limit=1)[0]
    assert (newest.account, newest.act, newest.subject) == ("admin", "maintenance", "open")
    assert own_app.submit().status_code == 202


@pytest.mark.parametrize("minutes", [None, 10, 600, -10])
def test_a_submission_during_maintenance_is_refused_with_the_reason_and_the_time_to_wait(
    own_app: AppFixture, minutes: int | None
) -> None:
    until = None if minutes is None else rfc3339(datetime.now(UTC) + timedelta(minutes=minutes))
    switch(own_app, "refuse", message="the database moves", until=until)
    answer = own_app.submit()
    assert answer.status_code == 503
    assert answer.get_json()["type"] == "/errors/maintenance"
    assert "the database moves" in answer.get_json()["detail"]
    seconds = int(answer.headers["Retry-After"])
    assert {None: 300, 10: 600, 600: 3600, -10: 300}[minutes] - 5 <= seconds <= 3600
    run = own_app.client.post("/runs", json={"language": "python3", "source": SUM}, headers=own_app.headers())
    assert run.status_code == 503
    own = own_app.client.get("/submissions", headers=own_app.headers())
    assert own.get_json()["submissions"] == []


def test_a_held_submission_is_accepted_and_is_sent_after_the_maintenance(own_app: AppFixture) -> None:
    switch(own_app, "hold", message="workers are replaced")
    assert own_app.submit().status_code == 202
    for mode, sent in (("hold", 0), ("open", 1)):
        switch(own_app, mode)
        Dispatcher(own_app.services.engine, own_app.services.settings)._relay_step()
        assert (queued(own_app), own_app.services.outbox.backlog(Tier.NORMAL).waiting) == (sent, 1 - sent)


def test_a_change_of_the_maintenance_mode_needs_an_administrator_and_valid_values(
    own_app: AppFixture,
) -> None:
    assert switch(own_app, "refuse", who="author").status_code == 403
    assert switch(own_app, "closed").status_code == 422
    assert switch(own_app, "hold", until="2026-01-01T00:00:00").status_code == 422
    assert own_app.submit().status_code == 202


class AbsentStore(MaintenanceStore):
    """A store whose database is away."""

    def read(self) -> Maintenance:
        raise StoreUnavailable("the database does not answer")


def test_the_last_known_maintenance_mode_applies_while_the_database_is_away(own_app: AppFixture) -> None:
    switch(own_app, "refuse")
    own_app.services.maintenance._read_at = float("-inf")
    own_app.services.maintenance._store = AbsentStore(own_app.services.engine)
    assert own_app.submit().get_json()["type"] == "/errors/maintenance"


class SlowStore(MaintenanceStore):
    """A store whose first read does not end before ``goes_on`` is set."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.reads, self.goes_on = threading.Event(), threading.Event()

    def read(self) -> Maintenance:
        self.reads.set()
        assert self.goes_on.wait(60)
        return super().read()


def test_a_new_process_waits_for_the_first_reading_of_the_maintenance_mode(
    own_app: AppFixture,
) -> None:
    switch(own_app, "refuse")
    store = SlowStore(own_app.services.engine)
    fresh = MaintenanceSwitch(store)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(fresh.current)
        assert store.reads.wait(60)
        second = pool.submit(fresh.current)
        futures.wait([second], timeout=0.2)
        store.goes_on.set()
        modes = [each.result(60).mode for each in (first, second)]
    assert modes == [MaintenanceMode.REFUSE] * 2
