"""The helper that serves the API for tests leaves no server behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.web import served


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
