"""The reconciler repairs lost attempts and does not touch healthy attempts. Each test has one case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from judge_api.dispatch.rq_queue import CANCELLED_LEASE, RqQueue, popped_key
from judge_api.store.records import OpenSubmission
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import REPORTS_STREAM, lease_key
from judge_core.redis.signer import JobNames
from tests.integration.dispatch_fixture import DispatchFixture
from tests.support.records import SIGNER, finished, job_of, lease_of
from workers.redis_link import NOT_LEASED, PoppedJob, RedisLink


def test_a_submission_that_the_queue_loses_six_times_gets_its_second_attempt(
    dispatch: DispatchFixture,
) -> None:
    id = dispatch.enqueue()
    for _ in range(6):
        assert dispatch.status(id).attempt == 1
        dispatch.redis.empty()
        dispatch.reconcile()
        dispatch.relay.relay_once()
    assert dispatch.status(id).attempt == 2


def test_the_attempt_of_a_dead_worker_goes_back_to_the_outbox(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    dispatch.lease(id)
    dispatch.lose_lease(id)
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 2
    assert dispatch.queue.popped_jobs() == []
    assert dispatch.redis.client().get(lease_of(id)) == b"2:-"
    assert dispatch.relay.relay_once().sent == 1


def test_an_attempt_whose_worker_died_between_pop_and_lease_is_not_charged(
    dispatch: DispatchFixture,
) -> None:
    id = dispatch.enqueue()
    for attempt in range(1, 6):
        dispatch.redis.client().lmove("rq:queue:normal", popped_key(Tier.NORMAL))
        dispatch.reconcile()
        assert dispatch.status(id).attempt == attempt + 1
        dispatch.outbox.release([id])  # ends the pause before the next attempt
        assert dispatch.relay.relay_once().sent == 1
    assert dispatch.status(id).stage is Stage.QUEUED


def test_the_lease_of_a_dead_worker_ends_although_the_clock_was_set_back(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    dispatch.lease(id)
    dispatch.redis.client().pexpire(lease_of(id), 3_600_000 + 10_000)
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 2


def test_a_dead_workers_lease_without_an_expiry_does_not_count(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    dispatch.lease(id)
    assert dispatch.redis.client().persist(lease_of(id))
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 2
    assert dispatch.relay.relay_once().sent == 1


def test_a_lost_job_is_judged_again_although_its_lease_has_no_expiry(dispatch: DispatchFixture) -> None:
    """The attempt is sent again first. Its new worker gets no lease, because the lease names the dead worker.
    So the reconciler sends the next attempt."""
    id, client = dispatch.enqueue(), dispatch.redis.client()
    dispatch.lease(id, worker="dead")
    assert client.persist(lease_of(id))
    client.delete("rq:job:" + job_of(id), popped_key(Tier.NORMAL))
    dispatch.reconcile()
    assert dispatch.relay.relay_once().sent == 1
    link = RedisLink(create_redis_client(dispatch.redis.url, 2.0), "w", 10)
    popped = client.lmove("rq:queue:normal", popped_key(Tier.NORMAL))
    assert popped == job_of(id).encode()
    parsed = PoppedJob.parse(job_of(id).encode(), popped_key(Tier.NORMAL))
    assert parsed is not None
    assert link.take(parsed, 1 << 20) == NOT_LEASED
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 2


def test_a_live_worker_renews_an_expired_lease_and_keeps_its_attempt(dispatch: DispatchFixture) -> None:
    """If Redis' clock is set forward, every lease expires at once. The worker's heartbeat makes a new
    lease."""
    id = dispatch.enqueue()
    dispatch.lease(id)
    dispatch.lose_lease(id)
    dispatch.reconciler.reconcile_once()
    link = RedisLink(create_redis_client(dispatch.redis.url, 2.0), "w", 10)
    (row,) = dispatch.attempts.open_submissions(datetime.now(UTC) + timedelta(minutes=1))
    secret = SIGNER.job_secret(row.id, 1)
    assert link.renew(JudgeRequest(row.id, 1, Tier.NORMAL, "python3", "", job_secret=secret))
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 1


def test_the_reconciler_does_not_touch_the_attempt_of_a_live_worker(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    dispatch.lease(id)
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 1


def test_the_reconciler_does_not_touch_a_job_that_waits(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 1
    assert not any(dispatch.outbox.claimable().values())


def test_the_reconciler_waits_for_a_report_that_is_not_recorded_yet(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    dispatch.lease(id)
    dispatch.redis.client().delete("rq:job:" + job_of(id, 1), lease_of(id), popped_key(Tier.NORMAL))
    dispatch.add_report(finished(id))
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 1
    assert not any(dispatch.outbox.claimable().values())


def test_after_redis_was_emptied_the_same_attempts_are_sent_again(dispatch: DispatchFixture) -> None:
    ids = [dispatch.enqueue() for _ in range(3)]
    dispatch.redis.empty()
    dispatch.reconcile()
    assert dispatch.relay.relay_once().sent == 3
    assert {dispatch.status(id).attempt for id in ids} == {1}


def test_a_submission_whose_workers_die_three_times_fails_with_the_reason(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    for attempt in (1, 2, 3):
        dispatch.lease(id, attempt)
        dispatch.lose_lease(id, attempt)
        dispatch.reconcile()
        dispatch.relay.relay_once()
    status = dispatch.status(id)
    assert status.stage is Stage.FAILED
    assert status.reason is not None
    assert "its worker died" in status.reason


def test_a_restart_of_all_workers_charges_no_attempt(dispatch: DispatchFixture) -> None:
    ids = [dispatch.enqueue() for _ in range(3)]
    for attempt in range(1, 6):
        for id in ids:
            dispatch.lease(id, attempt)
        for id in ids:
            dispatch.lose_lease(id, attempt)
        dispatch.reconcile()
        assert [dispatch.status(id).attempt for id in ids] == [attempt + 1] * 3
        for id in ids:
            dispatch.outbox.release([id])  # ends the pause before the next attempt
            assert dispatch.relay.relay_once().sent == 1
    assert [dispatch.status(id).stage for id in ids] == [Stage.QUEUED] * 3


def test_two_submissions_whose_workers_die_together_three_times_fail(dispatch: DispatchFixture) -> None:
    ids = [dispatch.enqueue() for _ in range(2)]
    for attempt in range(1, 4):
        for id in ids:
            dispatch.lease(id, attempt)
        for id in ids:
            dispatch.lose_lease(id, attempt)
        dispatch.reconcile()
        for id in ids:
            dispatch.outbox.release([id])
            dispatch.relay.relay_once()
    assert [dispatch.status(id).stage for id in ids] == [Stage.FAILED] * 2


def test_after_a_redis_failure_the_reconciler_waits_its_full_patience_again(
    dispatch: DispatchFixture,
) -> None:
    id = dispatch.enqueue()
    dispatch.lease(id)
    dispatch.lose_lease(id)
    dispatch.reconciler.reconcile_once()
    dispatch.redis.stop()
    dispatch.now += 1000
    with pytest.raises(QueueUnavailable):
        dispatch.reconciler.reconcile_once()
    dispatch.redis.start()
    dispatch.redis.client().set(lease_of(id), "1:w", px=60_000)
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 1


def test_a_thief_s_writes_about_an_id_do_not_delay_the_reconciler(dispatch: DispatchFixture) -> None:
    """The thief knows the submission's id, but neither the proof nor the secret of the attempt."""
    id, client = dispatch.enqueue(), dispatch.redis.client()
    client.delete("rq:queue:normal", "rq:job:" + job_of(id))
    client.set(lease_key(id), "1:worker-thief@x", px=60_000)
    for fields in ({"submission": id, "attempt": "1"}, {"submission": id, "attempt": "1", "proof": "f" * 32}):
        client.xadd(REPORTS_STREAM, {**fields, "report": "forged"})  # type: ignore[dict-item]
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 1
    assert dispatch.relay.relay_once().sent == 1


