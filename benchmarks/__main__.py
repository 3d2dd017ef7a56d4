"""``python -m benchmarks NAME``: answer one question, print its table, and keep its figures as JSON."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks.answer import (
    Answer,
    compare,
    keep,
    keep_machine,
    load_baseline,
    load_machine,
    ratios,
    show,
)
from benchmarks.plot import draw

QUESTIONS = {
    "latency": "submit to verdict on an idle machine, split, beside a bare loop",
    "throughput": "judged submissions a second, beside RQ's own worker doing nothing",
    "polling": "GET /status, beside a bare answer of the same server",
    "premium": "does premium wait for normal, and one account for another's flood",
    "tiers": "each submission's wait by tier, while normal is flooded (a picture)",
    "endurance": "memory of every process after 100,000 submissions against after 1,000",
    "recovery": "how late a verdict is when a process dies under it, and a POST when Redis hangs",
    "growth": "cost of each operation of the store when it is full against when it is small",
    "crowd": "what a POST, a poll, a page and a pass cost in with a full database, against an empty one",
    "plans": "which plan PostgreSQL takes for each statement over a million submissions",
    "watchers": "thousands of idle watchers, and a burst of verdicts",
    "sandbox": "what one run in the box costs above a bare spawn",
    "judging": "the cost of each further test, and of a second run of the same source",
    "compile": "the compile stage beside plain g++",
    "timing": "how steady the reported time of one program is",
    "pages": "bytes, requests and milliseconds until a page can be seen and used, in Chromium",
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
    answer: Answer = module.measure(short=options.short)
    show(answer)
    if options.json:
        keep(answer, options.json)
    if options.picture:
        draw(answer, options.picture, module.X_TITLE)
    if options.baseline:
        return compare(answer, load_baseline(options.baseline))
    return 0


def _run_short_forms(path: Path | None, keep_it: bool) -> int:
    """The short forms one by one; 1 when a ratio got worse by over a quarter than on this machine before."""
    known = load_machine(path) if path else {}
    found: dict[str, dict[str, float]] = {}
    worse = 0
    for name in SHORT:
        answer: Answer = importlib.import_module(f"benchmarks.{name}").measure(short=True)
        show(answer)
        worse |= compare(answer, known.get(name, {}))
        found[name] = ratios(answer)
    if path and keep_it:
        keep_machine(path, found)
    return worse


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "name", nargs="?", choices=[*sorted(QUESTIONS), ALL], help="the question; none lists them"
    )
    parser.add_argument(
        "--short", action="store_true", help="fewer rounds: a smoke test, not a figure to quote"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help="draw it: tiers, growth, endurance")
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="compare ratios with that file; exit 1 if one is 25 %% worse",
    )
    parser.add_argument(
        "--keep-baseline", action="store_true", help="with 'all': make these ratios this machine's baseline"
    )
    return parser


def _list_questions() -> int:
    for name, question in QUESTIONS.items():
        print(f"{name:12} {question}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
