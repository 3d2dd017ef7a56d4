"""Relay and recorder over a real store and Redis: one arrow of a submission's life a test."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, event

from judge_api.dispatch.queue_capacity import LEAST_ROOM, Rooms
from judge_api.dispatch.report_consumer import Recorder
from judge_api.dispatch.rq_queue import RqGateway
from judge_core.messages import REPORTS_STREAM, ReportKind
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Outcome, Stage
from judge_core.model.verdict import Verdict
from judge_core.redis.redis_status_channel import RedisChannel
from judge_core.redis.worker_registry import Fleet
from tests.integration.dispatching import House
from tests.support.records import finished, new_submission
from tests.support.redis_server import RedisServer


def test_outboxed_to_queued(house: House) -> None:
    house.queue()
    assert house.gateway.depth(Tier.NORMAL).waiting == 1
    assert not house.outbox.has_work()


def test_the_relay_sends_no_more_than_there_is_room_for(house: House) -> None:
    house.gateway.set_room(Tier.NORMAL, 4)
    for _ in range(10):
        house.post()
    relayed = house.relay.relay_once()
    assert (relayed.sent, relayed.blocked) == (4, True)
    assert house.relay.relay_once().blocked
    house.redis.client().delete("rq:queue:normal")
    assert house.relay.relay_once().sent == 4


def test_with_redis_away_the_outbox_keeps_everything(house: House) -> None:
    id = house.post()
    house.redis.stop()
    with pytest.raises(QueueUnavailable):
        house.relay.relay_once()
    house.redis.start()
    assert house.relay.relay_once().sent == 1
    assert house.status(id).stage is Stage.QUEUED


def test_reported_to_recorded_and_told(house: House) -> None:
    id = house.queue()
    channel = RedisChannel(house.redis.url)
    with channel.listen() as news:
        house.report(finished(id))
        house.record()
        told = news.wait(2)
    assert told == house.status(id) == channel.latest(id)
    assert told is not None
    assert told.stage is Stage.DONE
    assert house.redis.client().xlen(REPORTS_STREAM) == 0


def test_reported_twice_is_told_once(house: House) -> None:
    id = house.queue()
    channel = RedisChannel(house.redis.url)
    with channel.listen() as news:
        house.report(finished(id))
        house.record()
        house.report(finished(id, verdict=Verdict.WA, worker="zombie"))
        house.record()
        first, second = news.wait(2), news.wait(0.05)
    assert first is not None
    assert second is None
    assert house.status(id).outcome == first.outcome


def test_a_start_is_recorded(house: House) -> None:
    id = house.queue()
    house.report(finished(id, kind=ReportKind.STARTED, outcome=None))
    house.record()
    assert house.status(id).stage is Stage.RUNNING


def test_a_fault_sends_the_next_attempt(house: House) -> None:
    id = house.queue()
    house.report(finished(id, kind=ReportKind.FAULT, outcome=None, reason="no disk"))
    house.record()
    status = house.status(id)
    assert (status.stage, status.attempt) == (Stage.QUEUED, 2)
    assert house.outbox.backlog().waiting == 1
    assert not house.outbox.has_work()  # it is tried again after a pause


def test_a_drained_attempt_is_handed_back_free_of_charge(house: House) -> None:
    id = house.queue()
    for attempt in range(1, 6):
        house.report(finished(id, attempt, kind=ReportKind.RETURNED, outcome=None))
        house.record()
    assert house.status(id).attempt == 6
    assert house.status(id).stage is Stage.QUEUED


def test_a_report_nobody_can_read_holds_up_nobody(house: House) -> None:
    id = house.queue()
    house.redis.client().xadd(REPORTS_STREAM, {"report": '{"version": 99}'})
    house.redis.client().xadd(REPORTS_STREAM, {"other": "nonsense"})
    house.report(finished(id))
    house.record()
    assert house.status(id).stage is Stage.DONE
    assert house.redis.client().xlen(REPORTS_STREAM) == 0


def test_a_report_nobody_can_read_costs_its_attempt(house: House) -> None:
    id = house.queue()
    for attempt in (1, 2, 3):
        fields = {"submission": id, "attempt": str(attempt), "report": '{"version": 99}'}
        house.redis.client().xadd(REPORTS_STREAM, fields)
        house.record()
    failed = house.status(id)
    assert failed.stage is Stage.FAILED
    assert failed.reason is not None
    assert "report could not be read" in failed.reason


def test_rejudging_leaves_the_queue_to_live_work(house: House) -> None:
    old = [house.queue() for _ in range(5)]
    for id in old:
        house.take(id)
        house.report(finished(id))
    house.record()
    house.redis.empty()
    for id in old:
        assert house.attempts.rejudge(id) is not None
    assert house.relay.relay_once().sent == 2
    assert house.relay.relay_once().blocked
    fresh = house.store.accept(new_submission(house.account))
    assert fresh.request is not None, "live work does not wait behind what is rejudged"
    house.post()
    assert house.relay.relay_once().sent == 1
    assert house.gateway.depth(Tier.NORMAL).waiting == 3


def test_a_report_the_store_refuses_holds_up_nobody_and_fails_in_the_end(house: House) -> None:
    bad, good = house.queue(), house.queue()
    for attempt in (1, 2, 3):
        house.report(finished(bad, attempt, outcome=Outcome(Verdict.AC, cpu_ms=2**70)))
    house.report(finished(good))
    house.record()
    assert house.status(good).stage is Stage.DONE
    failed = house.status(bad)
    assert failed.stage is Stage.FAILED
    assert failed.reason is not None
    assert "report could not be recorded" in failed.reason


def test_read_and_not_recorded_is_adopted_by_another(house: House) -> None:
    id = house.queue()
    dead = Recorder(house.attempts, house.redis.url, "dead", 0.02)
    assert dead.record_once() == 0  # makes the group
    house.report(finished(id))
    house.redis.client().xreadgroup("recorders", "dead", {REPORTS_STREAM: ">"})
    assert house.recorder.record_once() == 0
    _eventually(lambda: house.recorder.adopt() == 1, seconds=10)
    assert house.status(id).stage is Stage.DONE


def test_a_database_that_is_away_leaves_the_report_for_later(house: House, engine: Engine) -> None:
    id = house.queue()
    house.report(finished(id))
    broken = _Broken(engine)
    with pytest.raises(Exception, match="down"):
        house.record()
    broken.mend()
    assert house.recorder.record_once() == 1
    assert house.status(id).stage is Stage.DONE


class _Broken:
    """A database that refuses every write until it is mended."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        event.listen(engine, "before_cursor_execute", self._refuse)

    def _refuse(self, *_: object) -> None:
        raise ConnectionError("the database is down")

    def mend(self) -> None:
        event.remove(self._engine, "before_cursor_execute", self._refuse)


