"""``python -m benchmarks NAME`` runs one benchmark and prints its table. ``--json`` saves its figures."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks.plot import draw
from benchmarks.result import (
    Result,
    compare,
    print_result,
    ratios,
    read_baseline,
    read_machine_baseline,
    save_machine_baseline,
    save_result,
)

QUESTIONS = {
    "latency": "the time from submit to verdict on an idle machine and its parts, beside a bare loop",
    "throughput": "judged submissions a second, beside RQ's own worker doing nothing",
    "batches": "1,000 submissions in batches of a hundred, beside 1,000 single ones",
    "polling": "GET /status, beside a bare answer of the same server",
    "fast_paths": "what each fast path saves: each one switched off alone, and all together",
    "mixed_programs": "1,000 different C++, Python and Java programs of ten tests, compiled and judged",
    "premium": "does premium wait for normal, and one account for the flood of another account",
    "contest_class": "does a contest wait for a class at its deadline, and premium for a contest",
    "work_conserving": "does premium wait for normal when idle premium workers judge normal submissions too",
    "tiers": "each submission's wait by tier, while normal is flooded (a picture)",
    "endurance": "memory and latency after 500,000 submissions (at most an hour) against after 1,000",
    "recovery": "how late a verdict is if a process dies, and how long a POST takes if Redis fails",
    "growth": "cost of each operation of the store when it is full against when it is small",
    "side_slots": "how much faster a second slot makes one submission, and whether its times stay right",
    "standings": "what one more verdict costs in an event with 10 and with 3,000 submissions",
    "scoreboard_watchers": "how late 500 watchers of a scoreboard get a verdict",
    "full_vs_empty": "what a POST, a poll, a page and the dispatcher's loops cost with a full database",
    "query_plans": "which plan PostgreSQL takes for each statement over a million submissions",
    "following": "jobs a second and CPU time per job for clients that post and follow to the verdict",
    "watchers": "thousands of idle watchers, and a burst of verdicts",
    "sandbox": "what one run in the box costs above a bare spawn",
    "judging": "the cost of each further test, and of a second run of the same source",
    "compile": "the compile stage beside plain g++",
    "timing": "how steady the reported time of one program is",
    "page_load": "bytes, requests and milliseconds until a page can be seen and used, in Chromium",
    "scaling": "POST, polls and judged submissions a second with more processes, each on a tenth of a core",
    "store_ceiling": "submissions a second that SQLite and PostgreSQL take, without HTTP, queue and judging",
    "dispatchers": "verdicts a second that two dispatchers record on PostgreSQL, and those of one dispatcher",
    "scale": "workers and engines needed at 10, 100 and 1,000 submissions a second, simulated",
}

ALL = "all"
SHORT = ("latency", "throughput", "polling", "judging", "compile")


def main() -> int:
    options = _parser().parse_args()
    if options.name is None:
        return _list_questions()
    if options.name == ALL:
        return _run_short_forms(options.baseline, options.keep_baseline)
    module = importlib.import_module(f"benchmarks.{options.name}")
    result: Result = module.measure(short=options.short)
    print_result(result)
    if options.json:
        save_result(result, options.json)
    if options.picture:
        draw(result, options.picture, module.X_TITLE)
    if options.baseline:
        return compare(result, read_baseline(options.baseline))
    return 0


def _run_short_forms(path: Path | None, keep_it: bool) -> int:
    """Run the short forms one by one. Returns 1 if a ratio is more than a quarter worse than the ratio that
    is saved for this kind of machine."""
    known = read_machine_baseline(path) if path else {}
    found: dict[str, dict[str, float]] = {}
    worse = 0
    for name in SHORT:
        result: Result = importlib.import_module(f"benchmarks.{name}").measure(short=True)
        print_result(result)
        worse |= compare(result, known.get(name, {}))
        found[name] = ratios(result)
    if path and keep_it:
        save_machine_baseline(path, found)
    return worse


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "name",
        nargs="?",
        choices=[*sorted(QUESTIONS), ALL],
        help="the question; without a name the questions are listed",
    )
    parser.add_argument(
        "--short", action="store_true", help="fewer rounds: a smoke test, not a figure to quote"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE.svg", help="draw the chart of tiers, growth or endurance"
    )
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="compare ratios with this file; exit status 1 if a ratio is 25 %% worse",
    )
    parser.add_argument(
        "--keep-baseline",
        action="store_true",
        help="with 'all': save these ratios as the baseline of this kind of machine",
    )
    return parser


def _list_questions() -> int:
    for name, question in QUESTIONS.items():
        print(f"{name:14} {question}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
