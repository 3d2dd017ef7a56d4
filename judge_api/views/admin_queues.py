"""The state of queues and workers, as operators' pages and streams show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from judge_api.container import Services
from judge_api.services.queue_stats_cache import QueueStats
from judge_core.model.account import Tier
from judge_core.model.downsampling import QueueSample, thin
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import rfc3339
from judge_core.model.worker import WorkerRecord

MOST_POINTS = 360
"""A chart is no wider than this; what is older than an hour is therefore thinned."""


def queues_body(services: Services, back: timedelta) -> dict[str, Any]:
    """Both queues now, what was judged lately, and the samples since then."""
    now = datetime.now(UTC)
    records, paused, reachable = _seen_in_redis(services)
    counts = services.queue_stats.look()
    queues = [
        _queue(tier, counts, records) | {"failed": counts.failed[tier], "paused": tier in paused}
        for tier in Tier
    ]
    health = services.queue_health.saw(reachable, sum(queue["unsent"] for queue in queues))
    return {
        "queues": queues,
        "reachable": reachable,
        "queue_health": health.to_json(),
        "verdicts": dict(counts.verdicts),
        "samples": samples_body(thin(services.queue_samples.since(now - back), _step(back))) if back else [],
    }


def _step(back: timedelta) -> float:
    return max(1.0, back.total_seconds() / MOST_POINTS)


def samples_body(samples: Iterable[QueueSample]) -> list[dict[str, Any]]:
    """Samples as the wire has them."""
    return [{**asdict(sample), "at": rfc3339(sample.at), "tier": sample.tier.value} for sample in samples]


def workers_body(services: Services) -> list[dict[str, Any]]:
    """The records of the workers heard of lately, then of those that fell silent; none while Redis is
    away."""
    try:
        return [
            asdict(record) for record in (*services.worker_cache.records(), *services.worker_registry.lost())
        ]
    except QueueUnavailable:
        return []


def _seen_in_redis(services: Services) -> tuple[tuple[WorkerRecord, ...], set[Tier], bool]:
    try:
        records = services.worker_cache.records()
        return records, {tier for tier in Tier if services.worker_registry.is_paused(tier)}, True
    except QueueUnavailable:
        return (), set(), False


def _queue(tier: Tier, counts: QueueStats, records: tuple[WorkerRecord, ...]) -> dict[str, Any]:
    count = counts.now[tier]
    oldest = (datetime.now(UTC) - count.oldest).total_seconds() * 1000 if count.oldest else 0
    return {
        "tier": tier.value,
        "waiting": count.queued,
        "unsent": counts.unsent[tier],
        "running": count.running,
        "oldest_ms": max(0, round(oldest)),
        "workers": sum(record.queue is tier for record in records),
    }
