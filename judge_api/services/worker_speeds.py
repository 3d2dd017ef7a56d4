"""Compares the times that workers needed for the same work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from judge_api.store.recent_attempts import JudgedAttempt


@dataclass(frozen=True, slots=True)
class WorkerSpeed:
    """The times that one worker needed, in milliseconds, and their comparison with other workers' times.

    ``ratio`` compares them with the median of all workers for the same problem and language. A ratio of 1.5
    means one and a half times as long. It is ``None`` if no other worker judged the same problem in the same
    language.
    """

    worker: str
    queue: str
    judged: int
    median_ms: float
    worst_ms: float
    compared: int
    ratio: float | None


def compare_workers(judged: Iterable[JudgedAttempt]) -> list[WorkerSpeed]:
    """The workers that judged something, the slowest first. Workers that cannot be compared are last."""
    rows = list(judged)
    by_worker: dict[str, list[JudgedAttempt]] = defaultdict(list)
    for row in rows:
        by_worker[row.worker].append(row)
    usual = _usual_times(rows)
    speeds = [_speed(worker, own, usual) for worker, own in by_worker.items()]
    return sorted(speeds, key=lambda one: (-(one.ratio or 0.0), one.worker))


def _usual_times(rows: Iterable[JudgedAttempt]) -> dict[tuple[str, str], float]:
    """The usual time of each kind of work that at least two workers did.

    A usual time is the median of the workers' own medians, so a worker that has judged more does not count
    more.
    """
    times: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        times[row.work][row.worker].append(row.judged_ms)
    return {
        work: max(1.0, median(median(own) for own in by_worker.values()))
        for work, by_worker in times.items()
        if len(by_worker) > 1
    }


def _speed(worker: str, own: list[JudgedAttempt], usual: dict[tuple[str, str], float]) -> WorkerSpeed:
    times = [row.judged_ms for row in own]
    ratios = [row.judged_ms / usual[row.work] for row in own if row.work in usual]
    return WorkerSpeed(
        worker,
        own[0].queue,
        len(own),
        round(median(times), 1),
        round(max(times), 1),
        len(ratios),
        round(median(ratios), 2) if ratios else None,
    )
