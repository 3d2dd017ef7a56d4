"""The state of queues and workers, as operators' pages and streams show it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from judge_api.domain.account import Tier
from judge_api.domain.errors import QueueUnavailable
from judge_api.domain.submission import rfc3339
from judge_api.domain.worker import WorkerCard
from judge_api.store.samples import QueueSample
from judge_api.web.queue_board import QueueCounts
from judge_api.web.services import Services


def queues_body(services: Services, back: timedelta) -> dict[str, Any]:
    """Both queues now, what was judged lately, and the samples since then."""
    now = datetime.now(UTC)
    cards, paused, reachable = _seen_in_redis(services)
    counts = services.queue_board.look()
    samples = services.samples.since(now - back) if back else []
    queues = [
        _queue(tier, counts, cards) | {"failed": counts.failed[tier], "paused": tier in paused}
        for tier in Tier
    ]
    health = services.queue_watch.saw(reachable, sum(queue["unsent"] for queue in queues))
    return {
        "queues": queues,
        "reachable": reachable,
        "queue_health": health.to_json(),
        "verdicts": dict(counts.verdicts),
        "samples": [_sample_body(sample) for sample in samples],
    }


def workers_body(services: Services) -> list[dict[str, Any]]:
    """The cards of the workers heard of lately; none while Redis is away."""
    return [asdict(card) for card in _seen_in_redis(services)[0]]


def _seen_in_redis(services: Services) -> tuple[tuple[WorkerCard, ...], set[Tier], bool]:
    try:
        cards = services.board.cards()
        return cards, {tier for tier in Tier if services.fleet.is_paused(tier)}, True
    except QueueUnavailable:
        return (), set(), False


def _queue(tier: Tier, counts: QueueCounts, cards: tuple[WorkerCard, ...]) -> dict[str, Any]:
    count = counts.now[tier]
    oldest = (datetime.now(UTC) - count.oldest).total_seconds() * 1000 if count.oldest else 0
    return {
        "tier": tier.value,
        "waiting": count.queued,
        "unsent": counts.unsent[tier],
        "running": count.running,
        "oldest_ms": max(0, round(oldest)),
        "workers": sum(card.queue is tier for card in cards),
    }


def _sample_body(sample: QueueSample) -> dict[str, Any]:
    return {**asdict(sample), "at": rfc3339(sample.at), "tier": sample.tier.value}
