"""The outbox relay and the report consumer work over a real database and Redis. Each test makes one
transition."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from redis.exceptions import ConnectionError
from sqlalchemy import Engine, event

from judge_api.dispatch import report_consumer
from judge_api.dispatch.queue_capacity import MIN_CAPACITY, QueueCapacity
from judge_api.dispatch.rq_queue import RqQueue
from judge_api.store.records import CONTEST_PRIORITY, OpenSubmission
from judge_core.clock import utc_now
from judge_core.messages import ReportKind
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable, StoreUnavailable
from judge_core.model.submission import Outcome, Stage, Verdict
from judge_core.redis.client import Command, PersistentConnections, create_redis_client
from judge_core.redis.keys import REPORTS_STREAM
from judge_core.redis.status_channel import RedisStatusChannel, execute_with_publish_script
from judge_core.redis.worker_registry import WorkerRegistry
from tests.integration.dispatch_fixture import DispatchFixture
from tests.support.records import SIGNER, a_worker, finished, new_submission
from tests.support.redis_server import RedisServer


def test_the_relay_moves_a_row_of_the_outbox_into_the_queue(dispatch: DispatchFixture) -> None:
    dispatch.enqueue()
    assert dispatch.queue.depth(Tier.NORMAL).waiting == 1
    assert not any(dispatch.outbox.claimable().values())


def test_the_relay_sends_no_more_jobs_than_the_capacity_of_the_queue(dispatch: DispatchFixture) -> None:
    dispatch.queue.set_capacity(Tier.NORMAL, 4)
    for _ in range(10):
        dispatch.post()
    relayed = dispatch.relay.relay_once()
    assert (relayed.sent, relayed.blocked) == (4, True)
    assert dispatch.relay.relay_once().blocked
    dispatch.redis.client().delete("rq:queue:normal")
    assert dispatch.relay.relay_once().sent == 4


def test_while_redis_is_unreachable_a_submission_stays_in_the_outbox(dispatch: DispatchFixture) -> None:
    id = dispatch.post()
    dispatch.redis.stop()
    with pytest.raises(QueueUnavailable):
        dispatch.relay.relay_once()
    dispatch.redis.start()
    assert dispatch.relay.relay_once().sent == 1
    assert dispatch.status(id).stage is Stage.QUEUED


def test_a_report_is_recorded_and_published(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    channel = RedisStatusChannel(dispatch.redis.url, SIGNER)
    with channel.listen() as listener:
        dispatch.add_report(finished(id))
        dispatch.consume()
        published = listener.wait(60)
    assert published == dispatch.status(id) == channel.latest(id)
    assert published is not None
    assert published.stage is Stage.DONE
    assert dispatch.redis.client().xlen(REPORTS_STREAM) == 0


def test_a_report_that_comes_twice_is_published_once(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    channel = RedisStatusChannel(dispatch.redis.url, SIGNER)
    with channel.listen() as listener:
        dispatch.add_report(finished(id))
        dispatch.consume()
        dispatch.add_report(finished(id, verdict=Verdict.WA, worker="zombie"))
        dispatch.consume()
        first, second = listener.wait(60), listener.wait(0.05)
    assert first is not None
    assert second is None
    assert dispatch.status(id).outcome == first.outcome


def test_the_report_that_judging_began_is_recorded(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    dispatch.add_report(finished(id, kind=ReportKind.STARTED, outcome=None))
    dispatch.consume()
    assert dispatch.status(id).stage is Stage.RUNNING


def test_after_a_fault_the_next_attempt_is_sent_after_a_pause(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    dispatch.add_report(finished(id, kind=ReportKind.FAULT, outcome=None, reason="no disk"))
    dispatch.consume()
    status = dispatch.status(id)
    assert (status.stage, status.attempt) == (Stage.QUEUED, 2)
    assert dispatch.outbox.backlog().waiting == 1
    assert not any(dispatch.outbox.claimable().values())  # the next attempt is sent after a pause


def test_a_drained_attempt_is_returned_without_a_charge(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    for attempt in range(1, 6):
        dispatch.add_report(finished(id, attempt, kind=ReportKind.RETURNED, outcome=None))
        dispatch.consume()
    assert dispatch.status(id).attempt == 6
    assert dispatch.status(id).stage is Stage.QUEUED


def test_other_reports_are_recorded_although_reports_before_them_are_unreadable(
    dispatch: DispatchFixture,
) -> None:
    id = dispatch.enqueue()
    unreadable = (
        '{"version": 99}',
        '{"version": 1, "kind": "finished", "outcome": "x"}',
        finished(id).dump().replace('"AC"', '{"AC": 1}'),
    )
    for report in unreadable:
        dispatch.redis.client().xadd(REPORTS_STREAM, {"report": report})
    dispatch.redis.client().xadd(REPORTS_STREAM, {"other": "nonsense"})
    dispatch.add_report(finished(id))
    dispatch.consume()
    assert dispatch.status(id).stage is Stage.DONE
    assert dispatch.redis.client().xlen(REPORTS_STREAM) == 0


def test_three_unreadable_reports_with_proof_fail_their_submission(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    for attempt in (1, 2, 3):
        proof = SIGNER.proof(id, attempt)
        fields: dict[Any, Any] = {
            "submission": id,
            "attempt": str(attempt),
            "report": '{"version": 99}',
            "proof": proof,
        }
        dispatch.redis.client().xadd(REPORTS_STREAM, fields)
        dispatch.consume()
    failed = dispatch.status(id)
    assert failed.stage is Stage.FAILED
    assert failed.reason is not None
    assert "report could not be read" in failed.reason


def test_a_rejudging_leaves_places_in_the_queue_for_new_submissions(dispatch: DispatchFixture) -> None:
    old = [dispatch.enqueue() for _ in range(5)]
    for id in old:
        dispatch.lease(id)
        dispatch.add_report(finished(id))
    dispatch.consume()
    dispatch.redis.empty()
    for id in old:
        assert dispatch.attempts.rejudge(id) is not None
    assert dispatch.relay.relay_once().sent == 2
    assert dispatch.relay.relay_once().blocked
    fresh = dispatch.store.accept(new_submission(dispatch.account))
    assert fresh.request is not None, "a new submission must not wait behind rejudged submissions"
    dispatch.post()
    assert dispatch.relay.relay_once().sent == 1
    assert dispatch.queue.depth(Tier.NORMAL).waiting == 3


def test_submissions_of_a_contest_go_ahead_of_a_full_queue_in_their_order(dispatch: DispatchFixture) -> None:
    dispatch.queue.set_capacity(Tier.NORMAL, 4)
    practice = [dispatch.post() for _ in range(6)]
    assert dispatch.relay.relay_once().sent == 4
    contest = [
        dispatch.store.accept(
            new_submission(dispatch.account, priority=CONTEST_PRIORITY), send_now=False
        ).status.id
        for _ in range(6)
    ]
    assert dispatch.relay.relay_once().sent == 4, "a contest must get as many places as the queue has"
    assert dispatch.waiting() == [*contest[:4], *practice[:4]]
    dispatch.redis.client().lpop("rq:queue:normal")
    assert dispatch.relay.relay_once().sent == 1
    assert dispatch.waiting() == [*contest[1:5], *practice[:4]]


@pytest.mark.parametrize("is_cancelled", [True, False], ids=["cancelled", "withdrawn"])
def test_a_contest_submission_goes_behind_earlier_contest_submissions_after_a_removal(
    dispatch: DispatchFixture, is_cancelled: bool
) -> None:
    """Otherwise a contestant could cancel a submission, and the next submission would come before all
    waiting submissions."""
    practice = dispatch.enqueue()
    first, second, third = (
        dispatch.store.accept(new_submission(dispatch.account, priority=CONTEST_PRIORITY)) for _ in range(3)
    )
    for each in (first, second):
        assert each.request is not None
        assert dispatch.queue.send_ahead("normal", [each.request])
    if is_cancelled:
        dispatch.queue.cancel(second.status.id, 1)
    else:
        assert dispatch.queue.withdraw("normal", second.status.id, 1)
    assert dispatch.queue.count_ahead("normal") == 1
    assert third.request is not None
    assert dispatch.queue.send_ahead("normal", [third.request])
    assert dispatch.waiting() == [first.status.id, third.status.id, practice]


def test_the_api_sends_a_contest_submission_ahead_of_practice_submissions_that_wait(
    dispatch: DispatchFixture,
) -> None:
    """The API itself sends the submission ahead of practice submissions that wait, and behind earlier
    submissions of contests."""
    dispatch.queue.set_capacity(Tier.NORMAL, 1)
    dispatch.post()
    dispatch.relay.relay_once()
    dispatch.post()
    dispatch.queue.set_capacity(Tier.NORMAL, 2)
    sent = []
    for _ in range(3):
        accepted = dispatch.store.accept(new_submission(dispatch.account, priority=CONTEST_PRIORITY))
        assert accepted.request is not None, "waiting practice submissions came before a contest submission"
        if dispatch.queue.send_ahead("normal", [accepted.request]):
            sent.append(accepted.status.id)
    assert dispatch.waiting()[:2] == sent, (
        "a third contest submission was sent ahead although both places of contests were taken"
    )


def test_reports_with_impossible_numbers_fail_their_submission_and_delay_no_other_submission(
    dispatch: DispatchFixture,
) -> None:
    bad, good = dispatch.enqueue(), dispatch.enqueue()
    for attempt in (1, 2, 3):
        dispatch.add_report(finished(bad, attempt, outcome=Outcome(Verdict.AC, cpu_ms=2**70)))
    dispatch.add_report(finished(good))
    dispatch.consume()
    assert dispatch.status(good).stage is Stage.DONE
    failed = dispatch.status(bad)
    assert failed.stage is Stage.FAILED
    assert failed.reason is not None
    assert "report could not be read" in failed.reason


def test_a_report_that_a_dead_consumer_had_read_is_recorded_by_another_consumer(
    dispatch: DispatchFixture,
) -> None:
    id = dispatch.enqueue()
    dead = dispatch.open_consumer("dead")
    assert dead.consume_once() == 0  # makes the consumer group
    dispatch.add_report(finished(id))
    dispatch.redis.client().xreadgroup("recorders", "dead", {REPORTS_STREAM: ">"})
    assert dispatch.consumer.consume_once() == 0
    _eventually(lambda: dispatch.consumer.claim_orphaned() == 1)
    assert dispatch.status(id).stage is Stage.DONE


def test_a_consumer_of_an_ended_dispatcher_is_removed_once_it_has_no_entries(
    dispatch: DispatchFixture,
) -> None:
    client, other = dispatch.redis.client(), dispatch.open_consumer("other")
    assert other.remove_ended() == 0, "there is no stream yet"
    for name in ("idle", "holder"):
        dispatch.open_consumer(name).consume_once()  # makes the consumer group, if there is none
        dispatch.open_consumer(name).consume_once()
    id = dispatch.enqueue()
    dispatch.add_report(finished(id))
    client.xreadgroup("recorders", "holder", {REPORTS_STREAM: ">"})

    def names() -> set[bytes]:
        dispatch.consumer.consume_once()
        other.remove_ended()
        found: Any = client.xinfo_consumers(REPORTS_STREAM, "recorders")
        return {each["name"] for each in found}

    _eventually(lambda: b"idle" not in names())
    assert b"holder" in names()
    _eventually(lambda: dispatch.consumer.claim_orphaned() == 1)
    assert dispatch.status(id).stage is Stage.DONE
    _eventually(lambda: names() == {b"consumer"})


def test_the_entries_of_a_consumer_that_died_while_acknowledging_are_removed(
    dispatch: DispatchFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send_all_but_the_last(connections: PersistentConnections, commands: Sequence[Command]) -> None:
        execute_with_publish_script(connections, commands[:-1])
        raise ConnectionError("killed")

    id = dispatch.enqueue()
    dispatch.add_report(finished(id))
    with monkeypatch.context() as patch:
        patch.setattr(report_consumer, "execute_with_publish_script", send_all_but_the_last)
        with pytest.raises(QueueUnavailable):
            dispatch.consume()
    client, other = dispatch.redis.client(), dispatch.open_consumer("other")

    def is_rest_gone() -> bool:
        other.claim_orphaned()
        return not client.xpending_range(REPORTS_STREAM, "recorders", "-", "+", 1)

    _eventually(is_rest_gone)
    assert client.xlen(REPORTS_STREAM) == 0
    assert dispatch.status(id).stage is Stage.DONE


def test_a_report_is_recorded_after_an_outage_of_the_database(
    dispatch: DispatchFixture, engine: Engine
) -> None:
    id = dispatch.enqueue()
    dispatch.add_report(finished(id))
    database = _FailingDatabase(engine)
    with pytest.raises(Exception, match="down"):
        dispatch.consume()
    database.repair()
    assert dispatch.consumer.consume_once() == 1
    assert dispatch.status(id).stage is Stage.DONE


def test_a_verdict_is_published_at_once_although_another_report_of_the_batch_waits_for_the_database(
    dispatch: DispatchFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, returned = dispatch.enqueue(), dispatch.enqueue()
    channel = RedisStatusChannel(dispatch.redis.url, SIGNER)
    assert dispatch.consumer.consume_once() == 0  # makes the consumer group
    dispatch.add_report(finished(judged))
    dispatch.add_report(finished(returned, kind=ReportKind.RETURNED, outcome=None))

    def refuse(*_: object) -> None:
        raise StoreUnavailable("the database is down")

    with monkeypatch.context() as patch, channel.listen() as listener:
        patch.setattr(dispatch.attempts, "requeue_or_fail", refuse)
        with pytest.raises(StoreUnavailable):
            dispatch.consumer.consume_once()
        published = listener.wait(60)
    assert published == dispatch.status(judged)
    assert dispatch.consumer.consume_once() == 2
    latest = channel.latest(returned)
    assert latest is not None
    assert (latest.attempt, dispatch.redis.client().xlen(REPORTS_STREAM)) == (2, 0)


def test_a_verdict_is_published_although_recording_another_report_of_the_batch_raises_an_error(
    dispatch: DispatchFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, returned = dispatch.enqueue(), dispatch.enqueue()
    channel = RedisStatusChannel(dispatch.redis.url, SIGNER)
    assert dispatch.consumer.consume_once() == 0  # makes the consumer group
    dispatch.add_report(finished(judged))
    dispatch.add_report(finished(returned, kind=ReportKind.RETURNED, outcome=None))

    def fail(*_: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(dispatch.attempts, "requeue_or_fail", fail)
    with channel.listen() as listener:
        assert dispatch.consumer.consume_once() == 2
        assert listener.wait(60) == dispatch.status(judged)


class _FailingDatabase:
    """A database that refuses every statement until its repair."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        event.listen(engine, "before_cursor_execute", self._refuse)

    def _refuse(self, *_: object) -> None:
        raise ConnectionError("the database is down")

    def repair(self) -> None:
        event.remove(self._engine, "before_cursor_execute", self._refuse)


