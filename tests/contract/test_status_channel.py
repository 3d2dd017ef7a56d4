"""The channel's contract, kept alike by Redis and by the fake."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from judge_core.messages import live_key
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage, Status
from judge_core.redis.redis_status_channel import RedisChannel
from judge_core.redis.status_channel import Channel
from tests.support.records import a_status, outcome
from tests.support.redis_server import RedisServer
from tests.support.status_channel import MemoryChannel


@pytest.fixture(params=["redis", "memory"])
def channel(request: pytest.FixtureRequest) -> Channel:
    if request.param == "memory":
        return MemoryChannel()
    server: RedisServer = request.getfixturevalue("redis_server")
    return RedisChannel(server.url)


def _done(status: Status) -> Status:
    return replace(
        status,
        stage=Stage.DONE,
        outcome=outcome(),
        started_at=status.submitted_at,
        finished_at=datetime.now(UTC).replace(microsecond=0),
    )


def test_what_is_told_is_kept_and_heard_whole(channel: Channel) -> None:
    status = _done(a_status())
    with channel.listen() as news:
        channel.tell([status])
        assert news.wait(2) == status
    assert channel.latest(status.id) == status


def test_an_older_status_is_neither_kept_nor_heard(channel: Channel) -> None:
    queued = a_status()
    done = _done(queued)
    with channel.listen() as news:
        channel.tell([done, replace(queued, stage=Stage.RUNNING), queued, done])
        assert news.wait(2) == done
        assert news.wait(0.05) is None
    assert channel.latest(queued.id) == done


def test_a_later_attempt_is_news_but_never_after_the_end(channel: Channel) -> None:
    status = a_status()
    running = replace(status, stage=Stage.RUNNING, tests_done=12, tests_total=20)
    again = replace(status, attempt=2)
    channel.tell([running, again])
    assert channel.latest(status.id) == again
    channel.tell([_done(again), replace(status, attempt=3)])
    latest = channel.latest(status.id)
    assert latest is not None
    assert latest.stage is Stage.DONE


def test_nobody_is_asked_for(channel: Channel) -> None:
    assert [channel.latest(id) for id in ("nobody", "\ud800", "é", "a\x00b")] == [None] * 4
    with channel.listen() as news:
        assert news.wait(0.01) is None


def test_what_is_not_wanted_is_passed_over(channel: Channel) -> None:
    one, other = a_status(), a_status()
    with channel.listen() as news:
        channel.tell([one, other])
        assert news.wait(2, {other.id}.__contains__) is None
        assert news.wait(2, {other.id}.__contains__) == other


def test_two_listeners_hear_the_same(channel: Channel) -> None:
    status = a_status()
    with channel.listen() as one, channel.listen() as other:
        channel.tell([status])
        assert one.wait(2) == other.wait(2) == status


def test_redis_forgets_what_has_ended_after_a_minute(redis_server: RedisServer) -> None:
    channel, client = RedisChannel(redis_server.url), redis_server.client()
    queued = a_status()
    channel.tell([queued])
    assert client.ttl(live_key(queued.id)) > 3_000
    channel.tell([_done(queued)])
    assert 0 < client.ttl(live_key(queued.id)) <= 60


def test_whatever_lies_in_a_statuss_place_is_replaced(redis_server: RedisServer) -> None:
    channel, client, status = RedisChannel(redis_server.url), redis_server.client(), a_status()
    client.hset(live_key(status.id), "no", "status")
    assert channel.latest(status.id) is None
    channel.tell([status])
    assert channel.latest(status.id) == status
    client.set(live_key(status.id), b"garbage")
    channel.tell([status])
    assert channel.latest(status.id) == status


def test_a_restarted_redis_is_told_again(redis_server: RedisServer) -> None:
    channel = RedisChannel(redis_server.url)
    channel.tell([a_status()])
    redis_server.stop()
    with pytest.raises(QueueUnavailable):
        channel.tell([a_status()])
    redis_server.start()
    status = a_status()
    channel.tell([status])
    assert channel.latest(status.id) == status
