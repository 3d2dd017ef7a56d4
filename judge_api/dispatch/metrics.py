"""Adds recorded reports to the shared Prometheus counters. Only a recorded report is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.messages import Report
from judge_core.model.submission import Status
from judge_core.redis.counters import Counters, bucket_of

RECONCILED = "taken-back"
"""The published ``ending`` label of an attempt that the reconciler ended."""
Count = tuple[str, int]
"""The name of a shared counter, and how much to add to it."""
_FLUSH_SECONDS = 1.0


class MetricsBuffer:
    """Counts of one report consumer, sent to Redis once a second and not with each report.

    A consumer that is killed loses the counts of its last second, and nothing else.
    """

    def __init__(self, counters: Counters, clock: Clock = SYSTEM_CLOCK) -> None:
        self._counters = counters
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._flushed_at = 0.0

    def count(self, counts: Iterable[Count]) -> None:
        for name, amount in counts:
            self._counts[name] += amount

    def flush(self) -> None:
        """Send the counts if it is time. Raises ``QueueUnavailable``; they are then sent later, once."""
        now = self._clock.monotonic()
        if (self._counts or self._counters.has_pending) and now - self._flushed_at >= _FLUSH_SECONDS:
            self._flushed_at = now
            counts, self._counts = self._counts, Counter()
            self._counters.add(counts)


def verdict_counts(report: Report, status: Status) -> Iterator[Count]:
    """Names are ``histogram|queue|bucket``, ``histogram|queue|sum`` in ms, and ``counter|label...``.

    Only a first attempt's wait is counted: a later attempt, or a rejudging, waits for other reasons.
    """
    queue = status.queue.value
    yield ending_count(report.kind.value)
    if status.outcome is not None:
        yield f"verdicts|{queue}|{status.outcome.verdict.value}", 1
    if status.attempt == 1 and status.started_at is not None:
        waited = (status.started_at - status.submitted_at).total_seconds()
        yield from _observe(f"wait|{queue}", max(0.0, waited))
    for name, timing in (("judging", "judged_ms"), ("overhead", "sandbox_overhead_ms")):
        if timing in report.timings:
            yield from _observe(f"{name}|{queue}", report.timings[timing] / 1000)


def ending_count(ending: str) -> Count:
    """Counts one attempt by how it ended: ``finished``, or why it was returned."""
    return f"attempts|{ending}", 1


def _observe(name: str, seconds: float) -> Iterator[Count]:
    yield f"{name}|{bucket_of(seconds)}", 1
    yield f"{name}|sum", round(seconds * 1000)
