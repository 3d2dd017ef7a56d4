"""Measures how much a second busy slot slows the first: the same runs alone and together, sandboxed and
bare."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.result import Row
from benchmarks.sandbox_runners import Runner, Task, sandboxed, spawner
from sandbox import Sandbox

BLOCK = 10
ALONE, TOGETHER = "alone", "together"
TURNS = ((ALONE, {0}), (TOGETHER, {0, 1}), (ALONE, {1}), (TOGETHER, {0, 1}))
BARRIER_SECONDS = 60

Taken = dict[tuple[str, str], list[float]]


class Barrier(Protocol):
    def wait(self, timeout: float) -> int: ...


@dataclass(frozen=True, slots=True)
class SlotRun:
    """One of two processes that each use a slot: its number, and the function that opens its slot.

    The boxes of each slot run on a core of their own. Gavel does the same by default if there are enough
    cores.
    """

    number: int
    folder: Path
    task: Task
    rounds: int
    open_slot: Callable[[Path, int, int], Sandbox]
    barrier: Barrier


def compare_slots(
    folder: Path, task: Task, rounds: int, open_slot: Callable[[Path, int, int], Sandbox]
) -> Iterator[Row]:
    """Compare two slots with a single slot: the overhead of a run, the whole run, and a bare spawn of the
    same rounds."""
    context = multiprocessing.get_context("fork")
    with context.Manager() as manager, context.Pool(2) as pool:
        barrier = manager.Barrier(2)
        runs = [SlotRun(number, folder, task, rounds, open_slot, barrier) for number in (0, 1)]
        both = pool.map(_run_slot, runs, chunksize=1)
    median = {key: statistics.median(both[0][key] + both[1][key]) for key in both[0]}
    bare, ours = ({when: median[name, when] for when in (ALONE, TOGETHER)} for name in ("bare", "boxed"))
    over = {when: ours[when] - bare[when] for when in (ALONE, TOGETHER)}
    stats = (
        ("overhead of a run", over, 1.3),
        ("the whole run", ours, None),
        ("a bare spawn", bare, None),
    )
    for what, taken, target in stats:
        note = f"alone {taken[ALONE]:.2f}"
        yield Row(
            f"two busy slots against one: {what}",
            taken[TOGETHER],
            ratio=taken[TOGETHER] / taken[ALONE],
            target=target,
            note=note,
        )


def _run_slot(run: SlotRun) -> Taken:
    core = sorted(os.sched_getaffinity(0))[run.number]
    taken: Taken = {}
    with_box = run.open_slot(run.folder, run.number, core)
    try:
        runners = {"bare": spawner(run.folder), "boxed": sandboxed("ours", with_box, run.folder)}
        runners["boxed"].run(run.task)
        for _, (when, busy), (name, each) in itertools.product(
            range(max(1, run.rounds // (2 * BLOCK))), TURNS, runners.items()
        ):
            run.barrier.wait(BARRIER_SECONDS)
            if run.number in busy:
                taken.setdefault((name, when), []).extend(_time_block(each, run.task))
    finally:
        with_box.close()
    return taken


def _time_block(runner: Runner, task: Task) -> Iterator[float]:
    for _ in range(BLOCK):
        began = time.perf_counter()
        runner.run(task)
        yield (time.perf_counter() - began) * 1e3
