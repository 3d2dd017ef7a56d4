"""A submission as programs that look at it find it (2023-07): its files, and what was compiled of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox import FileIn
from workers.judging.compiling import Program
from workers.judging.sources import Bundle

_OURS = ("feedback", "no.ans", "team.out")
_MOST_COMPILED = 500
"""Some programs have thousands of classes; what looks at a submission looks at its source first."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed in; ``files`` lie in the working folder. Answers alone have no ``program``."""

    bundle: Bundle
    program: Program | None
    files: tuple[FileIn, ...]


def hand(bundle: Bundle, program: Program | None = None) -> Handed:
    """What the format wants in the working folder: files as handed in, those put beside them, binaries."""
    named = {file.name: FileIn(file.name, file.content) for file in bundle.files}
    compiled = list(_compiled(program)) if program is not None and program.language.compile else []
    if len(compiled) <= _MOST_COMPILED:
        named = {**{file.name: file for file in compiled}, **named}
    shown = tuple(file for name, file in named.items() if name.split("/")[0] not in _OURS)
    return Handed(bundle, program, shown)


def _compiled(program: Program) -> Iterator[FileIn]:
    for path in sorted(program.folder.rglob("*")):
        if path.is_file():
            yield FileIn(path.relative_to(program.folder).as_posix(), path, executable=True)