@pytest.mark.parametrize("state", ["waits", "leased", "not leased"])
@pytest.mark.parametrize("sends_plain", [True, False], ids=["sent without secrets", "sent with secrets"])
def test_a_job_sent_by_a_dispatcher_with_a_different_setting_is_found(
    dispatch: DispatchFixture, sends_plain: bool, state: str
) -> None:
    """The job was sent by a dispatcher with the other value of GAVEL_ACCEPT_UNPROVEN_REPORTS."""
    client = dispatch.redis.client()
    sender, reader = (
        RqQueue(create_redis_client(dispatch.redis.url, 1.0), SIGNER, accepts_unproven=accepts)
        for accepts in (sends_plain, not sends_plain)
    )
    id = dispatch.post()
    (request,) = [row.request for row in dispatch.outbox.claim(10, "other", 10.0)]
    assert sender.send("normal", [request])
    names = JobNames(SIGNER, are_secret=not sends_plain)
    one = OpenSubmission(id, 1, Tier.NORMAL, datetime.now(UTC))
    if state != "waits":
        assert client.lmove("rq:queue:normal", popped_key(Tier.NORMAL)) == names.job_id(id, 1).encode()
    if state == "leased":
        client.set(names.lease_key(id, 1), "1:w", px=60_000)
        client.expire(names.job_key(id, 1), 600)
    found = reader.inspect([one])[id]
    assert found.job_exists
    assert (found.waits_in, found.lease) == (
        "normal" if state == "waits" else None,
        "1:w" if state == "leased" else None,
    )
    reader.cancel(id, 1)
    assert not client.exists(names.job_key(id, 1))
    assert client.get(names.lease_key(id, 1)) == CANCELLED_LEASE.encode()
    assert reader.popped_jobs() == []
    assert client.llen("rq:queue:normal") == 0


@pytest.mark.parametrize("keeps_plain", [True, False], ids=["read without secrets", "read with secrets"])
def test_a_later_attempt_is_found_beside_the_remains_of_a_revoked_attempt(
    dispatch: DispatchFixture, keeps_plain: bool
) -> None:
    """This happens while the dispatchers are restarted one by one with the other value of
    GAVEL_ACCEPT_UNPROVEN_REPORTS."""
    reader, sender = (
        RqQueue(create_redis_client(dispatch.redis.url, 1.0), SIGNER, accepts_unproven=accepts)
        for accepts in (keeps_plain, not keeps_plain)
    )
    id = dispatch.post()
    sender.revoke(id, 1)
    (request,) = [row.request for row in dispatch.outbox.claim(10, "other", 10.0)]
    assert sender.send("normal", [replace(request, attempt=2)])
    one = OpenSubmission(id, 2, Tier.NORMAL, datetime.now(UTC))
    assert reader.inspect([one])[id].waits_in == "normal"
