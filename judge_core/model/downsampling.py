"""Reduces queue samples for charts, since a day has more samples than a chart has points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from judge_core.model.account import Tier


@dataclass(frozen=True, slots=True)
class QueueSample:
    """The queue of one tier at one moment. ``judged`` and the waits (from accepted to started) cover the time
    since the previous sample."""

    at: datetime
    tier: Tier
    waiting: int
    oldest_ms: int
    running: int
    workers: int
    judged: int
    wait_p50_ms: int | None
    wait_p99_ms: int | None


def downsample(samples: Iterable[QueueSample], seconds: float) -> list[QueueSample]:
    """One sample per tier for each interval of ``seconds``, oldest first. Each has the time of the last
    sample in its interval.

    Queue lengths and waits are the maximum of the interval, so that no peak disappears. The numbers of judged
    submissions are added up.
    """
    intervals: dict[tuple[int, Tier], QueueSample] = {}
    for sample in samples:
        key = (int(sample.at.timestamp() // seconds), sample.tier)
        before = intervals.get(key)
        intervals[key] = _joined(before, sample) if before else sample
    return sorted(intervals.values(), key=lambda each: each.at)


def _joined(first: QueueSample, last: QueueSample) -> QueueSample:
    return replace(
        last,
        waiting=max(first.waiting, last.waiting),
        oldest_ms=max(first.oldest_ms, last.oldest_ms),
        running=max(first.running, last.running),
        judged=first.judged + last.judged,
        wait_p50_ms=_worse((first.wait_p50_ms, last.wait_p50_ms)),
        wait_p99_ms=_worse((first.wait_p99_ms, last.wait_p99_ms)),
    )


def _worse(waits: Sequence[int | None]) -> int | None:
    return max((wait for wait in waits if wait is not None), default=None)
