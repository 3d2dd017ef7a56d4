"""Writes the tables of the documentation that come from runs of the simulation."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "how-we-know.md"
_MOST_SHOWN = 110
_AFTER_NUMBERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}")


def write_part(name: str, lines: Iterable[str], page: Path = PAGE) -> None:
    """Replace the page's generated part of this name by these lines."""
    begin, end = f"<!-- generated: {name}: begin -->\n", f"<!-- generated: {name}: end -->\n"
    before, _, rest = page.read_text().partition(begin)
    _, _, after = rest.partition(end)
    if not after:
        raise ValueError(f"{page} has no part {name!r}")
    page.write_text(before + begin + "".join(f"{line}\n" for line in lines) + end + after)


def mutation_rows(found: Mapping[str, tuple[int, str] | None]) -> list[str]:
    """A row for each bug, with the seed that found it and the first promise that this seed broke."""
    rows = ["| bug | found by seed | found as |", "|---|---|---|"]
    for bug, one in found.items():
        seed, failure = one or ("none", "")
        rows.append(f"| {bug} | {seed} | {_plain(failure)} |")
    return rows


def _plain(failure: str) -> str:
    """The promise that broke, without the seed and the ids."""
    text = _AFTER_NUMBERS.sub("a submission", failure.partition(": ")[2]).replace("|", " ")
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def seed_rows(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """For each figure, the sum over all seeds and the least value of a seed."""
    ran = {each["seed"]: each for each in results}.values()
    names = ("submissions", "faults", "steps")
    sums = Counter({name: sum(each[name] for each in ran) for name in names})
    broken = sorted(each["seed"] for each in ran if each["failure"] is not None)
    rows = ["| | in all | in each seed, at least |", "|---|---|---|", f"| seeds | {len(ran):,} | |"]
    rows += [f"| {name} | {sums[name]:,} | {min(each[name] for each in ran):,} |" for name in names]
    rows.append(f"| seeds that broke a promise | {len(broken)} | |")
    return rows


def read_results(path: Path) -> list[dict[str, Any]]:
    """The results that a run has written. A line that was cut off is ignored."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
