"""``/metrics`` for Prometheus: queues and workers, the counters of all processes, and HTTP requests."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from judge_api.container import Services, services
from judge_api.dispatch.metrics import BOUNDS
from judge_api.views.admin_queues import queues_body, workers_body
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable, Unauthorized
from judge_core.model.worker import WorkerState
from judge_core.redis.unreadable_entries import COUNTER, EntrySource

blueprint = APIBlueprint("metrics", __name__, enable_openapi=False)
Family = GaugeMetricFamily | CounterMetricFamily | HistogramMetricFamily
_THIS_HOST = ("127.0.0.1", "::1", None)
_QUEUE_GAUGES = {
    "waiting": "Submissions accepted and not started",
    "unsent": "Submissions not handed to the queue yet",
    "running": "Submissions being judged",
    "oldest_ms": "Age in milliseconds of the oldest unfinished submission",
    "failed": "Submissions of the last hour that could not be judged",
    "workers": "Live workers of the queue",
    "paused": "1 while operators have paused the queue",
}
_HISTOGRAMS = {
    "wait": ("gavel_wait_seconds", "Time from accepted to started, for first attempts"),
    "judging": ("gavel_judging_seconds", "Time that a worker needed for a judgement"),
    "overhead": ("gavel_sandbox_overhead_seconds", "Time of a judgement outside of the program's runs"),
}


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """The metrics. They need the token of GAVEL_METRICS_TOKEN; without one, only this host may read them."""
    _require_metrics_token()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(PrometheusCollector(services()))
    text = generate_latest(registry) + services().http_counters.render()
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def _require_metrics_token() -> None:
    token = services().settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    allowed = (
        hmac.compare_digest(given.encode(), token.encode()) if token else request.remote_addr in _THIS_HOST
    )
    if not allowed:
        raise Unauthorized("metrics need the token of GAVEL_METRICS_TOKEN in the header Authorization")


class PrometheusCollector:
    """Reads database and Redis at each scrape, so every process of the API returns the same numbers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Family]:
        body = queues_body(self._services, timedelta(0))
        for name, meaning in _QUEUE_GAUGES.items():
            family = GaugeMetricFamily(f"gavel_queue_{name}", meaning, labels=["queue"])
            for queue in body["queues"]:
                family.add_metric([queue["tier"]], queue[name])
            yield family
        yield _unserved(body["unserved"])
        verdicts = GaugeMetricFamily(
            "gavel_verdicts_last_hour", "Verdicts of the last hour", labels=["verdict"]
        )
        for verdict, count in body["verdicts"].items():
            verdicts.add_metric([verdict], count)
        yield verdicts
        yield GaugeMetricFamily(
            "gavel_redis_reachable", "1 while Redis answers", value=int(body["reachable"])
        )
        yield self._outbox_age()
        yield from self._workers()
        yield from self._shared_counters()

    def _outbox_age(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "gavel_outbox_oldest_seconds", "Age of the oldest row that waits for the queue", labels=["queue"]
        )
        now = datetime.now(UTC)
        for tier, since in self._services.queue_stats.read().unsent_since.items():
            family.add_metric([tier.value], max(0.0, (now - since).total_seconds()) if since else 0.0)
        return family

    def _workers(self) -> Iterator[GaugeMetricFamily]:
        workers = workers_body(self._services) or []
        states = GaugeMetricFamily("gavel_workers", "Workers by state", labels=["queue", "state"])
        leases = GaugeMetricFamily("gavel_leases", "Submissions that workers hold", labels=["queue"])
        for tier in self._services.settings.tiers:
            mine = [worker for worker in workers if worker["queue"] == tier]
            for state in WorkerState:
                states.add_metric([tier.value, state.value], sum(worker["state"] is state for worker in mine))
            held = [
                worker for worker in mine if worker["submission"] and worker["state"] is not WorkerState.LOST
            ]
            leases.add_metric([tier.value], len(held))
        faults = sum(worker["faults"] for worker in workers)
        yield states
        yield leases
        help_text = "Faults that live and silent workers have had"
        yield GaugeMetricFamily("gavel_worker_faults", help_text, value=faults)

    def _shared_counters(self) -> Iterator[Family]:
        try:
            counts = self._services.counters.read()
        except QueueUnavailable:
            return
        for name, public in _HISTOGRAMS.items():
            yield _histogram(counts, name, public, self._services.settings.tiers)
        yield _counter(counts, "verdicts", "Verdicts recorded", ("queue", "verdict"))
        yield _counter(counts, "attempts", "Attempts by how they ended", ("ending",))
        meaning = (
            "Entries of Redis, and rows of the database, that were set aside: they could not be read, or "
            "their sender may not write them"
        )
        none = {f"{COUNTER}|{source.value}": 0 for source in EntrySource}
        yield _counter({**none, **counts}, COUNTER, meaning, ("source",))


def _unserved(languages: Sequence[Mapping[str, Any]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "gavel_unserved_submissions",
        "Submissions that wait for a worker with their language, while no live worker of the queue has it",
        labels=["queue", "language"],
    )
    for each in languages:
        family.add_metric([each["tier"], each["language"]], each["waiting"])
    return family


def _histogram(
    counts: Mapping[str, int], name: str, public: tuple[str, str], tiers: Iterable[Tier]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(*public, labels=["queue"])
    for tier in tiers:
        total, buckets = 0, []
        for bound in (*map(str, BOUNDS), "+Inf"):
            total += counts.get(f"{name}|{tier.value}|{bound}", 0)
            buckets.append((bound, float(total)))
        family.add_metric([tier.value], buckets, counts.get(f"{name}|{tier.value}|sum", 0) / 1000)
    return family


def _counter(
    counts: Mapping[str, int], name: str, meaning: str, labels: tuple[str, ...]
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"gavel_{name}", meaning, labels=labels)
    for field, count in counts.items():
        kind, *values = field.split("|")
        if kind == name and len(values) == len(labels):
            family.add_metric(values, count)
    return family
