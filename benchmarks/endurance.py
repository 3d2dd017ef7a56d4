"""The memory of every process after a thousand submissions, and after very many. The two workers of a SQLite
stack really judge all of them: C++ with one test, from the compile cache.
"""

from __future__ import annotations

from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.posting import post_many, wait, wait_for_all
from benchmarks.result import Result, Row, Series
from benchmarks.stack import Stack, started

X_TITLE = "submissions judged"
_CHUNK = 1_000


def measure(short: bool = False) -> Result:
    count = 5_000 if short else 100_000
    with started("normal=2,premium=1") as stack:
        add_problem(stack)
        measured: list[tuple[int, dict[str, float]]] = []
        for done in range(_CHUNK, count + 1, _CHUNK):
            _judge(stack, _CHUNK)
            if done in (_CHUNK, count) or done % (10 * _CHUNK) == 0:
                measured.append((done, stack.resident_mb()))
                print(f"{done:,} judged", flush=True)
    (_, small), (_, large) = measured[0], measured[-1]
    rows = [
        Row(name, large[name], "MB", large[name] / mb, 1.5, note=f"after {_CHUNK:,}: {mb:.1f} MB")
        for name, mb in small.items()
    ]
    series = tuple(Series(name, tuple((done, mb[name]) for done, mb in measured)) for name in small)
    return Result(f"Memory after {count:,} submissions against after {_CHUNK:,}", tuple(rows), series=series)


def _judge(stack: Stack, count: int) -> None:
    submissions = post_many(stack, "normal", count, problem=SLUG)
    wait(stack.session(), stack.url, submissions[-1])
    statuses = wait_for_all(stack, "normal", submissions[-100:])
    wrong = [status for status in statuses if status["verdict"] != "AC"]
    if wrong:
        raise AssertionError(f"{len(wrong)} were not accepted: {wrong[0]}")
