"""A real server sends status updates by SSE and WebSocket, also to late clients, and of several
submissions at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from simple_websocket import Client, ConnectionClosed
from simple_websocket import ConnectionError as Refused
from werkzeug.serving import make_server

from judge_api.store.verdicts import VerdictStore
from judge_core.model.account import Role, Tier
from tests.support.records import finished
from tests.web.app_fixture import AppFixture
from tests.web.served import Served


def _submit(app: AppFixture, name: str = "ada") -> str:
    id: str = app.submit(name).get_json()["id"]
    return id


def _finish(app: AppFixture, id: str) -> None:
    assert VerdictStore(app.services.engine).record(finished(id)) is not None
    app.services.status_service.publish_change(id)


def _events(answer: requests.Response) -> Iterator[dict[str, str]]:
    event: dict[str, str] = {}
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        name, _, value = line.partition(": ")
        if line and name:
            event[name] = value
        elif not line and "data" in event:
            yield event
            event = {}


def _stream(served: Served, id: str, **headers: str) -> requests.Response:
    known = {**served.app.headers(), **headers}
    return requests.get(f"{served.url}/events/{id}", headers=known, stream=True, timeout=60)


def test_a_stream_sends_the_status_and_its_change_and_then_ends(served: Served) -> None:
    id = _submit(served.app)
    with _stream(served, id) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        events = _events(answer)
        first = json.loads(next(events)["data"])
        _finish(served.app, id)
        last = json.loads(next(events)["data"])
        assert list(events) == []
    assert (first["stage"], last["stage"], last["verdict"]) == ("QUEUED", "DONE", "AC")


def test_a_late_stream_sends_the_final_status_and_a_resumed_stream_sends_nothing(served: Served) -> None:
    id = _submit(served.app)
    _finish(served.app, id)
    with _stream(served, id) as answer:
        (only,) = _events(answer)
    assert json.loads(only["data"])["stage"] == "DONE"
    with _stream(served, id, **{"Last-Event-ID": only["id"]}) as again:
        assert again.status_code == 204


def test_an_account_cannot_follow_a_submission_of_another_account(served: Served) -> None:
    id = _submit(served.app, "bob")
    assert _stream(served, id).status_code == 404


@pytest.fixture
def socket(served: Served) -> Iterator[Any]:
    client = Client.connect(
        f"{served.url.replace('http', 'ws', 1)}/ws",
        headers={"Authorization": served.app.headers()["Authorization"]},
    )
    yield client
    client.close()


def _receive(socket: Any) -> dict[str, Any]:
    text = socket.receive(timeout=60)
    assert text is not None
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_websocket_can_watch_several_submissions(served: Served, socket: Any) -> None:
    ids = [_submit(served.app) for _ in range(5)]
    for id in ids:
        socket.send(json.dumps({"watch": id}))
    assert {_receive(socket)["id"] for _ in ids} == set(ids)
    for id in ids:
        _finish(served.app, id)
    last = [_receive(socket) for _ in ids]
    assert {(one["id"], one["verdict"]) for one in last} == {(id, "AC") for id in ids}


def test_a_websocket_answers_wrong_messages_with_an_error_and_stays_open(served: Served, socket: Any) -> None:
    theirs = _submit(served.app, "bob")
    for text in ("[]", "{", '{"watch": 5}'):
        socket.send(text)
        assert _receive(socket)["type"] == "/errors/invalid"
    for id in ("\ud800", "a\x00b", "é", "x" * 65):
        socket.send(json.dumps({"watch": id}))
        message = _receive(socket)
        assert (message["type"], message["watch"]) == ("/errors/invalid", None)
        assert message["detail"].startswith("watch: ")
    socket.send(json.dumps({"watch": theirs}))
    assert _receive(socket)["type"] == "/errors/not-found"
    mine = _submit(served.app)
    socket.send(json.dumps({"watch": mine}))
    assert _receive(socket)["id"] == mine


def test_a_websocket_without_a_key_is_refused(served: Served) -> None:
    with pytest.raises(Refused):
        Client.connect(f"{served.url.replace('http', 'ws', 1)}/ws")


@pytest.mark.parametrize("path", ["/events/{id}", "/admin/stream"])
def test_a_stream_ends_after_its_key_was_revoked(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("judge_api.http.auth.RECHECK_SECONDS", 0.0)
    monkeypatch.setattr("judge_api.views.status_stream.HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr("judge_api.views.admin.STREAM_SECONDS", 0.01)
    admin = app.accounts["admin"].account
    key_id, secret = app.services.accounts.issue_key(admin.id, "short-lived")
    headers = {"Authorization": f"Bearer {secret}"}
    stream = app.client.get(path.format(id=_submit(app)), headers=headers, buffered=False)
    lines = stream.iter_encoded()
    assert b"event:" in next(lines) + next(lines)
    app.services.accounts.revoke_key(admin.id, key_id)
    app.services.auth_cache.clear()
    assert len(list(lines)) <= 1


@pytest.fixture
def impatient(app: AppFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The application behind a server that verifies the credentials of open sockets all the time."""
    monkeypatch.setattr("judge_api.http.auth.RECHECK_SECONDS", 0.0)
    monkeypatch.setattr("judge_api.views.websocket.HEARTBEAT_SECONDS", 0.05)
    server = make_server("127.0.0.1", 0, app.flask, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"ws://127.0.0.1:{server.server_port}/ws"
    server.shutdown()
    thread.join()


@pytest.mark.parametrize("how", ["key revoked", "role changed", "account disabled"])
def test_a_websocket_ends_after_its_credentials_became_invalid(
    app: AppFixture, impatient: str, how: str
) -> None:
    accounts = app.services.accounts
    account = accounts.add(f"leaving-{how.replace(' ', '-')}", Tier.NORMAL, Role.AUTHOR)
    key_id, secret = accounts.issue_key(account.id, "short-lived")
    socket = Client.connect(impatient, headers={"Authorization": f"Bearer {secret}"})
    socket.send('{"watch": "0199"}')
    assert _receive(socket)["type"] == "/errors/not-found"
    if how == "key revoked":
        accounts.revoke_key(account.id, key_id)
    elif how == "role changed":
        accounts.set_role(account.id, Role.USER)
    else:
        accounts.set_disabled(account.id, True)
    app.services.auth_cache.clear()
    with pytest.raises(ConnectionClosed):
        socket.receive(timeout=60)
        raise AssertionError("the socket is still open")
