"""Measures how long each submission waits while the normal tier gets more submissions than its worker can
judge.

In the first half only premium submissions are posted, in the second half normal submissions too, at twice the
rate at which the single normal worker judges. So the normal queue grows all the time. Its programs sleep, so
a premium submission waits for the queue and not for a processor. The premium worker reports waits in
hundredths of a millisecond.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import requests

from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.posting import SOURCES, milliseconds_between, post, wait
from benchmarks.result import Result, Row, Series, spread
from benchmarks.stack import Stack, started

X_TITLE = "seconds; normal is flooded from the middle on"
_SLEEPER = '#include <unistd.h>\n#include <cstdio>\nint main() { usleep(100000); puts("3"); }\n'
_PREMIUM_EVERY = 0.1
_NORMAL_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to post: the interval in seconds, and the beginning and the end by the monotonic clock."""

    tier: str
    source: str
    every: float
    begin: float
    end: float


def measure(short: bool = False) -> Result:
    half = 10.0 if short else 60.0
    with started() as stack:
        add_problem(stack)
        for tier, source in (("normal", _SLEEPER), ("premium", SOURCES["cpp20"])):
            session = stack.session(tier)
            wait(session, stack.url, post(session, stack.url, SLUG, "cpp20", source))
        begin, clock = time.monotonic(), datetime.now(UTC)
        premium = Schedule("premium", SOURCES["cpp20"], _PREMIUM_EVERY, begin, begin + 2 * half)
        normal = Schedule("normal", _SLEEPER, _NORMAL_EVERY, begin + half, begin + 2 * half)
        posted = _post_both(stack, premium, normal)
        series = {tier: _waits(stack, tier, ids, clock) for tier, ids in posted.items()}
    return Result("Wait from accepted to started, by tier", _rows(series, half), series=_series(series))


def _post_both(stack: Stack, *schedules: Schedule) -> dict[str, list[str]]:
    posted: dict[str, list[str]] = {schedule.tier: [] for schedule in schedules}
    threads = [
        threading.Thread(target=_post, args=(stack, schedule, posted[schedule.tier]))
        for schedule in schedules
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return posted


def _post(stack: Stack, schedule: Schedule, posted: list[str]) -> None:
    session = stack.session(schedule.tier)
    due = schedule.begin
    while due < schedule.end:
        time.sleep(max(0.0, due - time.monotonic()))
        posted.append(post(session, stack.url, SLUG, "cpp20", schedule.source))
        due += schedule.every


def _waits(stack: Stack, tier: str, ids: list[str], clock: datetime) -> list[tuple[float, float]]:
    """For each submission that has been started by now, the second of its POST and its wait in
    milliseconds."""
    session = stack.session(tier)
    found = []
    for id in ids:
        status = _status(session, stack.url, id)
        if status.get("started_at"):
            at = (datetime.fromisoformat(status["submitted_at"]) - clock).total_seconds()
            waited = stack.waited_ms([id]) or [milliseconds_between(status, "submitted_at", "started_at")]
            found.append((round(at, 2), waited[0]))
    return found


def _status(session: requests.Session, url: str, id: str) -> dict[str, str]:
    answer = session.get(f"{url}/status/{id}")
    answer.raise_for_status()
    status: dict[str, str] = answer.json()
    return status


def _rows(series: dict[str, list[tuple[float, float]]], half: float) -> tuple[Row, ...]:
    before = spread([wait for at, wait in series["premium"] if at < half])
    beside = spread([wait for at, wait in series["premium"] if at >= half])
    longest = max(wait for _, wait in series["normal"])
    ratio = beside.p99 / before.p99
    note = f"p50 {beside.p50:.2f}, {beside.n} of them"
    return (
        Row("premium p99, alone", before.p99, note=f"p50 {before.p50:.2f}, {before.n} of them"),
        Row("premium p99, beside the flood", beside.p99, ratio=ratio, target=1.3, note=note),
        Row("normal, the longest wait of those started", longest, note=f"{len(series['normal'])} started"),
    )


def _series(series: dict[str, list[tuple[float, float]]]) -> tuple[Series, ...]:
    return tuple(Series(tier, tuple(points)) for tier, points in series.items())
