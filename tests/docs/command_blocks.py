"""Reads the fenced blocks of a page, and the comments that say how ``make test-docs`` treats them.

A comment is on the line before its block:

- ``<!-- not run here: REASON -->``: the block of commands is not run. It is counted, and its reason printed.
- ``<!-- prints: TEXT -->``: the output of the block must contain the text.
- ``<!-- file: PATH -->``: the block is the content of a file, which is written before the next block runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMANDS = frozenset({"sh", "python"})
_COMMENT = re.compile(r"<!-- (not run here|prints|file): (.+?) -->")
_FENCE = re.compile(r"^(`{3,})(\S*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its place, language and text, and what the comments before it say."""

    page: Path
    line: int
    language: str
    text: str
    skip_reason: str = ""
    must_print: tuple[str, ...] = ()
    file: str = ""

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def is_command(self) -> bool:
        return self.language in COMMANDS and not self.file


def pages() -> list[Path]:
    """The README, CONTRIBUTING and the pages below docs/."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def read_blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page in their order."""
    lines = page.read_text("utf-8").splitlines()
    comments: list[tuple[str, str]] = []
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number].strip())
        if fence is None:
            found = _COMMENT.fullmatch(lines[number].strip())
            comments = [*comments, (found[1], found[2])] if found else []
            number += 1
            continue
        end = _closing(lines, number, fence[1])
        yield _block(page, number, fence[2], lines[number:end], comments)
        comments, number = [], end + 1


def _closing(lines: list[str], opening: int, fence: str) -> int:
    for number in range(opening + 1, len(lines)):
        if lines[number].strip() == fence:
            return number
    raise AssertionError(f"the block that begins at line {opening + 1} has no end")


def _block(
    page: Path, number: int, language: str, lines: list[str], comments: list[tuple[str, str]]
) -> Block:
    indent = len(lines[0]) - len(lines[0].lstrip())
    known = dict(comments)
    return Block(
        page=page,
        line=number + 1,
        language=language,
        text="".join(f"{line[indent:]}\n" for line in lines[1:]),
        skip_reason=known.get("not run here", ""),
        must_print=tuple(text for kind, text in comments if kind == "prints"),
        file=known.get("file", ""),
    )
