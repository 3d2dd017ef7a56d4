"""``python -m tests.model`` checks the model within the bounds of the table, by Spin and by Python.

Both must find the same number of states and transitions. So the text for Spin and the steps that the real
code replays are the same model. ``--write`` writes the text for Spin into ``submission.pml``. ``--large``
adds bounds that take minutes.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.model.explore import explore
from tests.model.submission import Bounds, submission_model

FILE = Path(__file__).with_name("submission.pml")
SMALL = (Bounds(), Bounds(faults=1, has_copies=True))
LARGE = (Bounds(attempts=3, faults=2), Bounds(workers=3, faults=2), Bounds(relays=2, faults=2))
_OPTIONS = ("-O2", "-DCOLLAPSE", "-DMEMLIM=8000")


@dataclass(frozen=True, slots=True)
class SpinResult:
    """The figures that Spin's checker printed."""

    states: int
    transitions: int
    errors: int


def main() -> int:
    """The exit status is 1 if a promise is broken, or if Spin and Python disagree."""
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    if options.write:
        FILE.write_text(submission_model(Bounds()).promela())
        return 0
    if not shutil.which("spin") or not shutil.which("gcc"):
        print("spin and gcc are needed: apt-get install spin gcc", file=sys.stderr)
        return 1
    print("| bounds | states | transitions | ends | broken |\n|---|---|---|---|---|")
    bad = [bounds for bounds in (*SMALL, *(LARGE if options.large else ())) if not _check(bounds)]
    return 1 if bad else 0


def _check(bounds: Bounds) -> bool:
    """Check the model within these bounds, and print the row. Returns whether all is well.

    For each end of a run, Spin counts more states than Python: one for each promise that it asserts, and
    two more.
    """
    model = submission_model(bounds)
    found = explore(model)
    more = found.ends * (len(model.at_the_end) + 2)
    with tempfile.TemporaryDirectory(prefix="gavel-model-") as folder:
        safety = _spin(model.promela(), Path(folder), ("-DSAFETY", "-DNOCLAIM"), ())
        endless = _spin(model.promela(), Path(folder), (), ("-a",))
    states = len(found.came_from)
    agrees = safety.states - more == states and safety.transitions - more - 1 == found.transitions
    is_whole = found.broken is None and not safety.errors and not endless.errors
    broken = "nothing" if is_whole else found.broken or f"{safety.errors + endless.errors} errors of Spin"
    said = f"{broken}" if agrees else f"{broken}, and Spin has {safety}"
    print(f"| {_shown(bounds)} | {states:,} | {found.transitions:,} | {found.ends} | {said} |", flush=True)
    return agrees and is_whole


def _shown(bounds: Bounds) -> str:
    copies = ", older copies of Redis" if bounds.has_copies else ""
    return (
        f"{bounds.attempts} attempts, {bounds.workers} workers, {bounds.relays} relays and the API, "
        f"{bounds.faults} faults, {bounds.rejudgings} rejudging{copies}"
    )


def _spin(text: str, folder: Path, compiled: tuple[str, ...], run: tuple[str, ...]) -> SpinResult:
    (folder / "model.pml").write_text(text)
    subprocess.run(["spin", "-a", "model.pml"], cwd=folder, check=True, capture_output=True)
    subprocess.run(["gcc", *_OPTIONS, *compiled, "-o", "pan", "pan.c"], cwd=folder, check=True)
    done = subprocess.run(
        ["./pan", "-m2000000", "-w24", *run], cwd=folder, check=True, capture_output=True, text=True
    )
    return SpinResult(*(_number(pattern, done.stdout) for pattern in _PATTERNS))


_PATTERNS = (r"(\d+) states, stored", r"(\d+) transitions", r"errors: (\d+)")


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"Spin's answer could not be read:\n{text}")
    return int(found[1])


if __name__ == "__main__":
    raise SystemExit(main())
