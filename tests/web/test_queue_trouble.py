"""A POST during trouble of Redis is answered with 202, and its submission waits in the outbox."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event, text

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.outbox import Outbox
from judge_core.model.account import Tier
from judge_core.redis.keys import WORKERS_SET, worker_key
from judge_core.redis.status_channel import dump_status
from tests.support.records import a_status, live_of
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture
from workers.heartbeat import initial_record


def refuse(redis: RedisServer) -> None:
    redis.stop()


def hang(redis: RedisServer) -> None:
    redis.hang()


def run_out_of_memory(redis: RedisServer) -> None:
    redis.client().config_set("maxmemory-policy", "noeviction")
    redis.client().config_set("maxmemory", "1")


def be_a_replica(redis: RedisServer) -> None:
    redis.client().replicaof("127.0.0.1", "9")


def want_replicas(redis: RedisServer) -> None:
    redis.client().config_set("min-replicas-to-write", "1")


TROUBLES = [refuse, hang, run_out_of_memory, be_a_replica, want_replicas]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_post_is_accepted_during_redis_trouble(
    hasty_app: AppFixture, trouble: Callable[[RedisServer], None]
) -> None:
    trouble(hasty_app.redis)
    answers = [hasty_app.submit() for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 6
    backlog = Outbox(hasty_app.services.engine).backlog()
    assert backlog.waiting == 6
    for answer in answers:
        status = hasty_app.client.get(answer.get_json()["status_url"], headers=hasty_app.headers())
        assert (status.status_code, status.get_json()["state"]) == (200, "PENDING")


def test_posts_are_accepted_after_redis_was_restarted_empty(own_app: AppFixture) -> None:
    own_app.redis.empty()
    own_app.redis.kill()
    own_app.redis.start()
    assert [own_app.submit().status_code for _ in range(3)] == [202] * 3


def test_a_post_on_a_full_disk_is_refused_and_stores_no_partial_record(own_app: AppFixture) -> None:
    engine = own_app.services.engine
    before = _rows(own_app)
    with read_connection(engine) as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    full = True

    def fill(connection: object, _record: object, _proxy: object) -> None:
        most = pages if full else 1_000_000_000
        connection.execute(f"PRAGMA max_page_count={most}")  # type: ignore[attr-defined]

    event.listen(engine, "checkout", fill)
    answers = [own_app.submit(source="#" * 60_000) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert {answer.mimetype for answer in answers} == {"application/problem+json"}
    assert all(answer.headers["Retry-After"] for answer in answers)
    assert _rows(own_app) == before
    full = False
    assert own_app.submit(source="#" * 60_000).status_code == 202
    event.remove(engine, "checkout", fill)


def _rows(app: AppFixture) -> tuple[int, int]:
    with write_transaction(app.services.engine) as connection:
        first, second = (
            connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in ("submissions", "outbox")
        )
    return first, second


@pytest.mark.parametrize(
    ("name", "record"),
    [
        (b"x", b"garbage"),
        (b"x", b'{"name":"x","queue":"normal","state":"warming"}'),
        (b"\xff", b"garbage"),
    ],
)
def test_an_unreadable_worker_record_does_not_disturb_other_workers(
    own_app: AppFixture, name: bytes, record: bytes
) -> None:
    redis, services = own_app.redis.client(), own_app.services
    good = initial_record("normal-1", Tier.NORMAL)
    redis.set(worker_key(good.name), good.dump())
    redis.set(b"gavel:worker:" + name, record)
    redis.set(b"gavel:worker-seen:" + name, record)
    redis.zadd("gavel:workers-lost", {b"seen-" + name: time.time(), name: time.time()})
    redis.sadd(WORKERS_SET, good.name, name)
    assert services.worker_registry.workers() == [good]
    assert services.worker_registry.silent_workers() == []
    assert services.worker_cache.workers() == (good,)
    assert [own_app.submit().status_code for _ in range(2)] == [202] * 2
    assert own_app.client.get("/languages").status_code == 200
    assert own_app.client.get("/readyz").get_json()["checks"]["normal worker"] is True
    answer = own_app.client.get("/admin/workers", headers=own_app.headers("admin"))
    assert [worker["name"] for worker in answer.get_json()["workers"]] == [good.name]


@pytest.mark.parametrize("live", ["garbage", "of a later release", "of another"])
def test_an_unreadable_live_status_is_read_from_the_database(own_app: AppFixture, live: str) -> None:
    id = own_app.submit().get_json()["id"]
    text = dump_status(replace(a_status(), id=id, owner=own_app.accounts["ada"].account.id))
    texts = {
        "garbage": "garbage",
        "of a later release": text.replace('"QUEUED"', '"LINKING"'),
        "of another": text.replace(id, "another"),
    }
    own_app.redis.client().set(live_of(id), texts[live])
    for _ in range(2):  # first the view answers, then the key is cached and the fast path answers
        answer = own_app.client.get(f"/status/{id}", headers=own_app.headers())
        assert (answer.status_code, answer.get_json()["id"], answer.get_json()["state"]) == (
            200,
            id,
            "PENDING",
        )
