"""Compares the cost of frequent store operations in PostgreSQL with ten thousand and with a million
submissions.

The operations are those of :mod:`benchmarks.query_plans`, and the writing of new submissions. Here their time
is measured, not their plan. The servers of all sizes run beside each other and are measured in turn, so that
other load of the machine slows both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Engine

from benchmarks.postgres import serving
from benchmarks.query_plans import a_submission, fill, store_operations
from benchmarks.result import Result, Row, Series
from judge_api.store.submissions import SubmissionStore

X_TITLE = "submissions in the store"
SMALL = 10_000
_TIMES = 60
Operations = dict[str, Callable[[], object]]


def measure(short: bool = False) -> Result:
    sizes = (SMALL, 50_000) if short else (SMALL, 100_000, 1_000_000)
    with ExitStack() as stacks:
        operations = {size: _operations(stacks.enter_context(_filled(size))) for size in sizes}
        costs = {name: _costs({size: operations[size][name] for size in sizes}) for name in operations[SMALL]}
    large = sizes[-1]
    series = tuple(Series(name, tuple(by_size.items())) for name, by_size in costs.items())
    return Result(
        f"Cost of each operation with {large:,} submissions against {SMALL:,}",
        tuple(_row(name, by_size[SMALL], by_size[large]) for name, by_size in costs.items()),
        series=series,
    )


def _row(name: str, before: float, after: float) -> Row:
    return Row(name, after, "ms", after / before, 1.5, note=f"with {SMALL:,}: {before:.2f} ms")


@contextmanager
def _filled(count: int) -> Iterator[Engine]:
    """Runs a database server of its own that has this many submissions."""
    with serving() as (engine, _):
        fill(engine, count)
        yield engine


def _operations(engine: Engine) -> Operations:
    """The operations by name. ``accept`` gets a new key each time, because a repeated key would find the
    first submission."""
    store, numbers = SubmissionStore(engine), iter(range(1_000_000))
    operations: Operations = {
        name: operation for name, operation in store_operations(engine) if name != "accept"
    }
    operations["accept, new each time"] = lambda: store.accept(a_submission("a77", f"growth {next(numbers)}"))
    return operations


def _costs(operations: dict[int, Callable[[], object]]) -> dict[int, float]:
    """The median milliseconds of one operation, for each size of the database."""
    times: dict[int, list[float]] = {size: [_once(operation)] for size, operation in operations.items()}
    for _ in range(_TIMES):
        for size, operation in operations.items():
            times[size].append(_once(operation))
    return {size: statistics.median(each[1:]) for size, each in times.items()}


def _once(operation: Callable[[], object]) -> float:
    began = time.perf_counter()
    operation()
    return (time.perf_counter() - began) * 1000
