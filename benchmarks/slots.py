"""What a second busy slot costs the first: the same runs alone and together, in turn, boxed and bare."""

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

from benchmarks.answer import Row
from benchmarks.sandbox_runners import Contestant, Task, boxed, spawner
from sandbox import Sandbox

BLOCK = 10
ALONE, TOGETHER = "alone", "together"
TURNS = ((ALONE, {0}), (TOGETHER, {0, 1}), (ALONE, {1}), (TOGETHER, {0, 1}))
GATE_SECONDS = 60

Taken = dict[tuple[str, str], list[float]]


class Gate(Protocol):
    def wait(self, timeout: float) -> int: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two: which it is, and how it opens a slot whose boxes are on a core of their own.

    So are slots by default where there are cores enough.
    """

    number: int
    folder: Path
    task: Task
    rounds: int
    open_slot: Callable[[Path, int, int], Sandbox]
    gate: Gate


def compare_slots(
    folder: Path, task: Task, rounds: int, open_slot: Callable[[Path, int, int], Sandbox]
) -> Iterator[Row]:
    """Two slots against one: what is ours of a run, the whole run, and the bare spawn in the same turns."""
    context = multiprocessing.get_context("fork")
    with context.Manager() as manager, context.Pool(2) as pool:
        gate = manager.Barrier(2)
        parts = [Part(number, folder, task, rounds, open_slot, gate) for number in (0, 1)]
        both = pool.map(_take_part, parts, chunksize=1)
    median = {key: statistics.median(both[0][key] + both[1][key]) for key in both[0]}
    bare, ours = ({when: median[name, when] for when in (ALONE, TOGETHER)} for name in ("bare", "boxed"))
    over = {when: ours[when] - bare[when] for when in (ALONE, TOGETHER)}
    told = (("what is ours of a run", over, 1.3), ("the whole run", ours, None), ("a bare spawn", bare, None))
    for what, taken, target in told:
        note = f"alone {taken[ALONE]:.2f}"
        yield Row(
            f"two busy slots against one: {what}",
            taken[TOGETHER],
            ratio=taken[TOGETHER] / taken[ALONE],
            target=target,
            note=note,
        )


def _take_part(part: Part) -> Taken:
    core = sorted(os.sched_getaffinity(0))[part.number]
    taken: Taken = {}
    with_box = part.open_slot(part.folder, part.number, core)
    try:
        contestants = {"bare": spawner(part.folder), "boxed": boxed("ours", with_box, part.folder)}
        contestants["boxed"].run(part.task)
        for _, (when, busy), (name, each) in itertools.product(
            range(max(1, part.rounds // (2 * BLOCK))), TURNS, contestants.items()
        ):
            part.gate.wait(GATE_SECONDS)
            if part.number in busy:
                taken.setdefault((name, when), []).extend(_time_block(each, part.task))
    finally:
        with_box.close()
    return taken


def _time_block(contestant: Contestant, task: Task) -> Iterator[float]:
    for _ in range(BLOCK):
        began = time.perf_counter()
        contestant.run(task)
        yield (time.perf_counter() - began) * 1e3
