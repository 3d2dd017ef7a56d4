"""The number of event streams, WebSockets and long polls is limited by account and address. Those that end
free their places."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from simple_websocket import Client
from simple_websocket import ConnectionError as Refused

from judge_api.services.open_streams import OpenStreams, StreamLimits
from judge_api.settings import connection_pool
from judge_core.model.errors import QuotaExceeded
from judge_core.model.submission import Stage, Status
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app
from tests.web.served import Served, end, serve


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An application that allows an account two open streams."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    built = build_app(
        tmp_path_factory.mktemp("data"), server, GAVEL_ACCOUNT_STREAMS="2", GAVEL_ADDRESS_STREAMS="3"
    )
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()
    server.stop()


def _submit(app: AppFixture, name: str = "ada") -> str:
    id: str = app.submit(name).get_json()["id"]
    return id


def _stream(app: AppFixture, path: str, name: str = "ada", address: str = "192.0.2.1") -> Any:
    place = {"REMOTE_ADDR": address}
    return app.client.get(path, headers=app.headers(name), buffered=False, environ_base=place)


def _open(app: AppFixture, path: str, name: str = "ada", address: str = "192.0.2.1") -> Any:
    stream = _stream(app, path, name, address)
    assert stream.status_code == 200
    next(stream.iter_encoded())
    return stream


def test_a_stream_beyond_the_limit_is_refused_with_the_time_to_try_again(few: AppFixture) -> None:
    path = f"/events/{_submit(few)}"
    opened = [_open(few, path) for _ in range(2)]
    refused = _stream(few, path)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.get_json()["type"] == "/errors/too-many"
    assert "this account has 2 event streams" in refused.get_json()["detail"]
    for one in opened:
        one.close()
    assert few.services.open_streams.count() == 0
    _open(few, path).close()


def test_the_limit_of_an_address_applies_over_all_accounts(few: AppFixture) -> None:
    mine, theirs = f"/events/{_submit(few)}", f"/events/{_submit(few, 'bob')}"
    near = ("2001:db8::1", "2001:db8::2", "2001:db8::3:4")
    opened = [_open(few, mine, "ada", at) for at in near[:2]] + [_open(few, theirs, "bob", near[2])]
    assert "this address has 3" in _stream(few, theirs, "bob", "2001:db8::5").get_json()["detail"]
    opened.append(_open(few, theirs, "bob", "2001:db8:0:1::5"))
    for one in opened:
        one.close()


def test_the_stream_of_operators_counts_towards_the_limit(few: AppFixture) -> None:
    opened = [_open(few, "/admin/stream", "admin") for _ in range(2)]
    assert _stream(few, "/admin/stream", "admin").status_code == 429
    for one in opened:
        one.close()


def test_a_long_poll_beyond_the_limit_is_answered_at_once_with_the_current_status(few: AppFixture) -> None:
    id = _submit(few)
    opened = [_open(few, f"/events/{id}") for _ in range(2)]
    asked = time.monotonic()
    answer = few.client.get(
        f"/status/{id}?wait=30", headers=few.headers(), environ_base={"REMOTE_ADDR": "192.0.2.1"}
    )
    assert (answer.status_code, answer.get_json()["stage"]) == (200, "QUEUED")
    assert int(answer.headers["Retry-After"]) > 0
    assert time.monotonic() - asked < 25  # a poll that is not ended early waits for 30 s
    for one in opened:
        one.close()


def test_a_judge0_request_beyond_the_limit_does_not_wait_for_the_verdict(few: AppFixture) -> None:
    opened = [_open(few, f"/events/{_submit(few)}") for _ in range(2)]
    asked = time.monotonic()
    answer = few.client.post(
        "/judge0/submissions?wait=true",
        json={"language_id": 71, "source_code": "print(1)"},
        headers=few.headers(),
        environ_base={"REMOTE_ADDR": "192.0.2.1"},
    )
    assert answer.status_code == 201
    assert answer.get_json()["status"]["description"] == "In Queue"
    assert time.monotonic() - asked < 30
    for one in opened:
        one.close()


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/events/{id}", "/ws", "/admin/stream"])
def test_a_request_without_a_stream_does_not_count_towards_the_limit(
    few: AppFixture, method: str, path: str
) -> None:
    place = path.format(id=_submit(few, "admin"))
    for _ in range(5):
        few.client.open(place, method=method, headers=few.headers("admin"))
    few.client.get("/ws", headers=few.headers("admin"))
    assert few.services.open_streams.count() == 0


def test_a_stream_that_is_closed_without_reading_frees_its_place(few: AppFixture) -> None:
    _stream(few, f"/events/{_submit(few)}").close()
    assert few.services.open_streams.count() == 0


def test_a_finished_long_poll_frees_its_place(few: AppFixture) -> None:
    id = _submit(few)
    assert few.client.get(f"/status/{id}?wait=1", headers=few.headers()).status_code == 200
    assert few.services.open_streams.count() == 0


@pytest.fixture(scope="module")
def served_few(few: AppFixture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = serve(
        few,
        tmp_path_factory.mktemp("log") / "api.log",
        GAVEL_ACCOUNT_STREAMS="2",
        GAVEL_ADDRESS_STREAMS="3",
    )
    yield running
    end(running)


def _connect(served: Served) -> Any:
    key = served.app.headers()["Authorization"]
    return Client.connect(f"{served.url.replace('http', 'ws', 1)}/ws", headers={"Authorization": key})


MAX_TESTS = 100_000
"""A status with more tests is not read."""


def _eventually(try_it: Callable[[], bool], seconds: float = 40) -> None:
    ends = time.monotonic() + seconds
    while not try_it():
        assert time.monotonic() < ends
        time.sleep(0.05)


def _is_free(served: Served) -> bool:
    try:
        _connect(served).close()
    except Refused as refused:
        assert refused.status_code == 429
        return False
    return True


def test_a_websocket_beyond_the_limit_is_refused_until_a_socket_closes(
    served_few: Served,
) -> None:
    opened = [_connect(served_few) for _ in range(2)]
    assert not _is_free(served_few)
    opened[0].close()
    _eventually(lambda: _is_free(served_few))
    opened[1].close()


def test_the_place_of_a_vanished_client_is_free_after_the_next_event(served_few: Served) -> None:
    app = served_few.app
    id = _submit(app)
    for _ in range(2):
        answer = requests.get(f"{served_few.url}/events/{id}", headers=app.headers(), stream=True, timeout=60)
        next(answer.iter_content(1))
        answer.close()
    before = app.services.status_service.current(id)
    assert before is not None
    done = iter(range(1, MAX_TESTS))

    def is_free_after_an_event() -> bool:
        app.services.status_service._channel.publish([_progress(before, next(done))])
        return _is_free(served_few)

    _eventually(is_free_after_an_event)


def _progress(status: Status, tests_done: int) -> Status:
    return replace(status, stage=Stage.RUNNING, tests_done=tests_done, tests_total=MAX_TESTS)


@pytest.mark.parametrize(
    ("pool", "account", "address", "limits"),
    [
        (10_000, 250, 2000, StreamLimits(250, 2000, 8000)),
        (10_000, 100_000, 100_000, StreamLimits(2000, 4000, 8000)),
        (768, 250, 2000, StreamLimits(153, 307, 614)),
        (64, 250, 2000, StreamLimits(12, 25, 51)),
    ],
)
def test_the_limits_of_accounts_and_addresses_are_smaller_than_the_pool(
    pool: int, account: int, address: int, limits: StreamLimits
) -> None:
    assert StreamLimits.within(pool, account, address) == limits


@pytest.mark.parametrize(
    ("files", "pool"), [(20_000, 10_000), (1024, 768), (100, 64), (resource.RLIM_INFINITY, 10_000)]
)
def test_the_size_of_the_pool_follows_the_limit_on_open_files(
    monkeypatch: pytest.MonkeyPatch, files: int, pool: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (files, files))
    assert connection_pool() == pool


def test_a_stream_beyond_the_limit_of_the_process_is_refused() -> None:
    streams = OpenStreams(StreamLimits(10, 10, 15))
    opened = [streams.open(f"account-{n // 5}", f"192.0.2.{n // 5}") for n in range(15)]
    with pytest.raises(QuotaExceeded, match="the server has as many"):
        streams.open("another", "198.51.100.1")
    opened[0].close()
    opened[0].close()
    assert streams.count() == 14


def test_no_stream_is_counted_after_many_threads_opened_and_closed_streams() -> None:
    streams = OpenStreams(StreamLimits(50, 50, 50))

    def open_and_close() -> None:
        for _ in range(500):
            stream = streams.try_open("ada", "192.0.2.1")
            if stream is not None:
                stream.close()

    threads = [threading.Thread(target=open_and_close) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert streams.count() == 0
