"""A watcher stays connected if the store is away for a moment, and is never left without updates."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any, cast

import pytest

from judge_api.services.status_service import StatusService
from judge_api.services.status_subscriptions import StatusSubscriptions
from judge_api.store.submissions import SubmissionStore
from judge_api.views.websocket import WebSocketClient, WebSocketConnection
from judge_core.model.account import Account, Role, Tier
from judge_core.model.errors import StoreUnavailable
from judge_core.model.submission import Stage, Status
from tests.support.records import a_status, outcome
from tests.support.status_channel import MemoryStatusChannel


class OneStatusStore:
    """A store of one status. If ``error`` is set, it fails with this error."""

    def __init__(self, status: Status) -> None:
        self.kept = status
        self.error: Exception | None = None
        self.reads = threading.Semaphore(0)

    def status(self, submission: str) -> Status | None:
        self.reads.release()
        if self.error is not None:
            raise self.error
        return self.kept if submission == self.kept.id else None


class FakeSocket:
    """The server's end of a socket. It keeps what is sent, and notices if the other end is closed."""

    def __init__(self) -> None:
        self.sent: SimpleQueue[str] = SimpleQueue()
        self.sock, self.far = socket.socketpair()
        self.far.settimeout(60)

    def send(self, text: str) -> None:
        self.sent.put(text)


class StatusFixture:
    """A status service over a store of one status, with subscriptions to a silent channel."""

    def __init__(self) -> None:
        self.store = OneStatusStore(a_status())
        self.subscriptions = StatusSubscriptions(MemoryStatusChannel())
        store = cast(SubmissionStore, self.store)
        self.service = StatusService(MemoryStatusChannel(), store, self.subscriptions)
        self.id = self.store.kept.id

    def finish(self) -> None:
        self.store.kept = replace(self.store.kept, stage=Stage.DONE, outcome=outcome())

    def reads(self, times: int) -> bool:
        return all(self.store.reads.acquire(timeout=60) for _ in range(times))


@pytest.fixture
def fixture() -> Iterator[StatusFixture]:
    made = StatusFixture()
    yield made
    made.subscriptions.close()


@pytest.fixture
def socket_end() -> Iterator[FakeSocket]:
    made = FakeSocket()
    yield made
    made.sock.close()
    made.far.close()


def test_a_websocket_gets_the_status_when_the_store_answers_again(
    fixture: StatusFixture, socket_end: FakeSocket
) -> None:
    with fixture.subscriptions.subscribe(fixture.id) as subscription:
        connection = _connect(fixture, socket_end, subscription)
        fixture.store.error = StoreUnavailable("away")
        sender = threading.Thread(target=connection.send_updates, daemon=True)
        sender.start()
        subscription.mark_missed()
        assert fixture.reads(2)
        fixture.finish()
        fixture.store.error = None
        assert json.loads(socket_end.sent.get(timeout=60))["stage"] == "DONE"
        connection.close()
        sender.join(60)
        assert not sender.is_alive()
    socket_end.far.setblocking(False)
    with pytest.raises(BlockingIOError):
        socket_end.far.recv(1)


def test_a_websocket_is_closed_after_an_unexpected_error_of_the_store(
    fixture: StatusFixture, socket_end: FakeSocket
) -> None:
    with fixture.subscriptions.subscribe(fixture.id) as subscription:
        connection = _connect(fixture, socket_end, subscription)
        fixture.store.error = ZeroDivisionError()
        sender = threading.Thread(target=connection.send_updates, daemon=True)
        sender.start()
        subscription.mark_missed()
        assert socket_end.far.recv(1) == b""
        sender.join(60)


def test_a_stream_continues_when_the_store_answers_again(fixture: StatusFixture) -> None:
    fixture.store.error = StoreUnavailable("away")
    changes = fixture.service.changes(fixture.id, "", 0.05)
    assert [next(changes), next(changes)] == [None, None]
    fixture.finish()
    fixture.store.error = None
    last = next(change for change in changes if change is not None)
    assert last.stage is Stage.DONE
    assert list(changes) == []


class _Valid:
    """Credentials that are always valid."""

    def holds(self) -> bool:
        return True


def _connect(fixture: StatusFixture, socket_end: FakeSocket, subscription: Any) -> WebSocketConnection:
    owner = Account(fixture.store.kept.owner, "ada", Tier.NORMAL, Role.USER, datetime.now(UTC))
    return WebSocketConnection(socket_end, subscription, WebSocketClient(owner, _Valid()), fixture.service)
