"""A submission as programs that look at it find it (2023-07): its files, and what was compiled of them."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox import FileIn, Mount
from workers.judging.compiling import Program
from workers.judging.sources import Bundle

_HERE, _COMPILED = "submission", "/s"
ENTER = (
    "/usr/bin/sh",
    "-c",
    f'[ -d {_COMPILED} ] && cp -rn {_COMPILED}/. /w/{_HERE}; cd /w/{_HERE} && exec "$@"',
    "sh",
)
"""The format wants the submission and what was compiled of it in the working folder, and nothing else."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed in; answers to a submit-answer problem have no ``program``."""

    bundle: Bundle
    program: Program | None = None

    @property
    def files(self) -> tuple[FileIn, ...]:
        """The files as they were handed in, and those that the problem put beside them."""
        named = [FileIn(f"{_HERE}/{file.name}", file.content) for file in self.bundle.files]
        return (*named, FileIn(f"{_HERE}/.keep", b"")) if not named else tuple(named)

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """What a compiler made of them; a language without one has nothing but its files."""
        compiled = self.program is not None and self.program.language.compile
        return (self.program.mount_at(_COMPILED),) if self.program and compiled else ()