def test_hindered_is_given_back_free_of_charge_and_after_a_pause(house: House) -> None:
    id = house.queue()
    for attempt in range(1, 8):
        hindered = finished(id, attempt, kind=ReportKind.HINDERED, outcome=None, reason="the disk is full")
        house.report(hindered)
        house.record()
        assert house.status(id).attempt == attempt + 1
        assert not house.outbox.has_work()
    assert house.status(id).stage is Stage.QUEUED
    house.outbox.release([id])
    assert house.relay.relay_once().sent == 1


def test_a_kind_of_report_from_the_future_costs_its_attempt_and_no_more(house: House) -> None:
    id = house.queue()
    text = finished(id).dump().replace('"finished"', '"imagined"')
    fields = {"submission": id, "attempt": "1", "report": text}
    house.redis.client().xadd(REPORTS_STREAM, fields)
    house.record()
    assert (house.status(id).stage, house.status(id).attempt) == (Stage.QUEUED, 2)


def _eventually(check: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def test_a_queue_that_ran_empty_gets_more_room_and_one_that_stays_full_gets_less(
    redis_server: RedisServer,
) -> None:
    gateway = RqGateway(redis_server.url, 1000)
    rooms = Rooms(gateway, Fleet(redis_server.url))
    gateway.set_room(Tier.NORMAL, 2)
    rooms.glanced(Tier.NORMAL, waiting=0, room=2)
    widened = gateway.depth(Tier.NORMAL).room
    rooms.fit()
    rooms.glanced(Tier.NORMAL, waiting=16, room=16)
    gateway.set_room(Tier.NORMAL, 16)
    rooms.fit()
    assert (widened, gateway.depth(Tier.NORMAL).room) == (4, LEAST_ROOM)


def test_a_paused_tier_takes_nothing_from_that_moment_until_it_is_opened_again(house: House) -> None:
    fleet = Fleet(house.redis.url)
    house.post()
    fleet.pause(Tier.NORMAL, True)
    sent = house.relay.relay_once().sent
    fleet.pause(Tier.NORMAL, False)
    assert (sent, house.relay.relay_once().sent) == (0, 1)
