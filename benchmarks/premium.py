"""Does premium wait for normal, and one normal account for another's flood?

The wait is from accepted to started, by the server's own stamps. The flood is of programs that sleep, so
that it stays where it is and takes no processor from whom it is measured against: what is left is waiting.
It is never drained; the run ends with the stack.
"""

from __future__ import annotations

import time

import requests

from benchmarks.answer import Answer, Row, Spread, spread
from benchmarks.posting import SOURCES, milliseconds_between, post, post_many, wait
from benchmarks.stack import Stack, started
from benchmarks.trivial import SLUG, offer

_SLEEP_SECONDS = 0.5
_SLEEPER = (
    "#include <unistd.h>\n#include <cstdio>\n"
    f'int main() {{ usleep({int(_SLEEP_SECONDS * 1e6)}); puts("3"); }}\n'
)
_SETTLED_SECONDS = 2.0
"""After a flood was posted: what its posting left to do is done by then."""


def measure(short: bool = False) -> Answer:
    floods = (0, 100) if short else (0, 1000, 20_000)
    samples = 20 if short else 200
    rows: list[Row] = []
    with started() as stack:
        offer(stack)
        _warm(stack)
        waiting, empty = 0, None
        for flood in floods:
            post_many(stack, "normal", flood - waiting, problem=SLUG, source=_SLEEPER)
            waiting = flood
            time.sleep(_SETTLED_SECONDS)
            found = _premium(stack, samples)
            empty = empty or found
            rows += _rows(flood, found, empty)
        rows.append(_lone_account(stack, waiting))
    return Answer("Wait of premium while normal submissions pile up", tuple(rows))


def _warm(stack: Stack) -> None:
    for tier, source in (("normal", _SLEEPER), ("normal", SOURCES["cpp20"]), ("premium", SOURCES["cpp20"])):
        session = stack.session(tier)
        for _ in range(5):
            wait(session, stack.url, post(session, stack.url, SLUG, "cpp20", source))


def _premium(stack: Stack, samples: int) -> tuple[Spread, Spread, Spread]:
    """Wait, POST and status milliseconds of premium submissions sent one by one."""
    session = stack.session("premium")
    waits, posts, polls = [], [], []
    for _ in range(samples):
        began = time.perf_counter()
        submission = post(session, stack.url, SLUG, "cpp20", SOURCES["cpp20"])
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
        note = f"p50 {here.p50:.1f}, p95 {here.p95:.1f}"
        rows.append(Row(title, here.p99, "ms", ratio if flood else None, target, note=note))
    return rows


def _lone_account(stack: Stack, waiting: int) -> Row:
    """One submission of another normal account, posted behind the flood of the first."""
    session = _newcomer(stack)
    status = wait(session, stack.url, post(session, stack.url, SLUG, "cpp20", SOURCES["cpp20"]))
    lone = milliseconds_between(status, "submitted_at", "started_at")
    note = f"each of the flood takes {_SLEEP_SECONDS * 1000:.0f} ms of the one normal worker"
    return Row(f"another account's wait behind {waiting:,} of one", lone, note=note)


def _newcomer(stack: Stack) -> requests.Session:
    made = stack.session("admin").post(
        f"{stack.url}/admin/accounts", json={"name": f"lone-{time.time_ns()}", "tier": "normal"}
    )
    made.raise_for_status()
    session = stack.session()
    session.headers["Authorization"] = f"Bearer {made.json()['key']}"
    return session
