"""One hostile program: its source, and the expected result, which ``@`` words in its comments give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
MIB = 1024 * 1024

_WORD = re.compile(r"@([a-z-]+)((?: +[^@\s][^@\n]*)?)")
_COMMENT = ("//", "#")


@dataclass(frozen=True)
class Case:
    """A hostile program. ``words`` maps an expectation to its argument. Without words the program must exit
    by itself, and must not print ESCAPED."""

    path: Path
    words: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def language(self) -> str:
        return self.path.suffix[1:]

    def endings(self, full: bool) -> set[str]:
        """The allowed endings: those of ``@ends``, or without cgroups those of ``@without``, if it is
        given."""
        with_cgroup = self.words.get("ends", "exited")
        return set((with_cgroup if full else self.words.get("without", with_cgroup)).split("|"))

    def numbers(self, word: str) -> dict[str, float]:
        """The ``key=number`` pairs in the argument of one word."""
        pairs = (pair.split("=") for pair in self.words.get(word, "").split())
        return {key: float(value) for key, value in pairs}


def read_case(path: Path) -> Case:
    """Read the ``@`` words from the comment lines at the top of a program."""
    words: dict[str, str] = {}
    for line in path.read_text().splitlines():
        if not line.startswith(_COMMENT) or line.startswith("#include"):
            break
        words.update((word, argument.strip()) for word, argument in _WORD.findall(line))
    return Case(path, words)


def read_cases() -> list[Case]:
    """All programs in the order of their paths."""
    return [read_case(path) for path in sorted(PROGRAMS.glob("*/*.*"))]
