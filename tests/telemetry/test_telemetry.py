"""The trace of a client goes through API, queue and worker to the verdict, and is exported to an OTLP
collector."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from judge_api.container import KEY
from judge_api.settings import Settings
from judge_api.wsgi import build
from judge_core.messages import JudgeRequest, Report
from judge_core.model.account import Role, Tier
from judge_core.telemetry import ENDPOINT, SpanTimes, TelemetryMissing, open_telemetry
from judge_core.tracing import read_traceparent, trace_id, within_trace
from tests.support.records import finished
from tests.support.redis_server import RedisServer
from tests.telemetry.otlp_receiver import otlp_receiver
from workers.attempt_trace import AttemptTrace

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
_PROCESSES = "judge_api.wsgi, judge_api.dispatcher, workers.__main__"
_NOTHING = f"""
import sys
sys.modules["opentelemetry"] = None  # redis-py looks for it by itself, and goes on without it
import {_PROCESSES}
from judge_core.telemetry import open_telemetry
assert open_telemetry("gavel-api", {{}}) is None
print(sorted(name for name in sys.modules if name.startswith(("opentelemetry.", "judge_core.otel"))))
"""


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (TRACEPARENT, TRACEPARENT),
        (None, None),
        ("", None),
        (TRACEPARENT.upper(), None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", None),
        (f"{TRACEPARENT}-more", None),
        (f"{TRACEPARENT}\n", None),
    ],
)
def test_a_traceparent_that_w3c_does_not_define_is_ignored(header: str | None, found: str | None) -> None:
    assert read_traceparent(header) == found


def test_without_an_endpoint_opentelemetry_is_not_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _NOTHING], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_the_error_for_a_missing_opentelemetry_sdk_says_how_to_install_the_sdk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "judge_core.otel", raising=False)
    with pytest.raises(TelemetryMissing, match=r"pip install 'gavel-judge\[otel\]'"):
        open_telemetry("gavel-api", {ENDPOINT: "http://127.0.0.1:4318"})


@pytest.mark.parametrize("version", ["OTEL_SDK_DISABLED", "empty"])
def test_the_variables_of_opentelemetry_switch_telemetry_off(version: str) -> None:
    env = {ENDPOINT: "http://127.0.0.1:4318", version: "true"} if version != "empty" else {ENDPOINT: ""}
    assert open_telemetry("gavel-api", env) is None


def _request(traceparent: str | None) -> JudgeRequest:
    id = "00000000-0000-7000-8000-000000000000"
    return JudgeRequest(id, 1, Tier.NORMAL, "python3", "pass", traceparent=traceparent)


def test_a_request_and_its_report_keep_the_trace_or_have_no_trace_field() -> None:
    assert "traceparent" not in _request(None).dump()
    assert JudgeRequest.load(_request(TRACEPARENT).dump()).traceparent == TRACEPARENT
    trace = AttemptTrace.begin(_request(TRACEPARENT), datetime.now(UTC), None)
    report = trace.end(finished(_request(None).submission))
    assert report is not None
    assert Report.load(report.dump()).traceparent == TRACEPARENT
    assert "traceparent" not in finished(_request(None).submission).dump()


def test_a_submission_keeps_the_trace_of_its_request(tmp_path: Path, redis_server: RedisServer) -> None:
    app = build(Settings.from_env({"GAVEL_DATA": str(tmp_path), "GAVEL_REDIS_URL": redis_server.url}))
    services = app.extensions[KEY]
    account = services.accounts.add("ada", Tier.NORMAL, Role.USER)
    key = {"Authorization": f"Bearer {services.accounts.issue_key(account.id, 'test')[1]}"}
    run = {"language": "python3", "source": "pass"}
    client = app.test_client()
    shown = []
    for header in ({"traceparent": TRACEPARENT}, {"traceparent": "odd"}, {}):
        id = client.post("/runs", json=run, headers={**key, **header}).get_json()["id"]
        shown.append(client.get(f"/submissions/{id}", headers=key).get_json()["traceparent"])
    assert shown == [TRACEPARENT, None, None]
    services.status_subscriptions.close()
    services.engine.dispose()


def test_the_spans_of_a_request_and_its_judgement_arrive_at_the_collector_as_a_single_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with otlp_receiver() as receiver:
        monkeypatch.setenv(ENDPOINT, receiver.url)
        telemetry = open_telemetry("gavel-worker", {ENDPOINT: receiver.url})
        assert telemetry is not None
        api = telemetry.begin("POST request", TRACEPARENT, server=True)
        with within_trace(api.traceparent):
            request = _request(api.traceparent)
        api.end({"http.response.status_code": 202}, name="POST /submissions")
        attempt = AttemptTrace.begin(request, datetime.now(UTC), telemetry)
        timings = {"waited_ms": 5.0, "judged_ms": 7.0}
        report = attempt.end(finished(request.submission, timings=timings))
        assert report is not None
        now = datetime.now(UTC)
        times = SpanTimes(now - timedelta(milliseconds=3), now)
        telemetry.record("record verdict", report.traceparent, times, {"gavel.verdict": "AC"})
        telemetry.close()
        spans = receiver.trace(TRACE)
    assert trace_id(report.traceparent) == TRACE
    assert set(spans) == {"POST /submissions", "judge", "record verdict"}
    assert spans["POST /submissions"].parent == TRACEPARENT.split("-")[2]
    assert spans["judge"].parent == spans["POST /submissions"].id
    assert spans["record verdict"].parent == spans["judge"].id
    assert spans["judge"].attributes["gavel.ending"] == "AC"
    assert {"gavel.attempts", "gavel.queue.wait", "gavel.judge.duration"} <= receiver.metrics
