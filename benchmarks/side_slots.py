"""Measures how much faster a worker with two slots judges a problem of 100 tests, and whether its times stay
correct.

The same program is judged with one slot and with two, in turn. Each test computes for about 100 ms.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.judge_fixture import open_judge
from benchmarks.result import Result, Row
from judge_core.languages import load_languages
from judge_core.model.submission import Outcome, Verdict
from judge_core.packages import read_package
from workers.judging.judge import Judge, Solution
from workers.judging.progress import NoProgress
from workers.judging.sources import SourceFile

TESTS = 100
_SPIN = rb"""#include <stdint.h>
#include <stdio.h>
int main(void) {
    long n; if (scanf("%ld", &n) != 1) return 1;
    uint64_t x = 88172645463325252ull, sum = 0;
    for (long i = 0; i < n * 600000; ++i) { x ^= x << 13; x ^= x >> 7; x ^= x << 17; sum += x; }
    printf("%d\n", sum != 0);
}
"""
_YAML = "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_limit: 5, memory: 256}\n"
_WORK = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """One judgement of all tests: its wall time, and the reported CPU time of each test."""

    seconds: float
    cpu_ms: tuple[int, ...]


def measure(short: bool = False) -> Result:
    rounds = 2 if short else 5
    with open_judge(side_slots=1) as fixture:
        folder = _write(fixture.root / "packages" / "many")
        _judge(fixture.judge, folder)
        pairs = [(_judge(fixture.judge, folder), _judge(fixture.judge_beside, folder)) for _ in range(rounds)]
    return Result(f"A problem of {TESTS} tests of about 100 ms, {rounds} rounds in turn", _rows(pairs))


def _rows(pairs: list[tuple[Judged, Judged]]) -> tuple[Row, ...]:
    one, two = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    seconds = statistics.median(each.seconds for each in one), statistics.median(each.seconds for each in two)
    alone = [ms for each in one for ms in each.cpu_ms]
    beside = [ms for each in two for ms in each.cpu_ms]
    shift = statistics.median(beside) / statistics.median(alone)
    return (
        Row("one slot: all tests", seconds[0], "s"),
        Row("two slots: all tests", seconds[1], "s", seconds[0] / seconds[1], 1.8, more_is_better=True),
        Row("one slot: reported CPU time of a test", statistics.median(alone)),
        Row("two slots: reported CPU time of a test", statistics.median(beside), "ms", shift, 1.05),
        Row("one slot: coefficient of variation", _variation(alone), "%"),
        Row("two slots: coefficient of variation", _variation(beside), "%"),
    )


def _variation(times: list[int]) -> float:
    return statistics.stdev(times) / statistics.mean(times) * 100


def _judge(judge: Judge, folder: Path) -> Judged:
    solution = Solution(load_languages()["c17"], (SourceFile("", _SPIN),))
    began = time.perf_counter()
    outcome: Outcome = judge.judge_solution(read_package(folder), solution, NoProgress())
    seconds = time.perf_counter() - began
    if outcome.verdict is not Verdict.AC:
        raise RuntimeError(f"expected AC, not {outcome.verdict}")
    return Judged(seconds, tuple(test.cpu_ms for test in outcome.tests))


def _write(folder: Path) -> Path:
    secret = folder / "data" / "secret"
    secret.mkdir(parents=True)
    (folder / "problem.yaml").write_text(_YAML)
    for number in range(TESTS):
        (secret / f"{number:03d}.in").write_text(f"{_WORK}\n")
        (secret / f"{number:03d}.ans").write_text("1\n")
    return folder
