"""Measures how late a verdict is when a process dies, and how long a POST takes while Redis fails.

A verdict's delay counts from the kill. The stack has one worker per tier, so the delay includes the start of
a killed worker's replacement.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from benchmarks.posting import SOURCES, Run, post, post_run, wait
from benchmarks.result import Result, Row, spread
from benchmarks.stack import Stack, started

QUESTION = "recovery: from a kill to the verdict, and POST while Redis fails"
OWN_SECONDS = 2.0
BUSY = (
    f"import time\nend = time.process_time() + {OWN_SECONDS}\nwhile time.process_time() < end: pass\nprint(3)"
)
LONG = Run("python3", BUSY)
QUICK = Run("python3", SOURCES["python3"])
WAITING = 6
OPENING_POSTS = 8
READY_SECONDS = 60.0


def measure(short: bool = False) -> Result:
    rounds, posts = (1, 40) if short else (3, 150)
    with started() as stack:
        session = stack.session()
        # The first run warms the toolchains and the caches.
        wait(session, stack.url, post_run(session, stack.url, QUICK))
        rows = [
            _delay("worker kill -9 in mid-judgement", _worker_killed, stack, rounds, 30.0),
            _delay(f"Redis restarted empty, {WAITING} waiting", _redis_emptied, stack, rounds, 30.0),
            _delay("dispatcher kill -9, posted just after", _dispatcher_killed, stack, rounds, 15.0),
            *(row for fault in REDIS_FAULTS for row in _post_during(stack, posts, fault)),
        ]
    notes = (
        f"{rounds} kills of each kind: the slowest counts. Judging times are not subtracted:",
        f"{OWN_SECONDS:g} s of CPU for the killed worker's program, milliseconds for the others.",
    )
    return Result(QUESTION, tuple(rows), notes)


def _delay(name: str, kill: Callable[[Stack], float], stack: Stack, rounds: int, target: float) -> Row:
    seconds = []
    for _ in range(rounds):
        _await_ready(stack)
        seconds.append(kill(stack))
    each = ", ".join(f"{one:.1f}" for one in seconds)
    return Row(name, max(seconds), "s", target=target, note=f"each: {each} s")


def _await_ready(stack: Stack) -> None:
    """Wait until the stack is complete again before each kill."""
    deadline = time.monotonic() + READY_SECONDS
    while requests.get(f"{stack.url}/readyz", timeout=10).status_code != 200:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the stack was not whole again after {READY_SECONDS:.0f} s")
        time.sleep(0.1)


def _worker_killed(stack: Stack) -> float:
    session = stack.session()
    id = post_run(session, stack.url, LONG)
    while session.get(f"{stack.url}/status/{id}").json()["state"] == "PENDING":
        time.sleep(0.01)
    # The program runs for OWN_SECONDS, so the kill comes in the middle of its only test.
    time.sleep(OWN_SECONDS / 2)
    started_at = _kill(stack, "worker:normal:1")
    return _seconds_to_verdicts(stack, [id], started_at)


def _redis_emptied(stack: Stack) -> float:
    session = stack.session()
    ids = [post_run(session, stack.url, QUICK) for _ in range(WAITING)]
    stack.redis().flushall()
    started_at = _kill(stack, "redis")
    return _seconds_to_verdicts(stack, ids, started_at)


def _dispatcher_killed(stack: Stack) -> float:
    started_at = _kill(stack, "dispatcher")
    session = stack.session()
    return _seconds_to_verdicts(stack, [post_run(session, stack.url, QUICK)], started_at)


def _kill(stack: Stack, name: str) -> float:
    os.kill(stack.processes[name], signal.SIGKILL)
    return time.monotonic()


def _seconds_to_verdicts(stack: Stack, ids: list[str], started_at: float) -> float:
    """Wait until each submission has its verdict, which must be AC. Returns the seconds since
    ``started_at``."""
    session = stack.session()
    verdicts = [wait(session, stack.url, id)["verdict"] for id in ids]
    if set(verdicts) != {"AC"}:
        raise AssertionError(f"after the kill the verdicts are {verdicts} and not all AC")
    return time.monotonic() - started_at


@dataclass(frozen=True, slots=True)
class RedisFault:
    """One fault of Redis, how it begins and ends."""

    name: str
    begin: Callable[[Stack], object]
    end: Callable[[Stack], object]


def _signalled(number: int) -> Callable[[Stack], None]:
    return lambda stack: os.kill(stack.processes["redis"], number)


def _set(name: str, value: str) -> Callable[[Stack], object]:
    return lambda stack: stack.redis().config_set(name, value)


def _close_socket(stack: Stack) -> None:
    redis = stack.redis()
    redis.ping()  # connects before the socket is moved away
    (stack.data / "redis.sock").rename(stack.data / "redis.shut")
    redis.client_kill_filter(_type="normal", skipme=True)


def _reopen_socket(stack: Stack) -> None:
    (stack.data / "redis.shut").rename(stack.data / "redis.sock")


def _replicate(stack: Stack) -> None:
    stack.redis().replicaof("127.0.0.1", "9")


def _stand_alone(stack: Stack) -> None:
    stack.redis().replicaof("NO", "ONE")


REDIS_FAULTS = (
    RedisFault("stopped", _signalled(signal.SIGSTOP), _signalled(signal.SIGCONT)),
    RedisFault("refusing", _close_socket, _reopen_socket),
    RedisFault("out of memory", _set("maxmemory", "1"), _set("maxmemory", "0")),
    RedisFault("read-only, a replica", _replicate, _stand_alone),
    RedisFault(
        "without the replicas that it needs",
        _set("min-replicas-to-write", "1"),
        _set("min-replicas-to-write", "0"),
    ),
)


def _post_during(stack: Stack, posts: int, fault: RedisFault) -> list[Row]:
    _await_ready(stack)
    fault.begin(stack)
    try:
        opening = [_timed_post(stack) for _ in range(OPENING_POSTS)]
        with ThreadPoolExecutor(4) as pool:
            later = list(pool.map(lambda _: _timed_post(stack), range(posts)))
    finally:
        fault.end(stack)
    started_at = time.monotonic()
    back = _seconds_to_verdicts(stack, [id for id, _ in [*opening, *later]], started_at)
    took = spread([milliseconds for _, milliseconds in later])
    worst = max(milliseconds for _, milliseconds in opening)
    return [
        Row(f"POST p99, Redis {fault.name}", took.p99, target=250.0, note=f"{posts} posts, 4 at a time"),
        Row(f"slowest of the first {OPENING_POSTS}, Redis {fault.name}", worst, note="the breaker opens"),
        Row(f"all {OPENING_POSTS + posts} judged after it, Redis {fault.name}", back, "s"),
    ]


def _timed_post(stack: Stack) -> tuple[str, float]:
    session = stack.session()
    started_at = time.perf_counter()
    id = post(session, stack.url, "aplusb", "python3", SOURCES["python3"])
    return id, (time.perf_counter() - started_at) * 1000
