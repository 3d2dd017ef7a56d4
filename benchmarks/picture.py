"""Draws the lines of an answer as an SVG file, both axes logarithmic where the figures span decades."""

from __future__ import annotations

from pathlib import Path

from pygal import XY
from pygal.style import CleanStyle

from benchmarks.answer import Answer


def draw(answer: Answer, path: Path, x_title: str) -> None:
    """``x_title`` names the horizontal axis; the vertical one has milliseconds or what the question says."""
    if not answer.lines:
        raise ValueError("this question has no lines to draw")
    chart = XY(
        style=CleanStyle(font_family="sans-serif"),
        title=answer.question,
        x_title=x_title,
        y_title="ms",
        stroke_style={"width": 2},
        dots_size=2,
        legend_at_bottom=True,
        logarithmic=True,
        js=(),
        print_values=False,
        width=900,
        height=500,
    )
    for line in answer.lines:
        chart.add(line.name, [(x, max(y, 0.1)) for x, y in line.points])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(chart.render())
