"""Where a waiting submission stands in its queue: an estimate for people, not a promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from judge_api.domain.submission import Stage, Status
from judge_api.web.services import Services

_LATELY = timedelta(minutes=1)


def place_body(services: Services, status: Status) -> dict[str, Any]:
    """Accounts take turns, so the true number may be smaller: ``ahead`` counts whoever came earlier."""
    if status.stage is not Stage.QUEUED:
        return {"ahead": 0, "expected_seconds": 0.0, "sent": True}
    ahead = services.submissions.count_before(status.queue, status.serial)
    lately = services.samples.waits(status.queue, datetime.now(UTC) - _LATELY)
    rate = lately.judged / _LATELY.total_seconds()
    return {
        "ahead": ahead,
        "expected_seconds": round((ahead + 1) / rate, 1) if rate else None,
        "sent": not services.outbox.holds(status.id),
    }
