"""The JSON of queues and workers for operators. The routes of ``admin`` and ``/metrics`` use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from judge_api.container import Services
from judge_api.services.installation_record import ACT, START_ACT
from judge_api.services.queue_stats_cache import QueueStats
from judge_api.services.speed_warnings import speed_warnings
from judge_api.store.queue_samples import NO_SUBMISSIONS
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.queue_sample import QueueSample
from judge_core.model.routing import Routes
from judge_core.model.submission import rfc3339
from judge_core.model.worker import WorkerRecord
from judge_core.redis.unreadable_entries import NO_UNREADABLE_ENTRIES, UnreadableEntriesSummary

_MARKED_ACTS = (ACT, START_ACT, "queue.pause", "queue.resume", "worker.drain", "maintenance")
MOST_POINTS = 360
"""The largest number of points in a chart. If there are more samples, only some of them are returned."""


def queues_body(services: Services, back: timedelta) -> dict[str, Any]:
    """The queues now, the verdicts of the last hour, and the samples of as many hours as requested."""
    now = datetime.now(UTC)
    workers, paused, reachable = _read_redis(services)
    stats = services.queue_stats.read()
    lent = _lent(services, workers)
    queues = [
        _queue(tier, stats, workers)
        | {"failed": stats.failed.get(tier, 0), "paused": tier in paused, "lent": lent[tier]}
        for tier in services.settings.tiers
    ]
    health = services.queue_health.observe(reachable, sum(queue["unsent"] for queue in queues))
    return {
        "queues": queues,
        "reachable": reachable,
        "queue_health": health.to_json(),
        "storage": services.disk_space.to_json(),
        "set_aside": _set_aside(services, reachable).to_json(),
        "warnings": [
            *services.backend_check.warnings(),
            *services.tier_check.warnings(),
            *services.tier_check.worker_warnings(workers),
            *speed_warnings(workers),
        ],
        "work_conserving": bool(services.settings.tiers.helpers),
        "unserved": _unserved(services, stats),
        "pools": _pools(workers),
        "verdicts": dict(stats.verdicts),
        "markers": _markers(services, now - back) if back else [],
        "samples": samples_body(services.queue_samples.chart(now - back, _step(back))) if back else [],
    }


def _markers(services: Services, since: datetime) -> list[dict[str, Any]]:
    """Starts, new releases and acts such as pauses since this time, oldest first, for the charts."""
    return [
        {
            "at": rfc3339(entry.at),
            "act": entry.act,
            "subject": entry.subject,
            "by": entry.account,
            "release": (entry.detail or {}).get("release"),
            "before": (entry.detail or {}).get("before"),
        }
        for entry in services.audit.since(since, _MARKED_ACTS)
    ]


def _step(back: timedelta) -> int:
    return max(1, ceil(back.total_seconds() / MOST_POINTS))


def samples_body(samples: Iterable[QueueSample]) -> list[dict[str, Any]]:
    """Samples of the queues, oldest first."""
    return [_sample(sample) for sample in samples]


def _sample(sample: QueueSample) -> dict[str, Any]:
    return {
        "at": rfc3339(sample.at),
        "tier": sample.tier.value,
        "waiting": sample.waiting,
        "oldest_ms": sample.oldest_ms,
        "running": sample.running,
        "workers": sample.workers,
        "judged": sample.judged,
        "wait_p50_ms": sample.wait_p50_ms,
        "wait_p99_ms": sample.wait_p99_ms,
    }


def workers_body(services: Services) -> list[dict[str, Any]] | None:
    """The live workers, then those whose heartbeat has stopped. ``None`` while Redis is unreachable."""
    try:
        live = services.worker_registry.with_drains(services.worker_cache.workers())
        found = (*live, *services.worker_registry.silent_workers())
        return [asdict(worker) for worker in found]
    except QueueUnavailable:
        return None


def _read_redis(services: Services) -> tuple[tuple[WorkerRecord, ...], set[Tier], bool]:
    try:
        workers = services.worker_cache.workers()
        return (
            workers,
            {tier for tier in services.settings.tiers if services.worker_cache.is_paused(tier)},
            True,
        )
    except QueueUnavailable:
        return (), set(), False


def _lent(services: Services, workers: Iterable[WorkerRecord]) -> Counter[Tier]:
    """The number of workers of each tier that judge a submission of another tier now."""
    busy = {worker.submission: worker.queue for worker in workers if worker.submission is not None}
    if not services.settings.tiers.helpers or not busy:
        return Counter()
    statuses = services.submissions.statuses(busy)
    return Counter(queue for id, queue in busy.items() if id in statuses and statuses[id].queue != queue)


def _unserved(services: Services, stats: QueueStats) -> list[dict[str, Any]]:
    """The languages that no live worker of a tier has, and how many submissions wait for one."""
    return [
        {**outage.to_json(), "tier": outage.tier.value, "waiting": waiting}
        for outage, waiting in services.language_outages.all(stats.held)
    ]


def _pools(workers: Iterable[WorkerRecord]) -> list[dict[str, Any]]:
    """The pools of each tier. A pool is listed if at least one of its workers accepts submissions."""
    routes = Routes(workers)
    return [
        {
            "tier": tier.value,
            "pool": pool.name,
            "queue": pool.queue,
            "workers": len(pool.workers),
            "languages": sorted(pool.languages),
        }
        for tier in sorted(routes.served_tiers)
        for pool in routes.pools(tier)
    ]


def _set_aside(services: Services, reachable: bool) -> UnreadableEntriesSummary:
    try:
        return services.unreadable_entries.summary() if reachable else NO_UNREADABLE_ENTRIES
    except QueueUnavailable:
        return NO_UNREADABLE_ENTRIES


def _queue(tier: Tier, stats: QueueStats, workers: tuple[WorkerRecord, ...]) -> dict[str, Any]:
    count = stats.now.get(tier, NO_SUBMISSIONS)
    oldest = (datetime.now(UTC) - count.oldest).total_seconds() * 1000 if count.oldest else 0
    return {
        "tier": tier.value,
        "waiting": count.queued,
        "unsent": stats.unsent[tier],
        "running": count.running,
        "oldest_ms": max(0, round(oldest)),
        "workers": sum(worker.queue == tier for worker in workers),
    }
