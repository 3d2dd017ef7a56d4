"""Whoever watches outlasts a store that is away for a moment: nobody is left connected and told nothing."""

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
from judge_api.views.events import Connection
from judge_core.model.account import Account, Role, Tier
from judge_core.model.errors import StoreUnavailable
from judge_core.model.submission import Stage, Status
from tests.support.records import a_status, outcome
from tests.support.status_channel import MemoryStatusChannel


class Shelf:
    """A store of one status, which is away or broken for as long as the test says."""

    def __init__(self, status: Status) -> None:
        self.kept = status
        self.trouble: Exception | None = None
        self.asked = threading.Semaphore(0)

    def status(self, submission: str) -> Status | None:
        self.asked.release()
        if self.trouble is not None:
            raise self.trouble
        return self.kept if submission == self.kept.id else None


class Wire:
    """The server's end of a socket: what is sent is kept, and hanging up is seen."""

    def __init__(self) -> None:
        self.sent: SimpleQueue[str] = SimpleQueue()
        self.sock, self.far = socket.socketpair()
        self.far.settimeout(20)

    def send(self, text: str) -> None:
        self.sent.put(text)


class Place:
    """A desk over a shelf, with a hub over a channel that tells nothing by itself."""

    def __init__(self) -> None:
        self.shelf = Shelf(a_status())
        self.hub = StatusSubscriptions(MemoryStatusChannel())
        store = cast(SubmissionStore, self.shelf)
        self.desk = StatusService(MemoryStatusChannel(), store, self.hub)
        self.id = self.shelf.kept.id

    def finish(self) -> None:
        self.shelf.kept = replace(self.shelf.kept, stage=Stage.DONE, outcome=outcome())

    def asked(self, times: int) -> bool:
        return all(self.shelf.asked.acquire(timeout=20) for _ in range(times))


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.hub.end()


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.sock.close()
    made.far.close()


def test_a_socket_gets_the_status_once_the_store_is_back(place: Place, wire: Wire) -> None:
    with place.hub.watch(place.id) as watch:
        connection = _connect(place, wire, watch)
        place.shelf.trouble = StoreUnavailable("away")
        teller = threading.Thread(target=connection.tell, daemon=True)
        teller.start()
        watch.miss()
        assert place.asked(2)
        place.finish()
        place.shelf.trouble = None
        assert json.loads(wire.sent.get(timeout=20))["stage"] == "DONE"
        connection.end()
        teller.join(20)
        assert not teller.is_alive()
    wire.far.setblocking(False)
    with pytest.raises(BlockingIOError):
        wire.far.recv(1)


def test_a_silent_socket_is_closed(place: Place, wire: Wire) -> None:
    with place.hub.watch(place.id) as watch:
        connection = _connect(place, wire, watch)
        place.shelf.trouble = ZeroDivisionError()
        teller = threading.Thread(target=connection.tell, daemon=True)
        teller.start()
        watch.miss()
        assert wire.far.recv(1) == b""
        teller.join(20)


def test_a_stream_goes_on_once_the_store_is_back(place: Place) -> None:
    place.shelf.trouble = StoreUnavailable("away")
    changes = place.desk.changes(place.id, "", 0.05)
    assert [next(changes), next(changes)] == [None, None]
    place.finish()
    place.shelf.trouble = None
    told = next(change for change in changes if change is not None)
    assert told.stage is Stage.DONE
    assert list(changes) == []


def _connect(place: Place, wire: Wire, watch: Any) -> Connection:
    owner = Account(place.shelf.kept.owner, "ada", Tier.NORMAL, Role.USER, datetime.now(UTC))
    return Connection(wire, watch, owner, place.desk)
