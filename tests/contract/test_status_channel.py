"""The status channel over Redis and the status channel in memory keep the same contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage, Status
from judge_core.redis.status_channel import RedisStatusChannel, StatusChannel
from tests.support.records import SIGNER, a_status, live_of, outcome
from tests.support.redis_server import RedisServer
from tests.support.status_channel import MemoryStatusChannel


@pytest.fixture(params=["redis", "memory"])
def channel(request: pytest.FixtureRequest) -> StatusChannel:
    if request.param == "memory":
        return MemoryStatusChannel()
    server: RedisServer = request.getfixturevalue("redis_server")
    return RedisStatusChannel(server.url, SIGNER)


def _done(status: Status) -> Status:
    return replace(
        status,
        stage=Stage.DONE,
        outcome=outcome(),
        started_at=status.submitted_at,
        finished_at=datetime.now(UTC).replace(microsecond=0),
    )


def test_a_published_status_is_kept_and_received_completely(channel: StatusChannel) -> None:
    status = _done(a_status())
    with channel.listen() as listener:
        channel.publish([status])
        assert listener.wait(60) == status
    assert channel.latest(status.id) == status


def test_an_older_status_is_not_kept_and_not_received(channel: StatusChannel) -> None:
    queued = a_status()
    done = _done(queued)
    with channel.listen() as listener:
        channel.publish([done, replace(queued, stage=Stage.RUNNING), queued, done])
        assert listener.wait(60) == done
        assert listener.wait(0.05) is None
    assert channel.latest(queued.id) == done


def test_a_later_attempt_replaces_a_status_unless_the_submission_has_ended(channel: StatusChannel) -> None:
    status = a_status()
    running = replace(status, stage=Stage.RUNNING, tests_done=12, tests_total=20)
    again = replace(status, attempt=2)
    channel.publish([running, again])
    assert channel.latest(status.id) == again
    channel.publish([_done(again), replace(status, attempt=3)])
    latest = channel.latest(status.id)
    assert latest is not None
    assert latest.stage is Stage.DONE


def test_an_unknown_submission_has_no_status(channel: StatusChannel) -> None:
    assert [channel.latest(id) for id in ("nobody", "\ud800", "é", "a\x00b")] == [None] * 4
    with channel.listen() as listener:
        assert listener.wait(0.01) is None


def test_a_channel_has_no_latest_status_of_a_forgotten_submission(channel: StatusChannel) -> None:
    status, other = _done(a_status()), _done(a_status())
    channel.publish([status, other])
    channel.forget(status.id)
    channel.forget("unknown")
    assert (channel.latest(status.id), channel.latest(other.id)) == (None, other)


def test_a_listener_skips_the_statuses_of_other_submissions(channel: StatusChannel) -> None:
    one, other = a_status(), a_status()
    with channel.listen() as listener:
        channel.publish([one, other])
        assert listener.wait(60, {other.id}.__contains__) is None
        assert listener.wait(60, {other.id}.__contains__) == other


def test_two_listeners_get_the_same_status(channel: StatusChannel) -> None:
    status = a_status()
    with channel.listen() as one, channel.listen() as other:
        channel.publish([status])
        assert one.wait(60) == other.wait(60) == status


def test_redis_keeps_the_status_of_an_ended_submission_for_a_minute(redis_server: RedisServer) -> None:
    channel, client = RedisStatusChannel(redis_server.url, SIGNER), redis_server.client()
    queued = a_status()
    channel.publish([queued])
    assert client.ttl(live_of(queued.id)) > 3_000
    channel.publish([_done(queued)])
    assert 0 < client.ttl(live_of(queued.id)) <= 60


def test_an_unreadable_status_in_redis_is_replaced_by_the_next_status(redis_server: RedisServer) -> None:
    channel, client, status = RedisStatusChannel(redis_server.url, SIGNER), redis_server.client(), a_status()
    client.hset(live_of(status.id), "no", "status")
    assert channel.latest(status.id) is None
    channel.publish([status])
    assert channel.latest(status.id) == status
    client.set(live_of(status.id), b"garbage")
    channel.publish([status])
    assert channel.latest(status.id) == status


def test_statuses_are_published_to_a_restarted_redis(redis_server: RedisServer) -> None:
    channel = RedisStatusChannel(redis_server.url, SIGNER)
    channel.publish([a_status()])
    redis_server.stop()
    with pytest.raises(QueueUnavailable):
        channel.publish([a_status()])
    redis_server.start()
    status = a_status()
    channel.publish([status])
    assert channel.latest(status.id) == status
