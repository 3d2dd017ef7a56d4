"""Measures how steady the reported time of one CPU-bound program is: alone, and while the second worker is
busy."""

from __future__ import annotations

import statistics
import threading

import requests

from benchmarks.posting import Run, post_run, wait
from benchmarks.result import Result, Row
from benchmarks.stack import Stack, started

_SPIN = """#include <cstdint>
#include <iostream>
int main() {
    std::uint64_t x = 88172645463325252ull, sum = 0;
    for (int i = 0; i < 60000000; ++i) { x ^= x << 13; x ^= x >> 7; x ^= x << 17; sum += x; }
    std::cout << (sum != 0) << '\\n';
}
"""
SPINNER = Run("cpp20", _SPIN, "", "1\n")


def measure(short: bool = False) -> Result:
    rounds = 10 if short else 300
    with started() as stack:
        session = stack.session("premium")
        _judge(session, stack)
        alone = [_judge(session, stack) for _ in range(rounds)]
        with_neighbour = _beside_a_busy_neighbour(stack, session, rounds)
    return Result(f"Reported CPU time of one program, {rounds} judgements", _rows(alone, with_neighbour))


def _rows(alone: list[float], beside: list[float]) -> tuple[Row, ...]:
    shift = statistics.median(beside) / statistics.median(alone)
    return (
        Row("idle: median", statistics.median(alone)),
        Row("idle: coefficient of variation", _variation(alone), "%", target=2.0),
        Row("other slot busy: median", statistics.median(beside), "ms", shift, 1.05),
        Row("other slot busy: coefficient of variation", _variation(beside), "%"),
    )


def _variation(times: list[float]) -> float:
    return statistics.stdev(times) / statistics.mean(times) * 100


def _judge(session: requests.Session, stack: Stack) -> float:
    status = wait(session, stack.url, post_run(session, stack.url, SPINNER))
    if status["verdict"] != "AC":
        raise AssertionError(f"the spinner was not accepted: {status}")
    return float(status["cpu_ms"])


def _beside_a_busy_neighbour(stack: Stack, session: requests.Session, rounds: int) -> list[float]:
    """The reported times of a program, while the normal worker judges the same program again and again."""
    over = threading.Event()

    def keep_busy() -> None:
        neighbour = stack.session("normal")
        while not over.is_set():
            _judge(neighbour, stack)

    thread = threading.Thread(target=keep_busy)
    thread.start()
    try:
        return [_judge(session, stack) for _ in range(rounds)]
    finally:
        over.set()
        thread.join()
