"""Measures whether premium submissions wait behind normal submissions, and whether a normal account waits
behind the flood of a second account.

The wait is the time from the acceptance of a submission to the start of its judging, which the worker reports
in hundredths of a millisecond. The time of acceptance is stored in whole milliseconds, so each wait is
reported up to one millisecond too long, in all cases alike. The other figures are by the client's clock. The
programs of the flood sleep. So the flood stays in the queue and takes no CPU time from the measured
submissions. The empty case is measured before each flood and after the last flood was cancelled, because the
machine's speed changes within minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import requests

from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.posting import SOURCES, cancel_many, milliseconds_between, post, post_many, wait
from benchmarks.result import Result, Row, spread
from benchmarks.stack import Stack, started

_SLEEP_SECONDS = 0.5
SLEEPER = (
    "#include <unistd.h>\n#include <cstdio>\n"
    f'int main() {{ usleep({int(_SLEEP_SECONDS * 1e6)}); puts("3"); }}\n'
)
_SETTLED_SECONDS = 2.0
"""After this time the work that follows the posting or cancelling of a flood is done."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The milliseconds that one premium account measured, a sample for each of its submissions."""

    waits: list[float] = field(default_factory=list)
    verdicts: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)

    def by_name(self) -> Iterator[tuple[str, list[float]]]:
        yield "premium wait", self.waits
        yield "premium POST to verdict", self.verdicts
        yield "POST", self.posts
        yield "status", self.polls


def measure(short: bool = False) -> Result:
    small, large = (50, 100) if short else (1000, 20_000)
    samples = 20 if short else 300
    with started() as stack:
        add_problem(stack)
        warm(stack)
        empty, few, many = Samples(), Samples(), Samples()
        sample(stack, samples, empty)
        flood = post_many(stack, "normal", small, problem=SLUG, source=SLEEPER)
        sample(stack, samples, few)
        cancel_many(stack, "normal", flood)
        sample(stack, samples, empty)
        flood = post_many(stack, "normal", large, problem=SLUG, source=SLEEPER)
        sample(stack, 2 * samples, many)
        lone = _lone_account(stack, large)
        cancel_many(stack, "normal", flood)
        sample(stack, samples, empty)
    rows = [*_rows(0, empty, empty), *_rows(small, few, empty), *_rows(large, many, empty), lone]
    return Result("Wait of premium while normal submissions pile up", tuple(rows))


def warm(stack: Stack) -> None:
    for tier, source in (("normal", SLEEPER), ("normal", SOURCES["cpp20"]), ("premium", SOURCES["cpp20"])):
        session = stack.session(tier)
        for _ in range(5):
            wait(session, stack.url, post(session, stack.url, SLUG, "cpp20", source))


def sample(stack: Stack, samples: int, seen: Samples) -> None:
    """Send premium submissions one by one, wait for each verdict, and add the times to ``seen``."""
    time.sleep(_SETTLED_SECONDS)
    session = stack.session("premium")
    sent = []
    for _ in range(samples):
        began = time.perf_counter()
        submission = post(session, stack.url, SLUG, "cpp20", SOURCES["cpp20"])
        posted = time.perf_counter()
        session.get(f"{stack.url}/status/{submission}").raise_for_status()
        polled = time.perf_counter()
        wait(session, stack.url, submission)
        seen.posts.append((posted - began) * 1000)
        seen.polls.append((polled - posted) * 1000)
        seen.verdicts.append((time.perf_counter() - began) * 1000)
        sent.append(submission)
    seen.waits.extend(stack.waited_ms(sent))


def _rows(flood: int, seen: Samples, empty: Samples) -> list[Row]:
    rows = []
    for (name, samples), (_, base) in zip(seen.by_name(), empty.by_name(), strict=True):
        here = spread(samples)
        ratio = here.p99 / spread(base).p99 if flood else None
        note = f"p50 {here.p50:.2f}, p95 {here.p95:.2f}, {here.n} of them"
        title = f"{name} p99, {flood:,} normal posted before"
        rows.append(Row(title, here.p99, "ms", ratio, 1.3 if flood else None, note=note))
    return rows


def _lone_account(stack: Stack, waiting: int) -> Row:
    """One submission of another normal account, posted behind the flood of the first account."""
    session = _new_account(stack)
    status = wait(session, stack.url, post(session, stack.url, SLUG, "cpp20", SOURCES["cpp20"]))
    lone = milliseconds_between(status, "submitted_at", "started_at")
    note = f"each of the flood takes {_SLEEP_SECONDS * 1000:.0f} ms of the one normal worker"
    return Row(f"another account's wait behind {waiting:,} of one", lone, note=note)


def _new_account(stack: Stack) -> requests.Session:
    made = stack.session("admin").post(
        f"{stack.url}/admin/accounts", json={"name": f"lone-{time.time_ns()}", "tier": "normal"}
    )
    made.raise_for_status()
    session = stack.session()
    session.headers["Authorization"] = f"Bearer {made.json()['key']}"
    return session
