"""A program can follow a submission by its id through the logs of all processes, which are JSON lines."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import requests

from judge_api.store.submissions import SubmissionStore
from tests.network.waiting import running, until
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import SUM, WORKER_TOKEN, build_app
from tests.web.served import Served, end, serve

SLOT = 72


def lines(log: Path, submission: str) -> list[dict[str, Any]]:
    """The lines of a process's log that are about the submission. Every line of the log must be one JSON
    object."""
    found = [json.loads(line) for line in log.read_text().splitlines()]
    return [line for line in found if line.get("submission") == submission]


@pytest.mark.timeout(240)
def test_the_logs_of_all_processes_name_a_submission_by_its_id(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    app = build_app(tmp_path / "data", redis_server)
    store = SubmissionStore(app.services.engine)
    served = serve(app, tmp_path / "api.log", GAVEL_LOG_FORMAT="json", GAVEL_ENQUEUE_BUDGET_MS="150")
    everybody = {"PATH": os.environ["PATH"], "GAVEL_REDIS_URL": redis_server.url, "GAVEL_LOG_FORMAT": "json"}
    everybody |= {"GAVEL_WORKER_TOKEN": WORKER_TOKEN, "GAVEL_LANGUAGES": "python3"}
    server = everybody | {"GAVEL_DATA": str(tmp_path / "data"), "GAVEL_SECRET_KEY": "s" * 32}
    worker = everybody | {"GAVEL_SERVER_URL": served.url, "GAVEL_CACHE": str(tmp_path / "cache")}
    worker |= {"GAVEL_SLOT": str(SLOT), "GAVEL_WORKER_NAME": "w"}
    try:
        redis_server.hang()  # so that the dispatcher sends the submission, and not the API
        sent = submit(served, "secret words of the author")
        redis_server.wake()
        with (
            running(tmp_path / "dispatcher.log", ["judge_api.dispatcher"], server),
            running(tmp_path / "worker.log", ["workers", "--queue", "normal"], worker),
        ):
            until(lambda: store.status(sent).outcome is not None, "the verdict", 180)  # type: ignore[union-attr]
            until(lambda: len(lines(tmp_path / "dispatcher.log", sent)) >= 2, "the recorder's line", 20)
    finally:
        end(served)
        app.services.status_subscriptions.close()
        app.services.engine.dispose()
    logged = {name: lines(tmp_path / f"{name}.log", sent) for name in ("api", "dispatcher", "worker")}
    assert {line["attempt"] for name in logged for line in logged[name] if "attempt" in line} == {1}
    assert logged["api"][0]["sentence"] == "Accepted"
    assert all(line["request"] for line in logged["api"])
    assert [line["sentence"] for line in logged["dispatcher"]] == [
        "Sent to the queue from the outbox",
        "Verdict recorded",
    ]
    assert logged["dispatcher"][-1]["verdict"] == "AC"
    assert [line["sentence"] for line in logged["worker"]] == ["Reported"]
    assert logged["worker"][0]["judged_ms"] > 0
    assert {line["process"] for name in logged for line in logged[name]} == {"api", "dispatcher", "w"}
    logs = "".join((tmp_path / f"{name}.log").read_text() for name in logged)
    assert "secret words of the author" not in logs


def submit(served: Served, words: str) -> str:
    body = {"problem": "aplusb", "language": "python3", "source": f"{SUM}  # {words}"}
    headers = served.app.headers("ada")
    answer = requests.post(f"{served.url}/submissions", json=body, headers=headers, timeout=20)
    assert answer.status_code == 202
    return str(answer.json()["id"])
