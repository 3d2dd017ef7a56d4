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
from tests.integration.dispatching import DispatchFixture
from tests.support.records import finished, new_submission
from tests.support.redis_server import RedisServer


def test_outboxed_to_queued(dispatch: DispatchFixture) -> None:
    dispatch.queue()
    assert dispatch.gateway.depth(Tier.NORMAL).waiting == 1
    assert not dispatch.outbox.has_work()


def test_the_relay_sends_no_more_than_there_is_room_for(dispatch: DispatchFixture) -> None:
    dispatch.gateway.set_room(Tier.NORMAL, 4)
    for _ in range(10):
        dispatch.post()
    relayed = dispatch.relay.relay_once()
    assert (relayed.sent, relayed.blocked) == (4, True)
    assert dispatch.relay.relay_once().blocked
    dispatch.redis.client().delete("rq:queue:normal")
    assert dispatch.relay.relay_once().sent == 4


def test_with_redis_away_the_outbox_keeps_everything(dispatch: DispatchFixture) -> None:
    id = dispatch.post()
    dispatch.redis.stop()
    with pytest.raises(QueueUnavailable):
        dispatch.relay.relay_once()
    dispatch.redis.start()
    assert dispatch.relay.relay_once().sent == 1
    assert dispatch.status(id).stage is Stage.QUEUED


def test_reported_to_recorded_and_told(dispatch: DispatchFixture) -> None:
    id = dispatch.queue()
    channel = RedisChannel(dispatch.redis.url)
    with channel.listen() as news:
        dispatch.report(finished(id))
        dispatch.record()
        told = news.wait(2)
    assert told == dispatch.status(id) == channel.latest(id)
    assert told is not None
    assert told.stage is Stage.DONE
    assert dispatch.redis.client().xlen(REPORTS_STREAM) == 0


def test_reported_twice_is_told_once(dispatch: DispatchFixture) -> None:
    id = dispatch.queue()
    channel = RedisChannel(dispatch.redis.url)
    with channel.listen() as news:
        dispatch.report(finished(id))
        dispatch.record()
        dispatch.report(finished(id, verdict=Verdict.WA, worker="zombie"))
        dispatch.record()
        first, second = news.wait(2), news.wait(0.05)
    assert first is not None
    assert second is None
    assert dispatch.status(id).outcome == first.outcome


def test_a_start_is_recorded(dispatch: DispatchFixture) -> None:
    id = dispatch.queue()
    dispatch.report(finished(id, kind=ReportKind.STARTED, outcome=None))
    dispatch.record()
    assert dispatch.status(id).stage is Stage.RUNNING


def test_a_fault_sends_the_next_attempt(dispatch: DispatchFixture) -> None:
    id = dispatch.queue()
    dispatch.report(finished(id, kind=ReportKind.FAULT, outcome=None, reason="no disk"))
    dispatch.record()
    status = dispatch.status(id)
    assert (status.stage, status.attempt) == (Stage.QUEUED, 2)
    assert dispatch.outbox.backlog().waiting == 1
    assert not dispatch.outbox.has_work()  # it is tried again after a pause


def test_a_drained_attempt_is_handed_back_free_of_charge(dispatch: DispatchFixture) -> None:
    id = dispatch.queue()
    for attempt in range(1, 6):
        dispatch.report(finished(id, attempt, kind=ReportKind.RETURNED, outcome=None))
        dispatch.record()
    assert dispatch.status(id).attempt == 6
    assert dispatch.status(id).stage is Stage.QUEUED


def test_a_report_nobody_can_read_holds_up_nobody(dispatch: DispatchFixture) -> None:
    id = dispatch.queue()
    dispatch.redis.client().xadd(REPORTS_STREAM, {"report": '{"version": 99}'})
    dispatch.redis.client().xadd(REPORTS_STREAM, {"other": "nonsense"})
    dispatch.report(finished(id))
    dispatch.record()
    assert dispatch.status(id).stage is Stage.DONE
    assert dispatch.redis.client().xlen(REPORTS_STREAM) == 0


def test_a_report_nobody_can_read_costs_its_attempt(dispatch: DispatchFixture) -> None:
    id = dispatch.queue()
    for attempt in (1, 2, 3):
        fields = {"submission": id, "attempt": str(attempt), "report": '{"version": 99}'}
        dispatch.redis.client().xadd(REPORTS_STREAM, fields)
        dispatch.record()
    failed = dispatch.status(id)
    assert failed.stage is Stage.FAILED
    assert failed.reason is not None
    assert "report could not be read" in failed.reason


