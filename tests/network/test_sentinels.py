"""No submission is lost when real sentinels fail Redis over to its replica while submissions come in and are
judged."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any, cast

import pytest

from judge_api.dispatcher import Dispatcher
from judge_core.model.submission import Stage
from tests.chaos.checks import read_states
from tests.integration.test_workers import WorkerFixture, eventually
from tests.network import sentinels
from tests.network.sentinels import Failover, failover
from tests.support.ports import free_ports
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app


def submit(app: AppFixture, count: int) -> list[str]:
    """Submit. Each submission must be accepted in any state of Redis, because the database stores it."""
    answers: list[Any] = [app.submit("grace", source="ok") for _ in range(count)]
    assert [answer.status_code for answer in answers] == [202] * count
    return [answer.json["id"] for answer in answers]


@pytest.mark.timeout(600)
@pytest.mark.slow
def test_no_submission_is_lost_when_redis_fails_over_to_its_replica(tmp_path: Path) -> None:
    with failover(tmp_path) as redis:
        app = build_app(
            tmp_path / "data", cast(RedisServer, redis), GAVEL_MAX_UNFINISHED="1000", GAVEL_LEASE_SECONDS="2"
        )
        dispatcher = Dispatcher(app.services.engine, app.services.settings)
        dispatcher.start()
        try:
            ids = _through_a_failover(app, redis)
        finally:
            dispatcher.stop()
            app.services.status_subscriptions.close()
        states = read_states(app.services.engine)
        assert {states[id].ending for id in ids} == {"DONE/AC"}
        assert [states[id].records for id in ids] == [1] * len(ids)
        app.services.engine.dispose()


def _through_a_failover(app: AppFixture, redis: Failover) -> list[str]:
    fixture = WorkerFixture(cast(RedisServer, redis), queue="premium")
    with fixture.worker("one"), fixture.worker("two"):
        ids = submit(app, 20)
        eventually(lambda: _done(app, ids) > 2, 60)
        ids += submit(app, 20)
        dead = redis.kill_master()
        ids += submit(app, 20)
        assert redis.master() != dead
        eventually(lambda: _done(app, ids) == len(ids), 120)
    return ids


def _done(app: AppFixture, ids: list[str]) -> int:
    found = [app.services.submissions.status(id) for id in ids]
    return sum(status is not None and status.stage is Stage.DONE for status in found)


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_other_ports_are_chosen_for_sentinels_if_a_port_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        chosen = iter([[*free_ports(4), number], free_ports(5)])
        monkeypatch.setattr(sentinels, "free_ports", lambda _: next(chosen))
        with failover(tmp_path) as redis:
            assert number not in redis.processes
            assert redis.client().ping()


def test_the_hosts_user_password_and_database_of_a_sentinel_url_are_read() -> None:
    from judge_core.redis.client import create_redis_client

    client = create_redis_client("sentinel://ada:p%40ss@one:1,two/house/3", 0.1)
    wanted = client.connection_pool.connection_kwargs
    assert (wanted["username"], wanted["password"], wanted["db"]) == ("ada", "p@ss", 3)
    pool: Any = client.connection_pool
    manager = pool.sentinel_manager
    asked = [each.connection_pool.connection_kwargs for each in manager.sentinels]
    assert [(each["host"], each["port"]) for each in asked] == [("one", 1), ("two", 26379)]
