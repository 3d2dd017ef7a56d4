"""Numbers for Prometheus, read from store and Redis at the scrape: the same whichever process answers."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import timedelta

from apiflask import APIBlueprint
from flask import Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from judge_api.domain.errors import Unauthorized
from judge_api.web.admin_queues import queues_body, workers_body
from judge_api.web.services import Services, services

blueprint = APIBlueprint("metrics", __name__, enable_openapi=False)
_NEAR = ("127.0.0.1", "::1", None)
_NUMBERS = {
    "waiting": "Submissions accepted and not started",
    "unsent": "Submissions not handed to the queue yet",
    "running": "Submissions being judged",
    "oldest_ms": "Age in milliseconds of the oldest unfinished submission",
    "workers": "Live workers of the queue",
}


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """For whoever holds the token of GAVEL_METRICS_TOKEN; without one, for this host only."""
    _let_in()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_State(services()))
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


def _let_in() -> None:
    token = services().settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    allowed = hmac.compare_digest(given.encode(), token.encode()) if token else request.remote_addr in _NEAR
    if not allowed:
        raise Unauthorized("metrics are for the token of GAVEL_METRICS_TOKEN")


class _State:
    """The state of the house at this moment."""

    def __init__(self, found: Services) -> None:
        self._services = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        body = queues_body(self._services, timedelta(0))
        for name, meaning in _NUMBERS.items():
            family = GaugeMetricFamily(f"gavel_queue_{name}", meaning, labels=["queue"])
            for queue in body["queues"]:
                family.add_metric([queue["tier"]], queue[name])
            yield family
        verdicts = GaugeMetricFamily(
            "gavel_verdicts_last_hour", "Verdicts of the last hour", labels=["verdict"]
        )
        for verdict, count in body["verdicts"].items():
            verdicts.add_metric([verdict], count)
        yield verdicts
        yield GaugeMetricFamily(
            "gavel_redis_reachable", "1 while Redis answers", value=int(body["reachable"])
        )
        faults = sum(worker["faults"] for worker in workers_body(self._services))
        yield GaugeMetricFamily("gavel_worker_faults", "Faults that live workers have had", value=faults)
