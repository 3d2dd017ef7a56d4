"""A submission's files as a validator finds them in its working folder (2023-07): sources and binaries.

The format names no folder for them, so they are in the folder in which language runtimes look for code.
Therefore only the submitted files, and files or classes that the language's compile command makes, are put
there. Code that runs at compile time (Perl's BEGIN, Template Haskell) may leave other files beside the
program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from sandbox import MIB, InputFile
from workers.judging.compiler import CompiledProgram
from workers.judging.sources import SourceBundle

_RESERVED = ("feedback", "no.ans", "team.out")
_NAMED_OUTPUT = re.compile(r"\{out\}/([\w.-]+)")
"""A file that a compile command names. ``{out}`` alone is a folder for classes."""
_CLASSES = (".class", ".js")
_MAX_FILES, _MAX_BYTES = 500, 32 * MIB
"""Larger programs are left out, because every validation would copy their thousands of classes or hundreds of
megabytes. Validators mostly look at the source."""


@dataclass(frozen=True)
class SubmissionFiles:
    """The submitted files and the program compiled from them. Submitted answers have no ``program``."""

    bundle: SourceBundle
    program: CompiledProgram | None = None

    @cached_property
    def files(self) -> tuple[InputFile, ...]:
        """The submitted files, the driver's files and the binaries.

        They are computed on first use, because most validators do not look at the submission.
        """
        sources = [InputFile(file.name, file.content) for file in self.bundle.files if _is_allowed(file.name)]
        compiled = _compiled(self.program) if self.program is not None else []
        source_paths = {above for file in sources for above in _name_and_parents(file.name)}
        names = {file.name for file in sources}
        binaries = [
            InputFile(name, path, executable=True)
            for name, path in compiled
            if name not in source_paths and names.isdisjoint(_name_and_parents(name)) and _is_allowed(name)
        ]
        return (*binaries, *sources)


def _name_and_parents(name: str) -> list[str]:
    """A name and the folders above it."""
    path = PurePosixPath(name)
    return [path.as_posix(), *(above.as_posix() for above in path.parents if above.name)]


def _is_allowed(name: str) -> bool:
    """Whether a file of this name is put into the folder. Hidden files are for runtimes, and the worker uses
    some names itself."""
    parts = PurePosixPath(name).parts
    return parts[0] not in _RESERVED and not any(part.startswith(".") for part in parts)


def _compiled(program: CompiledProgram) -> list[tuple[str, Path]]:
    """The files that the language's command makes, by their path in the program's folder: all of them, or
    none."""
    folder, command = program.folder, program.language.compile
    named = [name for word in command for name in _NAMED_OUTPUT.findall(word)]
    paths = [folder / name for name in named] if named else _classes(folder, command)
    found = [path for path in paths if path.is_file() and not path.is_symlink()]
    if len(found) > _MAX_FILES or sum(path.stat().st_size for path in found) > _MAX_BYTES:
        return []
    return [(path.relative_to(folder).as_posix(), path) for path in found]


def _classes(folder: Path, command: tuple[str, ...]) -> list[Path]:
    if not any("{out}" in word for word in command):
        return []
    return sorted(path for path in folder.rglob("*") if path.suffix in _CLASSES)
