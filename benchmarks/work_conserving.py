"""Measures whether premium waits for normal if idle premium workers judge normal submissions too.

It measures like ``premium``, but with GAVEL_WORK_CONSERVING off, and on with two and with four premium
workers. The programs of the flood sleep. The wait is the time from the acceptance of a submission to the
start of its judging, as the worker reports it. If the longest wait is about half a second, a lent worker was
judging a program of the flood, which sleeps that long.
"""

from __future__ import annotations

from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.posting import cancel_many, post_many
from benchmarks.premium import SLEEPER, Samples, sample, warm
from benchmarks.result import Result, Row, spread
from benchmarks.stack import started

_CASES = (("off", 2), ("on", 2), ("on", 4))
_MOST = 1.3


def measure(short: bool = False) -> Result:
    flood, samples = (300, 30) if short else (3_000, 300)
    rows = [row for mode, workers in _CASES for row in _measure_case(mode, workers, flood, samples)]
    return Result("Wait of premium with work-conserving tiers", tuple(rows))


def _measure_case(mode: str, workers: int, flood: int, samples: int) -> tuple[Row, ...]:
    environment = {"GAVEL_WORK_CONSERVING": "yes" if mode == "on" else "no"}
    with started(f"normal=1,premium={workers}", environment) as stack:
        add_problem(stack)
        warm(stack)
        empty, flooded = Samples(), Samples()
        sample(stack, samples, empty)
        posted = post_many(stack, "normal", flood, problem=SLUG, source=SLEEPER)
        sample(stack, samples, flooded)
        cancel_many(stack, "normal", posted)
        sample(stack, samples, empty)
    name = f"{mode}, {workers} premium workers, {flood} normal waiting"
    before, now = spread(empty.waits), spread(flooded.waits)
    note = f"empty: {before.p99:.2f}; longest {now.high:.0f}, empty {before.high:.0f}"
    return (
        Row(f"{name}: p50", now.p50, "ms", now.p50 / before.p50, note=f"empty: {before.p50:.2f}"),
        Row(f"{name}: p99", now.p99, "ms", now.p99 / before.p99, _MOST, note=note),
    )
