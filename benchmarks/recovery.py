"""How long a submission's verdict is late when a process dies under it, and a POST when Redis hangs.

A verdict's delay counts from the kill, on a house of one worker a tier, so that a killed worker's
replacement has to start as well.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks.answer import Answer, Row, spread
from benchmarks.posting import SOURCES, Run, post, post_run, wait
from benchmarks.stack import Stack, started

QUESTION = "recovery: from a kill to the verdict, and POST while Redis hangs"
OWN_SECONDS = 2.0
BUSY = (
    f"import time\nend = time.process_time() + {OWN_SECONDS}\nwhile time.process_time() < end: pass\nprint(3)"
)
LONG = Run("python3", BUSY)
QUICK = Run("python3", SOURCES["python3"])
WAITING = 6
OPENING_POSTS = 8
READY_SECONDS = 60.0


def measure(short: bool = False) -> Answer:
    rounds, posts = (1, 40) if short else (3, 300)
    with started() as stack:
        session = stack.session()
        wait(session, stack.url, post_run(session, stack.url, QUICK))  # toolchains and caches are warm
        rows = [
            _delay("worker kill -9 in mid-judgement", _worker_killed, stack, rounds, 30.0),
            _delay(f"Redis restarted empty, {WAITING} waiting", _redis_emptied, stack, rounds, 30.0),
            _delay("dispatcher kill -9, posted just after", _dispatcher_killed, stack, rounds, 15.0),
            *_hanging(stack, posts),
        ]
    notes = (
        f"{rounds} kills a kind: the slowest counts. Judging times are not taken off:",
        f"{OWN_SECONDS:g} s of CPU for the killed worker's program, milliseconds for the others.",
    )
    return Answer(QUESTION, tuple(rows), notes)


def _delay(name: str, hit: Callable[[Stack], float], stack: Stack, rounds: int, target: float) -> Row:
    seconds = []
    for _ in range(rounds):
        _await_ready(stack)
        seconds.append(hit(stack))
    told = ", ".join(f"{one:.1f}" for one in seconds)
    return Row(name, max(seconds), "s", target=target, note=f"each: {told} s")


def _await_ready(stack: Stack) -> None:
    """Each kill meets a whole house."""
    deadline = time.monotonic() + READY_SECONDS
    while requests.get(f"{stack.url}/readyz", timeout=10).status_code != 200:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the house was not whole again after {READY_SECONDS:.0f} s")
        time.sleep(0.1)


def _worker_killed(stack: Stack) -> float:
    session = stack.session()
    id = post_run(session, stack.url, LONG)
    while session.get(f"{stack.url}/status/{id}").json()["state"] == "PENDING":
        time.sleep(0.01)
    time.sleep(OWN_SECONDS / 2)  # its own time: half of it is then in the judging of its one test
    begun = _kill(stack, "worker:normal:1")
    return _until_right(stack, [id], begun)


def _redis_emptied(stack: Stack) -> float:
    session = stack.session()
    ids = [post_run(session, stack.url, QUICK) for _ in range(WAITING)]
    stack.redis().flushall()
    begun = _kill(stack, "redis")
    return _until_right(stack, ids, begun)


def _dispatcher_killed(stack: Stack) -> float:
    begun = _kill(stack, "dispatcher")
    session = stack.session()
    return _until_right(stack, [post_run(session, stack.url, QUICK)], begun)


def _kill(stack: Stack, name: str) -> float:
    os.kill(stack.processes[name], signal.SIGKILL)
    return time.monotonic()


def _until_right(stack: Stack, ids: list[str], begun: float) -> float:
    """Seconds since then until each has its verdict, which must be the right one."""
    session = stack.session()
    verdicts = [wait(session, stack.url, id)["verdict"] for id in ids]
    if set(verdicts) != {"AC"}:
        raise AssertionError(f"after the kill the verdicts are {verdicts} and not all AC")
    return time.monotonic() - begun


def _hanging(stack: Stack, posts: int) -> list[Row]:
    _await_ready(stack)
    pid = stack.processes["redis"]
    os.kill(pid, signal.SIGSTOP)
    try:
        opening = [_timed_post(stack) for _ in range(OPENING_POSTS)]
        with ThreadPoolExecutor(4) as pool:
            later = list(pool.map(lambda _: _timed_post(stack), range(posts)))
    finally:
        os.kill(pid, signal.SIGCONT)
    begun = time.monotonic()
    back = _until_right(stack, [id for id, _ in [*opening, *later]], begun)
    took = spread([milliseconds for _, milliseconds in later])
    worst = max(milliseconds for _, milliseconds in opening)
    return [
        Row("POST p99 with Redis stopped", took.p99, target=250.0, note=f"{posts} posts, 4 at a time"),
        Row("POST p50 with Redis stopped", took.p50),
        Row(f"slowest of the first {OPENING_POSTS} POSTs", worst, note="while the breaker opens"),
        Row(f"all {OPENING_POSTS + posts} judged after Redis goes on", back, "s"),
    ]


def _timed_post(stack: Stack) -> tuple[str, float]:
    session = stack.session()
    begun = time.perf_counter()
    id = post(session, stack.url, "aplusb", "python3", SOURCES["python3"])
    return id, (time.perf_counter() - begun) * 1000
