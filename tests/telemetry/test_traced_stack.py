"""A whole stack exports to a collector one trace from the client's request to the verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from gavel_client import Gavel
from tests.acceptance.app_fixture import RunningStack, clean_environment, wait_until
from tests.telemetry.otlp_receiver import OtlpReceiver, otlp_receiver
from tests.telemetry.test_telemetry import TRACE, TRACEPARENT

pytestmark = pytest.mark.telemetry
SUM = "print(sum(map(int, input().split())))"
SPANS = {"POST /submissions", "queue", "judge", "record verdict"}


def test_a_submission_is_one_trace_from_the_request_to_the_verdict(tmp_path: Path) -> None:
    with otlp_receiver() as receiver:
        exporting = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "OTEL_METRIC_EXPORT_INTERVAL": "500",
        }
        stack = RunningStack(tmp_path / "data", clean_environment(**exporting))
        stack.start()
        try:
            key = stack.credentials.accounts["normal"].key
            headers = {"Authorization": f"Bearer {key}", "traceparent": TRACEPARENT}
            body = {"problem": "aplusb", "language": "python3", "source": SUM}
            url = f"{stack.credentials.url}/submissions"
            id = requests.post(url, json=body, headers=headers, timeout=30).json()["id"]
            with Gavel(stack.credentials.url, key) as gavel:
                assert gavel.wait(id, 60).verdict == "AC"
                carried = gavel.submission(id)["traceparent"]
            _wait(stack, receiver, lambda: set(receiver.trace(TRACE)) >= SPANS)
            _wait(stack, receiver, lambda: "http.server.request.duration" in receiver.metrics)
        finally:
            assert stack.stop() == 0, stack.printed
        spans = receiver.trace(TRACE)
    assert carried.split("-")[1] == TRACE
    assert {spans[name].service for name in SPANS} == {"gavel-api", "gavel-worker", "gavel-dispatcher"}
    assert spans["judge"].parent == spans["POST /submissions"].id
    assert spans["record verdict"].parent == spans["judge"].id
    assert spans["judge"].attributes["gavel.submission"] == id


def _wait(stack: RunningStack, receiver: OtlpReceiver, condition: Callable[[], bool]) -> None:
    try:
        wait_until(condition, "spans and metrics at the collector")
    except AssertionError as error:
        came = f"spans {sorted(receiver.trace(TRACE))}, metrics {sorted(receiver.metrics)}"
        raise AssertionError(f"{error}: {came}; the stack printed {stack.printed[-2000:]}") from error
