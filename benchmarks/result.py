"""The result of a benchmark: rows of figures. A row may have a target."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

WORSE_BY = 1.25


@dataclass(frozen=True, slots=True)
class Spread:
    """Order statistics of samples. Times are in milliseconds unless the row has another unit."""

    n: int
    p50: float
    p95: float
    p99: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``ratio`` compares it with the floor of the same run. Smaller is better unless
    ``more_is_better`` is true. ``target`` is the bound of the ratio, or of the value if there is no ratio."""

    name: str
    value: float | None = None
    unit: str = "ms"
    ratio: float | None = None
    target: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        figure = self.ratio if self.ratio is not None else self.value
        if self.target is None or figure is None:
            return None
        return figure >= self.target if self.more_is_better else figure <= self.target


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart. Each point has an x and a y."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """All figures that answer one question, and the machine on which they were measured."""

    question: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    machine: str = field(default_factory=lambda: describe_machine())


def spread(samples: Sequence[float]) -> Spread:
    """Order statistics of at least one sample. p95 and p99 are the samples at these shares of the sorted
    samples."""
    ordered = sorted(samples)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Spread(len(ordered), statistics.median(ordered), at(0.95), at(0.99), ordered[0], ordered[-1])


def describe_machine() -> str:
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def print_result(result: Result) -> None:
    """Print a plain table, the ratios first, then the values."""
    print(f"\n{result.question}  ({result.machine})\n")
    width = max(len(row.name) for row in result.rows)
    print(f"{'':{width}}  {'ratio':>8} {'target':>8}  {'value':>12}")
    for row in result.rows:
        figures = f"{_ratio(row):>8} {_target(row):>8}  {_value(row):>12}"
        print(f"{row.name:{width}}  {figures}  {_mark(row)}{row.note}")
    for note in result.notes:
        print(f"  {note}")


def _ratio(row: Row) -> str:
    return "" if row.ratio is None else f"{row.ratio:.2f} x"


def _target(row: Row) -> str:
    if row.target is None:
        return ""
    return f"{'≥' if row.more_is_better else '≤'} {row.target:g}"


def _value(row: Row) -> str:
    return "" if row.value is None else f"{row.value:,.2f} {row.unit}"


def _mark(row: Row) -> str:
    return {True: "met  ", False: "MISSED  ", None: ""}[row.is_met]


def save_result(result: Result, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(result), indent=1, ensure_ascii=False) + "\n")


def read_baseline(path: Path) -> dict[str, float]:
    """The ratios of an earlier result, by row name."""
    rows = json.loads(path.read_text())["rows"]
    return {row["name"]: row["ratio"] for row in rows if row["ratio"] is not None}


def ratios(result: Result) -> dict[str, float]:
    return {row.name: round(row.ratio, 3) for row in result.rows if row.ratio is not None}


def read_machine_baseline(path: Path) -> dict[str, dict[str, float]]:
    """The stored ratios for machines of this kind, by question and row. Those of other kinds are left out."""
    kept: dict[str, dict[str, dict[str, float]]] = json.loads(path.read_text()) if path.exists() else {}
    return kept.get(describe_machine(), {})


def save_machine_baseline(path: Path, found: dict[str, dict[str, float]]) -> None:
    """Save these ratios as the baseline of this kind of machine. Those of other kinds are kept."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(kept | {describe_machine(): found}, indent=1, ensure_ascii=False) + "\n")


def compare(result: Result, baseline: dict[str, float]) -> int:
    """Print every ratio that got worse by more than a quarter. Returns 1 if there is any, else 0."""
    worse = [row for row in result.rows if _is_worse(row, baseline.get(row.name))]
    for row in worse:
        print(f"WORSE: {row.name}: {baseline[row.name]:.2f} x before, {row.ratio:.2f} x now")
    return 1 if worse else 0


def _is_worse(row: Row, before: float | None) -> bool:
    if before is None or row.ratio is None or before <= 0:
        return False
    return row.ratio * WORSE_BY < before if row.more_is_better else row.ratio > before * WORSE_BY
