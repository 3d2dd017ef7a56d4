"""The API as it is served: gunicorn with gevent, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.web.app_fixture import AppFixture


@dataclass(frozen=True, slots=True)
class Served:
    """A running server over an application's store and Redis."""

    url: str
    process: subprocess.Popen[bytes]
    app: AppFixture


def serve(app: AppFixture, log: Path, **variables: str) -> Served:
    """Start gunicorn over the application's data and wait until it answers."""
    port = _free_port()
    settings = app.services.settings
    env = {
        "PATH": os.environ["PATH"],
        "GAVEL_DATA": str(settings.data),
        "GAVEL_REDIS_URL": settings.redis_url,
        "GAVEL_SECRET_KEY": settings.secret_key,
        "GAVEL_WORKER_TOKEN": settings.worker_token,
        "GAVEL_MAX_UNFINISHED": "100000",
        "GAVEL_PORT": str(port),
        "GUNICORN_CMD_ARGS": "--graceful-timeout 1",  # what a test leaves open is not waited for
        **variables,
    }
    argv = [sys.executable, "-m", "gunicorn", "-c", "python:judge_api.gunicorn_conf", "judge_api.wsgi:app"]
    with log.open("wb") as out:
        process = subprocess.Popen(argv, env=env, stdout=out, stderr=out)
    served = Served(f"http://127.0.0.1:{port}", process, app)
    _wait_until_it_answers(served, log)
    return served


def end(served: Served) -> None:
    served.process.terminate()
    served.process.wait(20)


def _wait_until_it_answers(served: Served, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{served.url}/healthz", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise AssertionError(f"the API does not answer:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
