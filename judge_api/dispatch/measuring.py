"""What recorded reports add to the shared tallies. Only what was recorded counts, so nothing counts twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from judge_api.domain.protocol import Report
from judge_api.domain.submission import Status
from judge_api.events.tallies import Tallies, bucket_of

TAKEN_BACK = "taken-back"
_TELL_EVERY = 1.0


class Measured:
    """What one recorder has counted and not yet told, once a second: a submission would else cost several
    commands more. A recorder that is killed takes that second's counts with it, and nothing but counts."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies
        self._counts: Counter[str] = Counter()
        self._told_at = 0.0

    def count(self, counts: Counter[str]) -> None:
        self._counts += counts

    def tell(self) -> None:
        """Raises ``QueueUnavailable``, and keeps what it had to tell."""
        now = time.monotonic()
        if self._counts and now - self._told_at >= _TELL_EVERY:
            self._told_at = now
            self._tallies.add(self._counts)
            self._counts.clear()


def measure_verdict(report: Report, status: Status) -> Counter[str]:
    """Names are ``histogram|queue|bucket``, ``histogram|queue|sum`` in ms, and ``counter|label...``.

    The wait is that of a first attempt: a later one, or a rejudging, has waited for other reasons.
    """
    queue = status.queue.value
    counts: Counter[str] = Counter()
    if status.outcome is not None:
        counts[f"verdicts|{queue}|{status.outcome.verdict.value}"] += 1
    if status.attempt == 1 and status.started_at is not None:
        waited = (status.started_at - status.submitted_at).total_seconds()
        _observe(counts, f"wait|{queue}", max(0.0, waited))
    for name, timing in (("judging", "judged_ms"), ("overhead", "sandbox_overhead_ms")):
        if timing in report.timings:
            _observe(counts, f"{name}|{queue}", report.timings[timing] / 1000)
    return counts


def count_endings(endings: Iterable[str]) -> Counter[str]:
    """How attempts ended: ``finished``, or why they were given back."""
    return Counter(f"attempts|{ending}" for ending in endings)


def _observe(counts: Counter[str], name: str, seconds: float) -> None:
    counts[f"{name}|{bucket_of(seconds)}"] += 1
    counts[f"{name}|sum"] += round(seconds * 1000)
