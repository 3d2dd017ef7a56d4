"""Serves the API as in production, by gunicorn with gevent in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.web.app_fixture import PATIENT, AppFixture

ANSWERS_WITHIN = 300.0
"""Each process of the server imports the application. That takes 3 s of CPU time, or a minute at load 30."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running server over an application's store and Redis."""

    url: str
    process: subprocess.Popen[bytes]
    app: AppFixture


def serve(app: AppFixture, log: Path, **variables: str) -> Served:
    """Start gunicorn over the application's data, and wait until it answers. Its socket is opened before, so
    that no other process can take the port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    port: int = listener.getsockname()[1]
    settings = app.services.settings
    env = {
        "PATH": os.environ["PATH"],
        "GAVEL_DATA": str(settings.data),
        "GAVEL_REDIS_URL": settings.redis_url,
        "GAVEL_SECRET_KEY": settings.secret_key,
        "GAVEL_WORKER_TOKEN": settings.worker_token,
        "GAVEL_MAX_UNFINISHED": "100000",
        "GAVEL_PORT": str(port),
        # gunicorn waits a second at most for connections that a test leaves open, and kills no process that
        # starts slowly.
        "GUNICORN_CMD_ARGS": f"--graceful-timeout 1 --timeout {ANSWERS_WITHIN:.0f}",
        **PATIENT,
        **variables,
    }
    argv = [sys.executable, "-m", "gunicorn", "-c", "python:judge_api.gunicorn_conf"]
    argv += ["--no-control-socket", "--bind", f"fd://{listener.fileno()}", "judge_api.wsgi:app"]
    with log.open("wb") as out, listener:
        process = subprocess.Popen(argv, env=env, stdout=out, stderr=out, pass_fds=(listener.fileno(),))
    served = Served(f"http://127.0.0.1:{port}", process, app)
    try:
        _wait_until_it_answers(served, log)
    except BaseException:
        end(served)
        raise
    return served


def end(served: Served) -> None:
    """End the server at once, by SIGQUIT. After a SIGTERM the server would wait a second for open
    connections."""
    served.process.send_signal(signal.SIGQUIT)
    try:
        served.process.wait(60)
    except subprocess.TimeoutExpired:
        served.process.kill()
        served.process.wait()


def _wait_until_it_answers(served: Served, log: Path) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN
    while time.monotonic() < deadline and served.process.poll() is None:
        try:
            if requests.get(f"{served.url}/healthz", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise AssertionError(f"the API does not answer:\n{log.read_text()[-2000:]}")
