"""A submission as programs that look at it find it (2023-07): its files, and what was compiled of them.

The format lays them into the working folder itself, and no argument names another one. So they stand where
runtimes look for code by themselves, and only names that the author does not choose get there: those of what
was handed in, and of what the language's own command says that it makes. An author's code may run while it is
compiled (Perl's BEGIN, Template Haskell) and leave any file it likes beside the program.
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
_MADE = re.compile(r"\{out\}/([\w.-]+)")
"""How a language's command names what it makes; ``{out}`` alone is a folder to make classes in."""
_CLASSES = (".class", ".js")
_MOST_COMPILED, _MOST_BYTES = 500, 32 * MIB
"""Some programs have thousands of classes, or hundreds of megabytes, which every validation would copy; what
looks at a submission looks at its source first."""


@dataclass(frozen=True)
class SubmissionFiles:
    """What was handed in. Answers alone have no ``program``."""

    bundle: SourceBundle
    program: CompiledProgram | None = None

    @cached_property
    def files(self) -> tuple[InputFile, ...]:
        """What the format wants in the working folder: files as handed in, those put beside them, binaries.

        Looked for when somebody wants them: most submissions are looked at by nobody.
        """
        handed = [InputFile(file.name, file.content) for file in self.bundle.files if _is_allowed(file.name)]
        compiled = _compiled(self.program) if self.program is not None else []
        taken = {above for file in handed for above in _name_and_parents(file.name)}
        names = {file.name for file in handed}
        beside = [
            InputFile(name, path, executable=True)
            for name, path in compiled
            if name not in taken and names.isdisjoint(_name_and_parents(name)) and _is_allowed(name)
        ]
        return (*beside, *handed)


def _name_and_parents(name: str) -> list[str]:
    """A name and the folders above it."""
    path = PurePosixPath(name)
    return [path.as_posix(), *(above.as_posix() for above in path.parents if above.name)]


def _is_allowed(name: str) -> bool:
    """Hidden files are for runtimes and no name of the format's; some names are ours."""
    parts = PurePosixPath(name).parts
    return parts[0] not in _RESERVED and not any(part.startswith(".") for part in parts)


def _compiled(program: CompiledProgram) -> list[tuple[str, Path]]:
    """What the language's command makes, by its name below the program's folder; all of it or nothing."""
    folder, command = program.folder, program.language.compile
    named = [name for word in command for name in _MADE.findall(word)]
    paths = [folder / name for name in named] if named else _classes(folder, command)
    found = [path for path in paths if path.is_file() and not path.is_symlink()]
    if len(found) > _MOST_COMPILED or sum(path.stat().st_size for path in found) > _MOST_BYTES:
        return []
    return [(path.relative_to(folder).as_posix(), path) for path in found]


def _classes(folder: Path, command: tuple[str, ...]) -> list[Path]:
    if not any("{out}" in word for word in command):
        return []
    return sorted(path for path in folder.rglob("*") if path.suffix in _CLASSES)
