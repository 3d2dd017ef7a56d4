"""What recorded reports add to the shared tallies. Only what was recorded counts, so nothing counts twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator

from judge_core.messages import Report
from judge_core.model.submission import Status
from judge_core.redis.counters import Tallies, bucket_of

TAKEN_BACK = "taken-back"
Count = tuple[str, int]
"""What is to be added to which tally."""
_TELL_EVERY = 1.0


class Measured:
    """What one recorder has counted and not yet told, once a second: a submission would else cost several
    commands more. A recorder that is killed takes that second's counts with it, and nothing but counts."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies
        self._counts: Counter[str] = Counter()
        self._told_at = 0.0

    def count(self, counts: Iterable[Count]) -> None:
        for name, amount in counts:
            self._counts[name] += amount

    def tell(self) -> None:
        """Raises ``QueueUnavailable``; what could not be told is told later, and once."""
        now = time.monotonic()
        if (self._counts or self._tallies.owes) and now - self._told_at >= _TELL_EVERY:
            self._told_at = now
            counts, self._counts = self._counts, Counter()
            self._tallies.add(counts)


def measure_verdict(report: Report, status: Status) -> Iterator[Count]:
    """Names are ``histogram|queue|bucket``, ``histogram|queue|sum`` in ms, and ``counter|label...``.

    The wait is that of a first attempt: a later one, or a rejudging, has waited for other reasons.
    """
    queue = status.queue.value
    yield ending(report.kind.value)
    if status.outcome is not None:
        yield f"verdicts|{queue}|{status.outcome.verdict.value}", 1
    if status.attempt == 1 and status.started_at is not None:
        waited = (status.started_at - status.submitted_at).total_seconds()
        yield from _observe(f"wait|{queue}", max(0.0, waited))
    for name, timing in (("judging", "judged_ms"), ("overhead", "sandbox_overhead_ms")):
        if timing in report.timings:
            yield from _observe(f"{name}|{queue}", report.timings[timing] / 1000)


def ending(how: str) -> Count:
    """How an attempt ended: ``finished``, or why it was given back."""
    return f"attempts|{how}", 1


def _observe(name: str, seconds: float) -> Iterator[Count]:
    yield f"{name}|{bucket_of(seconds)}", 1
    yield f"{name}|sum", round(seconds * 1000)
