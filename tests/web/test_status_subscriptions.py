"""The subscriptions keep listening after unreadable messages and errors, and report whether they listen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from judge_api.services.status_subscriptions import StatusSubscriptions
from judge_core.model.submission import Stage
from judge_core.redis.keys import STATUS_CHANNEL
from judge_core.redis.status_channel import RedisStatusChannel, dump_status
from tests.support.records import SIGNER, a_status
from tests.support.redis_server import RedisServer
from tests.support.status_channel import MemoryStatusChannel, MemoryStatusListener


class BreaksOnceChannel(MemoryStatusChannel):
    """A channel whose first call of ``listen`` fails. Later calls work."""

    def __init__(self) -> None:
        super().__init__()
        self.breaks = threading.Event()

    @contextmanager
    def listen(self) -> Iterator[MemoryStatusListener]:
        if not self.breaks.is_set():
            self.breaks.set()
            raise ZeroDivisionError
        with super().listen() as listener:
            yield listener


def test_a_subscription_continues_after_an_internal_error(caplog: pytest.LogCaptureFixture) -> None:
    channel, status = BreaksOnceChannel(), a_status()
    subscriptions = StatusSubscriptions(channel)
    assert not subscriptions.is_listening()
    with subscriptions.subscribe(status.id) as subscription:
        assert channel.breaks.wait(20)
        assert subscriptions._listening.wait(20)
        assert subscriptions.is_listening()
        subscription.wait(0)
        channel.publish([status])
        assert subscription.wait(20) == [status]
    assert "Listening to statuses failed and starts again" in caplog.messages
    subscriptions.close()
    assert not subscriptions.is_listening()


def test_a_published_status_that_cannot_be_read_is_skipped(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    channel, status = RedisStatusChannel(redis_server.url, SIGNER), a_status()
    subscriptions, client = StatusSubscriptions(channel), redis_server.client()
    later = dump_status(status).replace('"QUEUED"', '"LINKING"')
    assert later != dump_status(status)
    with subscriptions.subscribe(status.id) as subscription:
        assert subscriptions._listening.wait(20)
        subscription.wait(0)
        for odd in (later, b"garbage", dump_status(status).encode().replace(status.id.encode(), b"\xff")):
            client.publish(STATUS_CHANNEL, odd)
            client.publish(STATUS_CHANNEL, later)
        running = replace(status, stage=Stage.RUNNING)
        channel.publish([running])
        assert subscription.wait(20) == [running]
        assert subscriptions.is_listening()
    subscriptions.close()
    message = "A published status cannot be read and is skipped"
    assert caplog.messages.count(message) == 1
