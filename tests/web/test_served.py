"""A served API answers its open requests before it ends. The helper that serves it for tests leaves no server
behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from judge_api.store.verdicts import VerdictStore
from tests.network.waiting import until
from tests.support.records import finished
from tests.web import served
from tests.web.app_fixture import AppFixture


def test_the_test_helper_ends_a_server_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(_argv: list[str], **_named: Any) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]))
        return started[0]

    settings = SimpleNamespace(
        data=tmp_path, redis_url="redis://nowhere", secret_key="s" * 40, worker_token="t"
    )
    app: Any = SimpleNamespace(services=SimpleNamespace(settings=settings))
    stand_in = SimpleNamespace(Popen=start, TimeoutExpired=subprocess.TimeoutExpired)
    monkeypatch.setattr(served, "subprocess", stand_in)
    monkeypatch.setattr(served, "ANSWERS_WITHIN", 0.1)
    with pytest.raises(AssertionError, match="does not answer"):
        served.serve(app, tmp_path / "log")
    assert started[0].poll() is not None


def test_an_api_that_gets_sigterm_answers_the_open_request_and_ends(app: AppFixture, tmp_path: Path) -> None:
    graceful = "--graceful-timeout 60 --timeout 300"
    running = served.serve(app, tmp_path / "log", GUNICORN_CMD_ARGS=graceful, GAVEL_WEB_PROCESSES="1")
    try:
        id = app.submit().get_json()["id"]
        port = int(running.url.rpartition(":")[2])
        with ThreadPoolExecutor() as threads, socket.create_connection(("127.0.0.1", port)) as before:
            asked = f"GET /status/{id}?wait=30&until=final HTTP/1.1\r\nHost: localhost\r\n"
            asked += "".join(f"{name}: {value}\r\n" for name, value in app.headers().items())
            before.sendall(f"{asked}Connection: close\r\n\r\n".encode())
            # The server's only process reads its connections in order. So when it has answered the request to
            # /healthz, it has also read the request to /status.
            assert requests.get(f"{running.url}/healthz", timeout=60).ok
            running.process.send_signal(signal.SIGTERM)
            until(lambda: _is_refused(port), "the server takes no further connection", 60)
            answer = threads.submit(_read_all, before)
            status = VerdictStore(app.services.engine).record(finished(id))
            assert status is not None
            app.services.status_service._channel.publish([status])
            text = answer.result(60)
        assert text.startswith("HTTP/1.1 200 ") and '"verdict":"AC"' in text
        assert running.process.wait(60) == 0
    finally:
        served.end(running)


def _is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def _read_all(connection: socket.socket) -> str:
    connection.settimeout(60)
    received = b"".join(iter(lambda: connection.recv(65536), b""))
    return received.decode()
