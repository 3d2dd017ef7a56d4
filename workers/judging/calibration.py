"""The time limit of a package that names none: from its own submissions, as the format says.

The smallest multiple of the resolution that leaves the slowest accepted submission its margin. It is found
once per
host and version, and kept beside the prepared headers, so that a version is judged by one limit for as
long as it is.
"""

from __future__ import annotations

import fcntl
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from judge_api.catalog.packages import Package, Program
from judge_api.domain.problem import ProblemLimits
from judge_api.domain.submission import Outcome
from judge_api.domain.verdict import Verdict

GENEROUS_SECONDS = 20.0
"""What an accepted submission may take while the limit is being found."""

TryOut = Callable[[Package, Program], Outcome | None]


def time_limit(limits: ProblemLimits, slowest_accepted: float) -> float:
    """Seconds, given those of the slowest accepted submission."""
    needed = max(slowest_accepted, 0.001) * limits.ac_to_time_limit
    return math.ceil(needed / limits.time_resolution - 1e-9) * limits.time_resolution


def with_time_limit(package: Package, seconds: float) -> Package:
    """The same package with a time limit."""
    metadata = package.metadata
    return replace(package, metadata=replace(metadata, limits=replace(metadata.limits, time=seconds)))


def calibrate(package: Package, shelf: Path, try_out: TryOut) -> Package:
    """The package with its time limit: its own, the one found before, or one found now.

    Unchanged when nothing can be found, because no accepted submission is in it or its language is not here:
    the worker's default holds then.
    """
    if package.metadata.limits.time is not None:
        return package
    shelf.mkdir(parents=True, exist_ok=True)
    note = shelf / f"{package.folder.parent.name}-{package.slug}.json"
    with (shelf / f".{note.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = _read(note)
        if known is None:
            slowest = _slowest(package, try_out)
            if slowest is None:
                return package
            known = time_limit(package.metadata.limits, slowest)
            draft = note.with_suffix(".draft")
            draft.write_text(json.dumps({"time_limit": known}))
            draft.replace(note)
    return with_time_limit(package, known)


def _slowest(package: Package, try_out: TryOut) -> float | None:
    """Seconds of the slowest submission that is accepted here; one that is not has nothing to say."""
    generous = with_time_limit(package, GENEROUS_SECONDS)
    bundled = [each for each in package.submissions if each.name.startswith("accepted/")]
    outcomes = [try_out(generous, each) for each in bundled]
    times = [each.cpu_ms or 0 for each in outcomes if each is not None and each.verdict is Verdict.AC]
    return max(times) / 1000 if times else None


def _read(note: Path) -> float | None:
    try:
        return float(json.loads(note.read_text())["time_limit"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
