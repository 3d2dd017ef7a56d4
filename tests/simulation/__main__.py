"""``python -m tests.simulation --seeds 1-100``: run seeds, and print how each broken promise came about.

``--trace`` prints what happened in each run. ``--mutations`` puts twenty known bugs into the code, one at a
time, and counts how many seeds it takes to find each.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from judge_api.store.engine import open_engine
from judge_api.store.migrate import migrate
from tests.simulation.mutations import MUTATIONS, Mutation
from tests.simulation.world import RunReport, run_seed

_SHOWN_LINES = 40


def main() -> int:
    """Run what the command line asks for; the exit status is 1 if a promise was broken."""
    options = _parse()
    if os.environ.get("PYTHONHASHSEED") != "0":
        # A seed repeats its run only if sets of strings have the same order each time.
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.simulation", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="gavel-simulation-", dir=_memory_folder()) as place:
        folder = Path(place)
        template = _migrated(folder / "empty.db")
        if options.mutations:
            return _find_mutations(options.seeds, folder, template)
        return _run(options.seeds, folder, template, options.trace)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, default="1-20", metavar="FIRST-LAST", help="default: 1-20")
    parser.add_argument("--trace", action="store_true", help="print what happened in each run")
    parser.add_argument("--mutations", action="store_true", help="look for known bugs, put in one at a time")
    return parser.parse_args()


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _memory_folder() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _migrated(database: Path) -> Path:
    engine = open_engine(f"sqlite:///{database}")
    migrate(engine)
    engine.dispose()
    return database


def _run(seeds: Iterable[int], folder: Path, template: Path, trace: bool) -> int:
    began, broken, totals = time.perf_counter(), 0, [0, 0, 0, 0]
    for seed in seeds:
        report = _one(seed, folder, template)
        totals = [
            done + more
            for done, more in zip(totals, (1, report.steps, report.faults, report.submissions), strict=True)
        ]
        if report.failure is not None:
            broken += 1
            print(report.failure)
        if trace or report.failure is not None:
            print("\n".join(report.trace if trace else report.trace[-_SHOWN_LINES:]), flush=True)
    seconds = time.perf_counter() - began
    runs, steps, faults, submissions = totals
    print(
        f"{runs} seeds in {seconds:.0f} s: {submissions} submissions, {faults} faults, {steps} steps; "
        f"{broken} broke a promise"
    )
    return 1 if broken else 0


def _one(seed: int, folder: Path, template: Path) -> RunReport:
    """Without the garbage collector, which would run at moments that no seed decides."""
    gc.disable()
    try:
        return run_seed(seed, folder, template)
    finally:
        gc.enable()
        gc.collect()


def _find_mutations(seeds: range, folder: Path, template: Path) -> int:
    print("| bug | found by seed | as |\n|---|---|---|")
    missed = 0
    for mutation in MUTATIONS:
        found = _first_failure(mutation, seeds, folder, template)
        missed += found is None
        text = f"{found.seed} | {(found.failure or '').partition(': ')[2][:90]}" if found else "none | "
        print(f"| {mutation.bug} | {text} |", flush=True)
    return 1 if missed else 0


def _first_failure(mutation: Mutation, seeds: range, folder: Path, template: Path) -> RunReport | None:
    with mutation.applied():
        for seed in seeds:
            report = _one(seed, folder, template)
            if report.failure is not None:
                return report
    return None


if __name__ == "__main__":
    raise SystemExit(main())
