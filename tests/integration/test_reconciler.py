"""What the reconciler finds and mends, and what it leaves alone: one arrow of a submission's life a test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from judge_api.dispatch.rq_queue import taken_key
from judge_core.messages import JudgeRequest, job_id, lease_key
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage
from tests.integration.dispatching import House
from tests.support.records import finished
from workers.redis_link import RedisLink


def test_one_that_is_lost_again_and_again_is_not_sent_without_end(house: House) -> None:
    id = house.queue()
    for _ in range(6):
        assert house.status(id).attempt == 1
        house.redis.empty()
        house.notice()
        house.relay.relay_once()
    assert house.status(id).attempt == 2


def test_a_dead_workers_attempt_is_taken_back(house: House) -> None:
    id = house.queue()
    house.take(id)
    house.die(id)
    house.notice()
    assert house.status(id).attempt == 2
    assert house.gateway.taken()[Tier.NORMAL] == []
    assert house.redis.client().get(lease_key(id)) == b"2:-"
    assert house.relay.relay_once().sent == 1


def test_killed_between_pop_and_lease_is_taken_back_and_not_charged(house: House) -> None:
    id = house.queue()
    for attempt in range(1, 6):
        house.redis.client().lmove("rq:queue:normal", taken_key(Tier.NORMAL))
        house.notice()
        assert house.status(id).attempt == attempt + 1
        house.outbox.release([id])  # its pause is over
        assert house.relay.relay_once().sent == 1
    assert house.status(id).stage is Stage.QUEUED


def test_a_dead_workers_lease_does_not_outlive_a_clock_that_was_set_back(house: House) -> None:
    id = house.queue()
    house.take(id)
    house.redis.client().pexpire(lease_key(id), 3_600_000 + 10_000)
    house.notice()
    assert house.status(id).attempt == 2


def test_an_expired_lease_is_renewed_by_the_worker_that_lives(house: House) -> None:
    """Redis' clock set forward: every lease is gone at once, and the heartbeat makes it anew."""
    id = house.queue()
    house.take(id)
    house.die(id)
    house.reconciler.reconcile_once()
    line = RedisLink(house.redis.url, "w", 10)
    (row,) = house.attempts.open_submissions(datetime.now(UTC) + timedelta(minutes=1))
    assert line.renew(JudgeRequest(row.id, 1, Tier.NORMAL, "python3", ""))
    house.notice()
    assert house.status(id).attempt == 1


def test_a_living_worker_is_left_alone(house: House) -> None:
    id = house.queue()
    house.take(id)
    house.notice()
    assert house.status(id).attempt == 1


def test_what_waits_is_left_alone(house: House) -> None:
    id = house.queue()
    house.notice()
    assert house.status(id).attempt == 1
    assert not house.outbox.has_work()


def test_an_unrecorded_report_is_waited_for(house: House) -> None:
    id = house.queue()
    house.take(id)
    house.redis.client().delete("rq:job:" + job_id(id, 1), lease_key(id), taken_key(Tier.NORMAL))
    house.report(finished(id))
    house.notice()
    assert house.status(id).attempt == 1
    assert not house.outbox.has_work()


def test_an_emptied_redis_is_filled_again_with_the_same_attempts(house: House) -> None:
    ids = [house.queue() for _ in range(3)]
    house.redis.empty()
    house.notice()
    assert house.relay.relay_once().sent == 3
    assert {house.status(id).attempt for id in ids} == {1}


def test_the_poisonous_one_fails_with_its_reason(house: House) -> None:
    id = house.queue()
    for attempt in (1, 2, 3):
        house.take(id, attempt)
        house.die(id)
        house.notice()
        house.relay.relay_once()
    status = house.status(id)
    assert status.stage is Stage.FAILED
    assert status.reason is not None
    assert "its worker died" in status.reason


def test_trouble_with_redis_makes_suspicion_begin_anew(house: House) -> None:
    id = house.queue()
    house.take(id)
    house.die(id)
    house.reconciler.reconcile_once()
    house.redis.stop()
    house.now += 1000
    with pytest.raises(QueueUnavailable):
        house.reconciler.reconcile_once()
    house.redis.start()
    house.redis.client().set(lease_key(id), "1:w", px=60_000)
    house.notice()
    assert house.status(id).attempt == 1
