"""Measures every process's memory and the time of requests, after a thousand submissions and after very many.

The two workers of a SQLite stack really judge all submissions. They are C++ with one test, and their program
is in the compile cache.

The whole form judges 500,000 submissions, or as many as it can within an hour. A quiet machine of two cores
needs half an hour for all.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.posting import SOURCES, post, post_many, wait, wait_for_all
from benchmarks.result import Result, Row, Series
from benchmarks.stack import Stack, started

X_TITLE = "submissions judged"
_CHUNK = 1_000
_COUNT, _SHORT_COUNT = 500_000, 5_000
_MOST_SECONDS = 3_600.0
_TIMES = 60
_MEMORY_TARGET, _LATENCY_TARGET = 1.5, 1.2


def measure(short: bool = False) -> Result:
    count, deadline = _SHORT_COUNT if short else _COUNT, time.monotonic() + _MOST_SECONDS
    with started("normal=2,premium=1") as stack:
        add_problem(stack)
        measured: list[tuple[int, dict[str, float]]] = []
        latencies: list[dict[str, float]] = []
        done = 0
        while done < count and time.monotonic() < deadline:
            _judge(stack, _CHUNK)
            done += _CHUNK
            if done in (_CHUNK, count) or done % (10 * _CHUNK) == 0:
                measured.append((done, stack.resident_mb()))
                print(f"{done:,} judged", flush=True)
            if done == _CHUNK:
                latencies.append(_latencies(stack))
        if measured[-1][0] != done:
            measured.append((done, stack.resident_mb()))
        latencies.append(_latencies(stack))
    rows = (*_memory_rows(measured), *_latency_rows(latencies))
    names = measured[0][1]
    series = tuple(Series(name, tuple((at, mb[name]) for at, mb in measured)) for name in names)
    return Result(
        f"Memory and latency after {done:,} submissions against after {_CHUNK:,}", rows, series=series
    )


def _memory_rows(measured: list[tuple[int, dict[str, float]]]) -> list[Row]:
    (_, small), (_, large) = measured[0], measured[-1]
    return [
        Row(name, large[name], "MB", large[name] / mb, _MEMORY_TARGET, note=f"after {_CHUNK:,}: {mb:.1f} MB")
        for name, mb in small.items()
    ]


def _latency_rows(measured: list[dict[str, float]]) -> list[Row]:
    before, after = measured[0], measured[-1]
    return [
        Row(name, after[name], "ms", after[name] / ms, _LATENCY_TARGET, note=f"after {_CHUNK:,}: {ms:.2f} ms")
        for name, ms in before.items()
    ]


def _latencies(stack: Stack) -> dict[str, float]:
    """The median time of each kind of request in milliseconds, while the stack is idle."""
    person, admin, url = stack.session(), stack.session("admin"), stack.url
    last = post(person, url, SLUG, "cpp20", SOURCES["cpp20"])
    wait(person, url, last)
    return {
        "POST to verdict": _median_ms(
            lambda: wait(person, url, post(person, url, SLUG, "cpp20", SOURCES["cpp20"]))
        ),
        "GET /status": _median_ms(lambda: person.get(f"{url}/status/{last}").raise_for_status()),
        "GET /submissions": _median_ms(lambda: person.get(f"{url}/submissions").raise_for_status()),
        "GET /admin/queues?hours=0": _median_ms(
            lambda: admin.get(f"{url}/admin/queues?hours=0").raise_for_status()
        ),
        "GET /admin/queues, with the chart of an hour": _median_ms(
            lambda: admin.get(f"{url}/admin/queues").raise_for_status()
        ),
    }


def _median_ms(ask: Callable[[], object]) -> float:
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def _judge(stack: Stack, count: int) -> None:
    submissions = post_many(stack, "normal", count, problem=SLUG)
    wait(stack.session(), stack.url, submissions[-1])
    statuses = wait_for_all(stack, "normal", submissions[-100:])
    wrong = [status for status in statuses if status["verdict"] != "AC"]
    if wrong:
        raise AssertionError(f"{len(wrong)} were not accepted: {wrong[0]}")
