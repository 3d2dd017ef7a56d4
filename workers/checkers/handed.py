"""A submission as programs that look at it find it (2023-07): its files, and what was compiled of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sandbox import FileIn
from workers.judging.compiling import Program
from workers.judging.sources import Bundle

_OURS = ("feedback", "no.ans", "team.out")
_MOST_COMPILED = 500
"""Some programs have thousands of classes; what looks at a submission looks at its source first."""


@dataclass(frozen=True)
class Handed:
    """What was handed in. Answers alone have no ``program``."""

    bundle: Bundle
    program: Program | None = None

    @cached_property
    def files(self) -> tuple[FileIn, ...]:
        """What the format wants in the working folder: files as handed in, those put beside them, binaries.

        Looked for when somebody wants them: most submissions are looked at by nobody.
        """
        program = self.program
        named = {file.name: FileIn(file.name, file.content) for file in self.bundle.files}
        compiled = list(_compiled(program)) if program is not None and program.language.compile else []
        if len(compiled) <= _MOST_COMPILED:
            named = {**{file.name: file for file in compiled}, **named}
        return tuple(file for name, file in named.items() if name.split("/")[0] not in _OURS)


def _compiled(program: Program) -> Iterator[FileIn]:
    for path in sorted(program.folder.rglob("*")):
        if path.is_file():
            yield FileIn(path.relative_to(program.folder).as_posix(), path, executable=True)
