"""Writes the conversation of an interactive test as text, in the format of a sample's interaction in a
package."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox import PairReport, Said

MOST_LINES = 300
_LONGEST_LINE = 200
_MARKS = (">", "<")


def transcript_of(pair: PairReport) -> str:
    """One line for each line of the conversation, with ``>`` for the submission and ``<`` for the judge. A
    line ``...`` at the end says that there was more."""
    lines = [line for said in pair.said for line in _lines(said)]
    is_cut = pair.said_more or len(lines) > MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *(["..."] if is_cut else [])])


def _lines(said: Said) -> Iterator[str]:
    text = said.data.decode("utf-8", errors="replace").replace("\x00", "\ufffd").removesuffix("\n")
    for line in text.split("\n"):
        yield f"{_MARKS[said.side]}{_short(line)}"


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..."
