"""Measures how much each fast path (:mod:`judge_core.fast_paths`) saves, by switching off one at a time, and
all.

One stack is started for each variant. The stacks differ only in the setting GAVEL_FAST_PATHS. Each round
measures all stacks in turn, every second round in reverse order, so that a slow minute of the machine affects
them alike.
The ratio of a figure is the median of its ratios to the stack with all fast paths on, round by round. If the
rate falls below 0.87 x or the time rises above 1.15 x without a fast path, then that fast path saves 15 %.

Polls and POSTs come from wrk (Debian's package ``wrk``) over 50 connections, while the queue is paused. The
CPU time of a request is that of the API and Redis. The CPU time of a submission from POST to verdict includes
the dispatcher's too.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.polling import CONNECTIONS, Load, Request, load
from benchmarks.posting import SOURCES, post_many, wait_for_all
from benchmarks.result import Result, Row
from benchmarks.stack import Stack, await_idle, started
from judge_core.fast_paths import ALL_FAST_PATHS, VARIABLE, FastPath, show_fast_paths
from judge_core.model.account import Tier
from judge_core.redis.keys import queue_paused_key

ALL_ON = "all on"
VARIANTS: Mapping[str, frozenset[FastPath]] = {
    ALL_ON: ALL_FAST_PATHS,
    **{f"without {path}": ALL_FAST_PATHS - {path} for path in FastPath},
    "without statements and connections": ALL_FAST_PATHS - {FastPath.STATEMENTS, FastPath.CONNECTIONS},
    "all off": frozenset(),
}
_SERVER = ("api", "dispatcher", "redis")
_BODY = json.dumps({"problem": "aplusb", "language": "cpp20", "source": SOURCES["cpp20"]})
_IDLE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one variant in one round."""

    name: str
    value: float
    unit: str
    more_is_better: bool = False


Rounds = dict[tuple[str, str], list[float]]


def measure(short: bool = False) -> Result:
    rounds, seconds, judged = (2, 1, 20) if short else (3, 2, 30)
    with ExitStack() as open_stacks:
        stacks = {name: open_stacks.enter_context(started(settings=_settings(name))) for name in VARIANTS}
        finished = {name: _warm_up(stack) for name, stack in stacks.items()}
        await_idle(_IDLE_SECONDS)
        samples: Rounds = {}
        order: dict[str, Figure] = {}

        def measure_all(one: Callable[[str], list[Figure]]) -> None:
            for number in range(rounds):
                for name in list(VARIANTS)[:: 1 if number % 2 == 0 else -1]:
                    for figure in one(name):
                        order[figure.name] = figure
                        samples.setdefault((figure.name, name), []).append(figure.value)

        measure_all(lambda name: _judge(stacks[name], judged))
        for stack in stacks.values():
            stack.redis().set(queue_paused_key(Tier.NORMAL), "1")
        measure_all(lambda name: _poll(stacks[name], finished[name], seconds))
        measure_all(lambda name: _post(stacks[name], seconds))
    rows = [row for figure in order.values() for row in _rows(figure, samples)]
    return Result(f"Fast paths, {rounds} rounds of {seconds} s", tuple(rows))


def _settings(name: str) -> dict[str, str]:
    return {VARIABLE: show_fast_paths(VARIANTS[name])}


def _warm_up(stack: Stack) -> tuple[str, ...]:
    """Judge some submissions, which also puts their program into the compile cache. Returns their ids, to be
    polled."""
    finished = tuple(post_many(stack, "normal", CONNECTIONS))
    wait_for_all(stack, "normal", finished)
    return finished


def _judge(stack: Stack, count: int) -> list[Figure]:
    before = _cpu_seconds(stack, _SERVER)
    wait_for_all(stack, "normal", post_many(stack, "normal", count))
    spent = _cpu_seconds(stack, _SERVER) - before
    return [Figure("POST to verdict: main server's CPU", spent / count * 1000, "ms")]


def _poll(stack: Stack, finished: Sequence[str], seconds: int) -> list[Figure]:
    request = Request(stack.url, stack.keys["normal"], ids=tuple(finished))
    return _figures("poll", stack, request, seconds)


def _post(stack: Stack, seconds: int) -> list[Figure]:
    request = Request(f"{stack.url}/submissions", stack.keys["normal"], body=_BODY)
    return _figures("POST", stack, request, seconds)


def _figures(name: str, stack: Stack, request: Request, seconds: int) -> list[Figure]:
    before = _cpu_seconds(stack, ("api", "redis"))
    found: Load = load(request, seconds)
    spent = _cpu_seconds(stack, ("api", "redis")) - before
    if found.refused:
        raise AssertionError(f"{name}: {found.refused} answers were refusals")
    return [
        Figure(f"{name}s", found.rate, "/s", more_is_better=True),
        Figure(f"{name}: p99", found.p99_ms, "ms"),
        Figure(f"{name}: CPU", spent / found.requests * 1e6, "µs"),
    ]


def _cpu_seconds(stack: Stack, processes: Sequence[str]) -> float:
    spent = stack.cpu_seconds()
    return sum(spent[name] for name in processes)


def _rows(figure: Figure, samples: Rounds) -> list[Row]:
    floor = samples[figure.name, ALL_ON]
    rows = []
    for variant in VARIANTS:
        found = samples[figure.name, variant]
        ratios = [value / base for value, base in zip(found, floor, strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        value, ratio = statistics.median(found), statistics.median(ratios)
        rows.append(
            Row(f"{figure.name}, {variant}", value, figure.unit, ratio, None, figure.more_is_better, spread)
        )
    return rows