def test_an_attempt_with_a_transient_error_is_not_charged_and_waits_for_a_pause(
    dispatch: DispatchFixture,
) -> None:
    id = dispatch.enqueue()
    for attempt in range(1, 8):
        hindered = finished(
            id, attempt, kind=ReportKind.TRANSIENT_ERROR, outcome=None, reason="the disk is full"
        )
        dispatch.add_report(hindered)
        dispatch.consume()
        assert dispatch.status(id).attempt == attempt + 1
        assert not any(dispatch.outbox.claimable().values())
    assert dispatch.status(id).stage is Stage.QUEUED
    dispatch.outbox.release([id])
    assert dispatch.relay.relay_once().sent == 1


def test_a_report_of_an_unknown_kind_fails_only_its_attempt(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    text = finished(id).dump().replace('"finished"', '"imagined"')
    fields: dict[Any, Any] = {"submission": id, "attempt": "1", "report": text, "proof": SIGNER.proof(id, 1)}
    dispatch.redis.client().xadd(REPORTS_STREAM, fields)
    dispatch.consume()
    assert (dispatch.status(id).stage, dispatch.status(id).attempt) == (Stage.QUEUED, 2)


def _eventually(check: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.02)


def test_the_capacity_of_a_queue_grows_if_it_ran_empty_and_shrinks_if_it_stayed_full(
    redis_server: RedisServer,
) -> None:
    queue = RqQueue(create_redis_client(redis_server.url, 1.0), SIGNER)
    capacity = QueueCapacity(queue, WorkerRegistry(redis_server.url))
    queue.set_capacity(Tier.NORMAL, 2)
    capacity.observe(Tier.NORMAL, waiting=0, capacity=2)
    grown = queue.depth(Tier.NORMAL).capacity
    capacity.adjust()
    capacity.observe(Tier.NORMAL, waiting=16, capacity=16)
    queue.set_capacity(Tier.NORMAL, 16)
    capacity.adjust()
    assert (grown, queue.depth(Tier.NORMAL).capacity) == (4, MIN_CAPACITY)


def test_the_queue_of_a_new_pool_is_found_among_the_queues_of_many_old_pools(
    dispatch: DispatchFixture,
) -> None:
    """The names of pools may be those of hosts, which an operator replaces every day."""
    client = dispatch.redis.client()
    capacity = QueueCapacity(dispatch.queue, WorkerRegistry(dispatch.redis.url))
    client.sadd("rq:queues", *(f"rq:queue:normal.host-{number}" for number in range(300)))
    client.rpush("rq:queue:normal.host-7", "left-1")
    dispatch.set_workers(a_worker("new", "python3", pool="new"))
    id = dispatch.post()
    dispatch.relay.relay_once()
    capacity.adjust()
    capacity.adjust()
    assert set(dispatch.queue.queues()) == {"normal", "premium", "normal.host-7", "normal.new"}
    submission = OpenSubmission(id, 1, Tier.NORMAL, utc_now(), "python3")
    assert dispatch.queue.inspect([submission])[id].waits_in == "normal.new"


def test_no_submission_of_a_paused_tier_is_sent_until_the_tier_is_opened_again(
    dispatch: DispatchFixture,
) -> None:
    worker_registry = WorkerRegistry(dispatch.redis.url)
    dispatch.post()
    worker_registry.pause(Tier.NORMAL, True)
    sent = dispatch.relay.relay_once().sent
    worker_registry.pause(Tier.NORMAL, False)
    assert (sent, dispatch.relay.relay_once().sent) == (0, 1)