def test_rejudging_leaves_the_queue_to_live_work(dispatch: DispatchFixture) -> None:
    old = [dispatch.queue() for _ in range(5)]
    for id in old:
        dispatch.take(id)
        dispatch.report(finished(id))
    dispatch.record()
    dispatch.redis.empty()
    for id in old:
        assert dispatch.attempts.rejudge(id) is not None
    assert dispatch.relay.relay_once().sent == 2
    assert dispatch.relay.relay_once().blocked
    fresh = dispatch.store.accept(new_submission(dispatch.account))
    assert fresh.request is not None, "live work does not wait behind what is rejudged"
    dispatch.post()
    assert dispatch.relay.relay_once().sent == 1
    assert dispatch.gateway.depth(Tier.NORMAL).waiting == 3


def test_a_report_the_store_refuses_holds_up_nobody_and_fails_in_the_end(dispatch: DispatchFixture) -> None:
    bad, good = dispatch.queue(), dispatch.queue()
    for attempt in (1, 2, 3):
        dispatch.report(finished(bad, attempt, outcome=Outcome(Verdict.AC, cpu_ms=2**70)))
    dispatch.report(finished(good))
    dispatch.record()
    assert dispatch.status(good).stage is Stage.DONE
    failed = dispatch.status(bad)
    assert failed.stage is Stage.FAILED
    assert failed.reason is not None
    assert "report could not be recorded" in failed.reason


def test_read_and_not_recorded_is_adopted_by_another(dispatch: DispatchFixture) -> None:
    id = dispatch.queue()
    dead = Recorder(dispatch.attempts, dispatch.redis.url, "dead", 0.02)
    assert dead.record_once() == 0  # makes the group
    dispatch.report(finished(id))
    dispatch.redis.client().xreadgroup("recorders", "dead", {REPORTS_STREAM: ">"})
    assert dispatch.recorder.record_once() == 0
    _eventually(lambda: dispatch.recorder.adopt() == 1, seconds=10)
    assert dispatch.status(id).stage is Stage.DONE


def test_a_database_that_is_away_leaves_the_report_for_later(
    dispatch: DispatchFixture, engine: Engine
) -> None:
    id = dispatch.queue()
    dispatch.report(finished(id))
    broken = _Broken(engine)
    with pytest.raises(Exception, match="down"):
        dispatch.record()
    broken.mend()
    assert dispatch.recorder.record_once() == 1
    assert dispatch.status(id).stage is Stage.DONE


class _Broken:
    """A database that refuses every write until it is mended."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        event.listen(engine, "before_cursor_execute", self._refuse)

    def _refuse(self, *_: object) -> None:
        raise ConnectionError("the database is down")

    def mend(self) -> None:
        event.remove(self._engine, "before_cursor_execute", self._refuse)


def test_hindered_is_given_back_free_of_charge_and_after_a_pause(dispatch: DispatchFixture) -> None:
    id = dispatch.queue()
    for attempt in range(1, 8):
        hindered = finished(id, attempt, kind=ReportKind.HINDERED, outcome=None, reason="the disk is full")
        dispatch.report(hindered)
        dispatch.record()
        assert dispatch.status(id).attempt == attempt + 1
        assert not dispatch.outbox.has_work()
    assert dispatch.status(id).stage is Stage.QUEUED
    dispatch.outbox.release([id])
    assert dispatch.relay.relay_once().sent == 1


def test_a_kind_of_report_from_the_future_costs_its_attempt_and_no_more(dispatch: DispatchFixture) -> None:
    id = dispatch.queue()
    text = finished(id).dump().replace('"finished"', '"imagined"')
    fields = {"submission": id, "attempt": "1", "report": text}
    dispatch.redis.client().xadd(REPORTS_STREAM, fields)
    dispatch.record()
    assert (dispatch.status(id).stage, dispatch.status(id).attempt) == (Stage.QUEUED, 2)


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


def test_a_paused_tier_takes_nothing_from_that_moment_until_it_is_opened_again(
    dispatch: DispatchFixture,
) -> None:
    fleet = Fleet(dispatch.redis.url)
    dispatch.post()
    fleet.pause(Tier.NORMAL, True)
    sent = dispatch.relay.relay_once().sent
    fleet.pause(Tier.NORMAL, False)
    assert (sent, dispatch.relay.relay_once().sent) == (0, 1)
