"""The metrics have all that the alert rules and the dashboard use, and are correct with several processes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families

from judge_api.dispatch.report_consumer import (
    ConsumerOptions,
    ReportConsumer,
    ReportStores,
    open_report_consumer,
)
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import utc_now_ms
from judge_core.messages import ReportKind
from judge_core.model.submission import rfc3339
from judge_core.redis.keys import REPORTS_STREAM
from tests.support.records import SIGNER, finished
from tests.web.app_fixture import AppFixture
from tests.web.served import Served, end, serve

DEPLOY = Path(__file__).parents[2] / "deploy"
PROCESSES = 2


@pytest.fixture(scope="module")
def served(app: AppFixture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application in several processes. The first test that uses it counts its requests."""
    log = tmp_path_factory.mktemp("log") / "api.log"
    running = serve(app, log, GAVEL_WEB_PROCESSES=str(PROCESSES))
    yield running
    end(running)


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Every number by its name and the values of its labels, in the order of the labels."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = dict(sample.labels)
            found[(sample.name, *(labels[key] for key in sorted(labels)))] = sample.value
    return found


def judge_one(app: AppFixture) -> None:
    """Send a worker's report of a submission that waited for about 0 s and was judged for 40 ms."""
    id = app.submit("grace").json["id"]
    report = finished(id, started_at=rfc3339(utc_now_ms()))
    report.timings.update({"judged_ms": 40.0, "sandbox_overhead_ms": 3.0})
    fields: dict[Any, Any] = {"submission": id, "attempt": "1", "report": report.dump()}
    app.redis.client().xadd(REPORTS_STREAM, fields)


def _consumer(app: AppFixture, name: str) -> ReportConsumer:
    stores = ReportStores(VerdictStore(app.services.engine), app.services.attempts)
    options = ConsumerOptions(name, block=0.1, accepts_unproven=True)
    return open_report_consumer(stores, app.redis.url, options, SIGNER)


def test_reports_are_counted_once_by_several_consumers(own_app: AppFixture) -> None:
    consumers = [_consumer(own_app, name) for name in "ab"]
    for _ in range(4):
        judge_one(own_app)
    own_app.redis.client().xadd(REPORTS_STREAM, {"report": "not a report"})
    for consumer in consumers * 3:
        consumer.consume_once()
    found = samples(own_app.client.get("/metrics").text)
    assert found["gavel_verdicts_total", "premium", "AC"] == 4
    assert found["gavel_attempts_total", ReportKind.FINISHED.value] == 4
    assert found["gavel_judging_seconds_count", "premium"] == 4
    assert found["gavel_judging_seconds_bucket", "0.05", "premium"] == 4
    assert found["gavel_judging_seconds_bucket", "0.025", "premium"] == 0
    assert found["gavel_judging_seconds_sum", "premium"] == pytest.approx(0.16)
    assert found["gavel_sandbox_overhead_seconds_bucket", "0.005", "premium"] == 4
    assert found["gavel_wait_seconds_count", "premium"] == 4
    assert found["gavel_wait_seconds_count", "normal"] == 0
    assert found["gavel_leases", "premium"] == 0


def test_http_requests_are_counted_over_all_processes(served: Served) -> None:
    def ask(_number: int) -> int:
        # Each call opens a new connection, so that several processes answer.
        return requests.get(f"{served.url}/languages", timeout=60).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(ask, range(60))) == {200}
    tellings = [samples(requests.get(f"{served.url}/metrics", timeout=60).text) for _ in range(2 * PROCESSES)]
    counted = {found["gavel_http_request_seconds_count", "GET", "/languages", "200"] for found in tellings}
    assert counted == {60}
    requests.get(f"{served.url}/status/{'0' * 36}", timeout=60)
    requests.get(f"{served.url}/nowhere/{'0' * 36}", timeout=60)
    found = samples(requests.get(f"{served.url}/metrics", timeout=60).text)
    assert found["gavel_http_request_seconds_count", "GET", "/status/<id>", "401"] == 1
    assert not any("nowhere" in word for name in found for word in name)


def test_requests_are_answered_after_the_folder_of_the_counts_was_removed(served: Served) -> None:
    [folder] = Path("/tmp").glob(f"gavel-counts-{served.process.pid}-*")
    shutil.rmtree(folder)
    for path in ("languages", "problems", "healthz", "metrics", "metrics"):
        with requests.Session() as client:  # a new connection may reach another process
            assert client.get(f"{served.url}/{path}", timeout=60).status_code in (200, 401)


def test_polls_that_the_fast_path_answers_are_counted(own_app: AppFixture) -> None:
    id = own_app.submit("grace").json["id"]
    for _ in range(4):
        answer = own_app.client.get(f"/status/{id}", headers=own_app.headers("grace"))
        assert answer.status_code == 200
    found = samples(own_app.client.get("/metrics").text)
    assert found["gavel_http_request_seconds_count", "GET", "/status/<id>", "200"] == 4
    assert found["gavel_http_request_seconds_bucket", "+Inf", "GET", "/status/<id>", "200"] == 4
    assert 0 < found["gavel_http_request_seconds_sum", "GET", "/status/<id>", "200"] < 4 * 30


def test_alert_rules_and_dashboard_use_only_exported_metrics(own_app: AppFixture) -> None:
    judge_one(own_app)
    consumer = _consumer(own_app, "a")
    while not consumer.consume_once():
        pass  # the first call only makes the consumer group
    own_app.client.get("/metrics")  # so that one request has been counted
    text = own_app.client.get("/metrics").text
    families = list(text_string_to_metric_families(text))
    exported = {sample.name for family in families for sample in family.samples}
    exported |= {family.name for family in families}  # some families have no sample now
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
    dashboard = json.loads((DEPLOY / "grafana" / "dashboards" / "gavel.json").read_text())
    asked = [rule["expr"] for rule in rules]
    asked += [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    names = {name for expression in asked for name in re.findall(r"gavel_\w+", expression)}
    assert names - exported == set()
