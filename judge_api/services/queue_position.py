"""Where a waiting submission stands in its queue: an estimate for people, not a promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from judge_api.container import Services
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage, Status

_LATELY = timedelta(minutes=1)


def place_body(services: Services, status: Status) -> dict[str, Any]:
    """Accounts take turns, so the true number may be smaller: ``ahead`` counts whoever came earlier."""
    if status.stage is not Stage.QUEUED:
        return {"ahead": 0, "expected_seconds": 0.0, "sent": True, "reachable": True, "paused": False}
    reachable, paused = _look(services, status.queue)
    ahead = services.submissions.count_before(status.queue, status.serial)
    lately = services.queue_samples.waits(status.queue, datetime.now(UTC) - _LATELY)
    rate = lately.judged / _LATELY.total_seconds()
    return {
        "ahead": ahead,
        "expected_seconds": round((ahead + 1) / rate, 1) if rate and reachable and not paused else None,
        "sent": not services.outbox.has_unclaimed(status.id),
        "reachable": reachable,
        "paused": paused,
    }


def _look(services: Services, tier: Tier) -> tuple[bool, bool]:
    """Whether the queue can be reached, and whether operators hold it back. A queue that was away a moment
    ago is not asked again: to be told so by a hung one takes its time."""
    try:
        services.worker_cache.records()
        return True, services.worker_registry.is_paused(tier)
    except QueueUnavailable:
        return False, False
