"""Converts a text in pieces if the whole text cannot be converted, so that only the piece with the fault is
lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from judge_core.packages.statements.pandoc import CannotConvert, Converted, Note

_EDGE = re.compile(r"\\(begin|end)\s?\{(?!document\})[^{}\n]{1,40}\}")
_DEFINITION = re.compile(
    r"\s*\\(?:re)?(?:newcommand|def|providecommand|DeclareMathOperator|newenvironment)\b"
)
_DOCUMENT = re.compile(r"\\(?:begin|end)\{document\}")
_MOST_CALLS = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a text, and the number of the first line."""

    text: str
    line: int


def cut(text: str) -> list[Piece]:
    """A text cut at the blank lines that are in no environment."""
    pieces, lines, first, depth = [], list[str](), 1, 0
    for number, line in enumerate(_DOCUMENT.sub("", text).split("\n"), 1):
        depth = max(0, depth + sum(1 if hit.group(1) == "begin" else -1 for hit in _EDGE.finditer(line)))
        if not line.strip() and depth == 0 and lines:
            pieces.append(Piece("\n".join(lines), first))
            lines = []
        elif lines or line.strip():
            first = first if lines else number
            lines.append(line)
    return [*pieces, Piece("\n".join(lines), first)] if lines else pieces


def short_reason(error: str) -> str:
    """Pandoc's error without its excerpt of the text, since the excerpt's line numbers are not those of the
    author's text."""
    said = [line for line in error.split("\n") if line.startswith(("unexpected", "expecting"))]
    return "; ".join(said)[:150] or " ".join(error.split())[:150]


@dataclass(slots=True)
class Pieces:
    """Converts pieces. If that fails, converts each half. ``failures`` has the line and the reason of each
    piece that cannot be converted."""

    pieces: list[Piece]
    convert_text: Callable[[str], Converted]
    failures: list[tuple[int, str]] = field(default_factory=list)
    _calls: int = 0
    _definitions: list[str] = field(default_factory=list)

    def convert(self) -> Converted:
        self._definitions = [
            line
            for piece in self.pieces
            for line in piece.text.split("\n")
            if _DEFINITION.match(line) and line.count("{") == line.count("}")
        ]
        return self._convert(self.pieces)

    def _convert(self, pieces: list[Piece]) -> Converted:
        if not pieces:
            return Converted("")
        try:
            return self._try(pieces)
        except CannotConvert as error:
            if len(pieces) == 1 or self._calls >= _MOST_CALLS:
                return self._raw(pieces, error)
        middle = len(pieces) // 2
        halves = [self._convert(half) for half in (pieces[:middle], pieces[middle:])]
        return Converted(
            "".join(each.text for each in halves), tuple(note for each in halves for note in each.notes)
        )

    def _try(self, pieces: list[Piece]) -> Converted:
        """Convert pieces after the text's definitions. Empty lines between the pieces keep the pieces at
        their lines."""
        self._calls += 1
        head = "".join(self._definitions)
        text, line = head, 1
        for piece in pieces:
            text += "\n" * max(2 if line > 1 else 0, piece.line - pieces[0].line + 1 - line) + piece.text
            line = piece.line - pieces[0].line + 1 + piece.text.count("\n")
        made = self.convert_text(text)
        shift = pieces[0].line - 1
        notes = (Note(each.kind, each.contents, each.line and each.line + shift) for each in made.notes)
        return Converted(made.text, tuple(notes))

    def _raw(self, pieces: list[Piece], error: CannotConvert) -> Converted:
        reason = short_reason(str(error))
        ends = "end of input" in reason
        place = pieces[0].line + (0 if ends else max(0, (error.line or 1) - 1))
        self.failures.append((place, reason))
        text = "\n\n".join(piece.text for piece in pieces)
        return Converted(f"<pre>{html.escape(text)}</pre>\n")
