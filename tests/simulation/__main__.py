"""``python -m tests.simulation --seeds 1-100`` runs seeds, and prints how each promise was broken.

``--trace`` prints what happened in each run. ``--shrink`` leaves out faults as long as a seed still fails,
and ``--only`` runs a seed with only the faults that are left. ``--mutations`` puts known bugs into the code,
one at a time, and prints which seed finds each. With ``--results FILE`` each result
is written into the file, and seeds that have a result are not run again, so a long run can go on later.
``--write`` puts the table of a run of all known bugs, or that of a results file, into the page "How we know".
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from tests.simulation.database import SimulatedDatabase
from tests.simulation.faults import PlannedFault, planned_faults
from tests.simulation.mutations import MUTATIONS, Mutation
from tests.simulation.shrinker import shortest_failing
from tests.simulation.tables import mutation_rows, read_results, seed_rows, write_part
from tests.simulation.world import RunReport, run_seed

_SHOWN_LINES = 40
_COLLECTED_EVERY = 16
_PARTS = (10, 40, 150)
"""Each known bug is tried with the first 10 seeds. Bugs that were not found are tried with the first 40, then
150, then all seeds."""


def main() -> int:
    """Run the command line. The exit status is 1 if a promise was broken, or with ``--mutations`` if a known
    bug was not found."""
    options = _parse()
    if os.environ.get("PYTHONHASHSEED") != "0":
        # A seed repeats its run only if sets of strings have the same order each time.
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.simulation", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    logging.disable(logging.CRITICAL)
    simulation = Simulation()
    mutation = next((each for each in MUTATIONS if each.name == options.bug), None)
    if options.mutations:
        return _find_mutations(options, simulation)
    if mutation is not None:
        with mutation.applied():
            return _run(options, simulation)
    return _run(options, simulation)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, default="1-20", metavar="FIRST-LAST", help="default: 1-20")
    parser.add_argument("--trace", action="store_true", help="print what happened in each run")
    parser.add_argument(
        "--shrink",
        action="store_true",
        help="leave out faults as long as the run still fails",
    )
    parser.add_argument("--only", type=_numbers, metavar="N,N", help="run with only these faults of the seed")
    parser.add_argument(
        "--mutations", action="store_true", help="put known bugs into the code, one at a time"
    )
    parser.add_argument(
        "--bug", choices=[each.name for each in MUTATIONS], help="run with this bug in the code"
    )
    parser.add_argument(
        "--results",
        type=Path,
        metavar="FILE",
        help="skip the seeds that this file has, and add the results of other seeds",
    )
    parser.add_argument(
        "--write", action="store_true", help="write the table into the page in docs/explanation"
    )
    parser.add_argument("--minutes", type=float, default=1e9, help="start no seed after this many minutes")
    return parser.parse_args()


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _numbers(text: str) -> set[int]:
    return {int(each) for each in text.split(",") if each}


class Simulation:
    """Runs seeds, each on a copy of one migrated database."""

    def __init__(self) -> None:
        self._database = SimulatedDatabase()
        self._runs = 0
        gc.collect()
        gc.freeze()  # the objects that exist now stay forever, so later collections need not visit them

    def run(self, seed: int, planned: Collection[PlannedFault] | None = None) -> RunReport:
        """Run a seed. The garbage collector is off meanwhile, because the seed does not decide when it
        runs."""
        gc.disable()
        try:
            return run_seed(seed, self._database, planned)
        finally:
            gc.enable()
            self._runs += 1
            if self._runs % _COLLECTED_EVERY == 0:
                gc.collect()


def _run(options: argparse.Namespace, simulation: Simulation) -> int:
    began, broken, totals = time.process_time(), 0, Counter[str]()
    ends = time.monotonic() + options.minutes * 60
    for seed in _left(options.seeds, options.results):
        if time.monotonic() > ends:
            break
        report = simulation.run(seed, _chosen(seed, options.only))
        totals += Counter(seeds=1, steps=report.steps, faults=report.faults, submissions=report.submissions)
        if options.results is not None:
            _append(options.results, report)
        if report.failure is not None:
            broken += 1
            print(report.failure)
        if options.trace or report.failure is not None:
            print("\n".join(report.trace if options.trace else report.trace[-_SHOWN_LINES:]), flush=True)
        if options.shrink and report.failure is not None:
            _print_shortest(seed, simulation)
    seconds = time.process_time() - began
    if options.write and options.results is not None:
        write_part("seeds", seed_rows(read_results(options.results)))
    print(
        f"{totals['seeds']} seeds in {seconds:.1f} s of CPU: {totals['submissions']} submissions, "
        f"{totals['faults']} faults, {totals['steps']} steps; {broken} broke a promise"
    )
    return 1 if broken else 0


def _chosen(seed: int, only: set[int] | None) -> list[PlannedFault] | None:
    return None if only is None else [each for each in planned_faults(seed) if each.number in only]


def _left(seeds: Iterable[int], results: Path | None) -> Iterable[int]:
    done = {each["seed"] for each in read_results(results)} if results is not None else set()
    return [seed for seed in seeds if seed not in done]


def _append(results: Path, report: RunReport) -> None:
    names = ("seed", "steps", "faults", "submissions", "failure")
    with results.open("a") as file:
        file.write(json.dumps({name: getattr(report, name) for name in names}) + "\n")


def _print_shortest(seed: int, simulation: Simulation) -> None:
    def fails(planned: Collection[PlannedFault]) -> bool:
        return simulation.run(seed, planned).failure is not None

    shortest = shortest_failing(planned_faults(seed), fails)
    print(f"Seed {seed} still fails with these faults:")
    for each in shortest:
        print(f"  {each}")
    numbers = ",".join(str(each.number) for each in shortest)
    print(f"Run it again by: python -m tests.simulation --seeds {seed} --only {numbers or ','} --trace")


def _find_mutations(options: argparse.Namespace, simulation: Simulation) -> int:
    """Try each bug with a few seeds first, then the bugs that were not found with more and more seeds."""
    found: dict[str, tuple[int, str] | None] = dict.fromkeys((each.bug for each in MUTATIONS), None)
    for seeds in _in_parts(options.seeds):
        for mutation in [each for each in MUTATIONS if found[each.bug] is None]:
            report = _first_failure(mutation, seeds, simulation)
            if report is not None:
                found[mutation.bug] = (report.seed, report.failure or "")
                print(mutation_rows({mutation.bug: found[mutation.bug]})[-1], flush=True)
        if options.write:
            write_part("known bugs", mutation_rows(found))
    missed = [bug for bug, one in found.items() if one is None]
    print(
        f"{len(found) - len(missed)} of {len(found)} known bugs are found; not: {', '.join(missed) or 'none'}"
    )
    return 1 if missed else 0


def _in_parts(seeds: range) -> Iterable[range]:
    done = 0
    for end in (*_PARTS, len(seeds)):
        yield seeds[done:end]
        done = min(end, len(seeds))


def _first_failure(mutation: Mutation, seeds: range, simulation: Simulation) -> RunReport | None:
    with mutation.applied():
        for seed in seeds:
            report = simulation.run(seed)
            if report.failure is not None:
                return report
    return None


if __name__ == "__main__":
    raise SystemExit(main())
