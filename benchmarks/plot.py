"""Draws the lines of a result as an SVG file. An axis is logarithmic if its figures span decades."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from pygal import XY
from pygal.style import CleanStyle

from benchmarks.result import Result

_FLOOR = 0.1
_TOO_WIDE = 40.0
"""An axis is logarithmic if its highest figure is at least this many times its lowest figure."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The position of a figure on the axis, and the figures written beside it."""

    is_logarithmic: bool
    lowest: float
    highest: float

    def place(self, figure: float) -> float:
        return math.log10(max(figure, _FLOOR)) if self.is_logarithmic else figure

    def labels(self) -> list[dict[str, object]] | None:
        if not self.is_logarithmic:
            return None
        decades = range(math.floor(math.log10(self.lowest)), math.ceil(math.log10(self.highest)) + 1)
        return [{"value": float(n), "label": f"{10**n:,}"} for n in decades]


def draw(result: Result, path: Path, x_title: str) -> None:
    """Draw the result's lines. ``x_title`` names the horizontal axis. The unit of the first row names the
    vertical axis."""
    if not result.series:
        raise ValueError("this question has no lines to draw")
    across = _axis([x for one in result.series for x, _ in one.points])
    up = _axis([y for one in result.series for _, y in one.points])
    chart = XY(
        style=CleanStyle(font_family="sans-serif", guide_stroke_dasharray="1,3"),
        title=result.question,
        x_title=x_title,
        y_title=result.rows[0].unit,
        x_labels=across.labels(),
        y_labels=up.labels(),
        dots_size=2,
        truncate_legend=40,
        js=(),
        width=960,
        height=520,
    )
    for one in result.series:
        chart.add(one.name, [(across.place(x), up.place(y)) for x, y in one.points])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(chart.render())


def _axis(figures: list[float]) -> Axis:
    lowest, highest = min(figures), max(figures)
    return Axis(lowest >= _FLOOR and highest >= _TOO_WIDE * lowest, lowest, highest)
