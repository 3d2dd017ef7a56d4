"""Does premium wait for normal, and one normal account for another's flood?

The wait is from accepted to started, by the server's own stamps. The flood is posted first and never
drained: the run ends with the stack.
"""

from __future__ import annotations

import time

from benchmarks.answer import Answer, Row, Spread, spread
from benchmarks.posting import SOURCES, milliseconds_between, post, post_many, wait
from benchmarks.stack import Stack, started


def measure(short: bool = False) -> Answer:
    floods = (0, 100) if short else (0, 1000, 20_000)
    samples = 10 if short else 60
    rows: list[Row] = []
    with started() as stack:
        wait(
            stack.session(), stack.url, post(stack.session(), stack.url, "aplusb", "cpp20", SOURCES["cpp20"])
        )
        waiting, empty = 0, None
        for flood in floods:
            post_many(stack, "normal", flood - waiting)
            waiting = flood
            waits, posts, polls = _premium(stack, samples)
            empty = empty or (waits, posts, polls)
            rows += _rows(flood, (waits, posts, polls), empty)
        rows.append(_lone_account(stack, waiting))
    return Answer("Wait of premium while normal submissions pile up", tuple(rows))


def _premium(stack: Stack, samples: int) -> tuple[Spread, Spread, Spread]:
    """Wait, POST and status milliseconds of premium submissions sent one by one."""
    session = stack.session("premium")
    waits, posts, polls = [], [], []
    for _ in range(samples):
        began = time.perf_counter()
        submission = post(session, stack.url, "aplusb", "cpp20", SOURCES["cpp20"])
        posts.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        session.get(f"{stack.url}/status/{submission}").raise_for_status()
        polls.append((time.perf_counter() - began) * 1000)
        status = wait(session, stack.url, submission)
        waits.append(milliseconds_between(status, "submitted_at", "started_at"))
    return spread(waits), spread(posts), spread(polls)


def _rows(flood: int, now: tuple[Spread, ...], empty: tuple[Spread, ...]) -> list[Row]:
    rows = []
    for name, here, base in zip(("premium wait", "POST", "status"), now, empty, strict=True):
        target = 1.3 if flood else None
        ratio = here.p99 / max(base.p99, 1.0)  # the stamps have whole milliseconds
        title = f"{name} p99, {flood:,} normal posted before"
        rows.append(Row(title, here.p99, "ms", ratio if flood else None, target, note=f"p50 {here.p50:.1f}"))
    return rows


def _lone_account(stack: Stack, waiting: int) -> Row:
    """One submission of another normal account, posted behind the flood of the first."""
    admin = stack.session("admin")
    name = f"lone-{time.time_ns()}"
    made = admin.post(f"{stack.url}/admin/accounts", json={"name": name, "tier": "normal"})
    made.raise_for_status()
    session = stack.session()
    session.headers["Authorization"] = f"Bearer {made.json()['key']}"
    status = wait(session, stack.url, post(session, stack.url, "aplusb", "cpp20", SOURCES["cpp20"]))
    lone = milliseconds_between(status, "submitted_at", "started_at")
    return Row(f"another account's wait behind {waiting:,} of one", lone)
