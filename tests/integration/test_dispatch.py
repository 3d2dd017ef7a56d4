"""Relay, recorder and reconciler over a real store and Redis: one arrow of a submission's life a test."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event

from judge_api.dispatch.reconciler import Reconciler
from judge_api.dispatch.recorder import Recorder
from judge_api.dispatch.relay import Relay
from judge_api.dispatch.rooms import LEAST_ROOM, Rooms
from judge_api.dispatch.rq_gateway import RqGateway, taken_key
from judge_api.domain.account import Tier
from judge_api.domain.errors import QueueUnavailable
from judge_api.domain.protocol import REPORTS_STREAM, JudgeRequest, Report, ReportKind, job_id, lease_key
from judge_api.domain.submission import Outcome, Stage, Status
from judge_api.domain.verdict import Verdict
from judge_api.events.fleet import Fleet
from judge_api.events.redis_channel import RedisChannel
from judge_api.store.attempts import AttemptStore
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from tests.fakes.records import add_account, finished, new_submission
from tests.fakes.redis_server import RedisServer
from workers.reporting import Line


class House:
    """All of dispatch over one store and one Redis, driven by hand."""

    def __init__(self, engine: Engine, redis: RedisServer) -> None:
        self.redis = redis
        self.store = SubmissionStore(engine)
        self.attempts = AttemptStore(engine)
        self.outbox = Outbox(engine)
        self.gateway = RqGateway(redis.url, 1000)
        rooms = Rooms(self.gateway, Fleet(redis.url))
        self.relay = Relay(self.outbox, self.gateway, rooms, "relay")
        self.recorder = Recorder(self.attempts, redis.url, "recorder", 0.02, orphaned_seconds=0.1)
        self.now = 0.0
        self.reconciler = Reconciler(
            self.attempts, self.gateway, patience=500, grace=-60, clock=lambda: self.now
        )
        self.account = add_account(engine)

    def post(self, account: str | None = None) -> str:
        new = new_submission(account or self.account)
        return self.store.accept(new, send_now=False).status.id

    def queue(self) -> str:
        id = self.post()
        assert self.relay.relay_once().sent == 1
        return id

    def take(self, id: str, attempt: int = 1, worker: str = "w") -> None:
        """What a worker does first."""
        client = self.redis.client()
        assert client.lmove("rq:queue:normal", taken_key(Tier.NORMAL)) == job_id(id, attempt).encode()
        client.set(lease_key(id), f"{attempt}:{worker}", px=60_000)
        client.expire("rq:job:" + job_id(id, attempt), 600)

    def die(self, id: str) -> None:
        """What is left when a worker was killed and its lease has run out."""
        self.redis.client().delete(lease_key(id))

    def report(self, report: Report) -> None:
        fields = {"submission": report.submission, "report": report.dump()}
        self.redis.client().xadd(REPORTS_STREAM, fields)

    def record(self) -> None:
        while not self.recorder.record_once():
            pass

    def status(self, id: str) -> Status:
        status = self.store.status(id)
        assert status is not None
        return status

    def notice(self) -> None:
        """Two passes, so far apart that patience is at its end."""
        self.reconciler.reconcile_once()
        self.now += 1000
        self.reconciler.reconcile_once()


@pytest.fixture
def house(engine: Engine, redis_server: RedisServer) -> House:
    return House(engine, redis_server)


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


def test_one_that_is_lost_again_and_again_is_not_sent_without_end(house: House) -> None:
    id = house.queue()
    for _ in range(6):
        assert house.status(id).attempt == 1
        house.redis.empty()
        house.notice()
        house.relay.relay_once()
    assert house.status(id).attempt == 2


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
    line = Line(house.redis.url, "w", 10)
    (row,) = house.attempts.open_submissions(datetime.now(UTC) + timedelta(minutes=1))
    assert line.renew(JudgeRequest(row.id, 1, Tier.NORMAL, "python3", ""))
    house.notice()
    assert house.status(id).attempt == 1


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


def test_a_paused_tier_has_no_room_until_it_is_opened_again(redis_server: RedisServer) -> None:
    gateway, fleet = RqGateway(redis_server.url, 1000), Fleet(redis_server.url)
    rooms = Rooms(gateway, fleet)
    fleet.pause(Tier.NORMAL, True)
    rooms.fit()
    closed = gateway.depth(Tier.NORMAL).free
    fleet.pause(Tier.NORMAL, False)
    rooms.fit()
    assert (closed, gateway.depth(Tier.NORMAL).free) == (0, LEAST_ROOM)
