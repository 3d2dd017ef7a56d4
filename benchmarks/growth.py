"""What each question to the store costs in PostgreSQL with a million submissions, against ten thousand.

Store operations only: the questions are those of :mod:`benchmarks.query_plans`, timed, not explained, and
new submissions, which write. The servers of all sizes run beside each other and are asked in turn, so that
what else the machine does falls on all of them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Engine

from benchmarks.answer import Answer, Line, Row
from benchmarks.postgres import serving
from benchmarks.query_plans import a_submission, fill, questions
from judge_api.store.submissions import SubmissionStore

X_TITLE = "submissions in the store"
SMALL = 10_000
_TIMES = 60
Questions = dict[str, Callable[[], object]]


def measure(short: bool = False) -> Answer:
    sizes = (SMALL, 50_000) if short else (SMALL, 100_000, 1_000_000)
    with ExitStack() as stacks:
        asked = {size: _questions(stacks.enter_context(_filled(size))) for size in sizes}
        costs = {name: _costs({size: asked[size][name] for size in sizes}) for name in asked[SMALL]}
    large = sizes[-1]
    lines = tuple(Line(name, tuple(by_size.items())) for name, by_size in costs.items())
    return Answer(
        f"Cost of each question with {large:,} submissions against {SMALL:,}",
        tuple(_row(name, by_size[SMALL], by_size[large]) for name, by_size in costs.items()),
        lines=lines,
    )


def _row(name: str, before: float, after: float) -> Row:
    return Row(name, after, "ms", after / before, 1.5, note=f"with {SMALL:,}: {before:.2f} ms")


@contextmanager
def _filled(count: int) -> Iterator[Engine]:
    """A server of its own that holds this many submissions; gone afterwards."""
    with serving() as (engine, _):
        fill(engine, count)
        yield engine


def _questions(engine: Engine) -> Questions:
    """``accept`` is asked anew each time: the same key again would only be found."""
    store, numbers = SubmissionStore(engine), iter(range(1_000_000))
    asked: Questions = {name: ask for name, ask in questions(engine) if name != "accept"}
    asked["accept, new each time"] = lambda: store.accept(a_submission("a77", f"growth {next(numbers)}"))
    return asked


def _costs(asks: dict[int, Callable[[], object]]) -> dict[int, float]:
    """Median milliseconds of one question by size."""
    took: dict[int, list[float]] = {size: [_once(ask)] for size, ask in asks.items()}
    for _ in range(_TIMES):
        for size, ask in asks.items():
            took[size].append(_once(ask))
    return {size: statistics.median(times[1:]) for size, times in took.items()}


def _once(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000
