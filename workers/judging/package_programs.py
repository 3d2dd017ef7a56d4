"""What a package brings for its submissions: drivers, and submissions of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from judge_core.languages import guess_language
from judge_core.model.language import Language
from judge_core.packages import Package, Program
from workers.judging.sources import SourceFile

_PYTHON_2 = re.compile(rb"#!.*python2")


def included_files(package: Package, language: Language) -> tuple[SourceFile, ...]:
    """The files that a package adds to every submission in a language, constants filled in."""
    root = package.include_folder(language.id, language.kattis_id)
    paths: Iterable[Path] = sorted(path for path in root.rglob("*") if path.is_file()) if root else ()
    return tuple(
        SourceFile(path.relative_to(root).as_posix(), package.source(path)) for path in paths if root
    )


def main_language(program: Program, languages: Mapping[str, Language], named: str = "") -> Language | None:
    """The language that is named for it, or that most of its files are in; of equals the greater rank's."""
    if named:
        meant = [each for each in languages.values() if named in (each.id, each.kattis_id, *each.aliases)]
        return max(meant, key=lambda language: language.rank, default=None)
    files = [path for path in program.files if not _is_of_python_2(path)]
    found = [language for path in files if (language := guess_language(path.name, languages))]
    ranked = sorted(found, key=lambda language: (-found.count(language), -language.rank))
    return ranked[0] if ranked else None


def _is_of_python_2(path: Path) -> bool:
    """The format tells the Pythons apart by the first line; the old one is not in the catalog."""
    if path.suffix != ".py":
        return False
    with path.open("rb") as file:
        return _PYTHON_2.match(file.readline(200)) is not None


def bundled_files(package: Package, program: Program, language: Language) -> tuple[SourceFile, ...]:
    """A program's files; a single one beside a driver is named as if it had been handed in."""
    root = _root(program)
    driver = {file.name for file in included_files(package, language)}
    if len(program.files) == 1 and language.main_name in driver:
        return (SourceFile("", package.source(program.files[0])),)
    return tuple(
        SourceFile(path.relative_to(root).as_posix(), package.source(path)) for path in program.files
    )


def _root(program: Program) -> Path:
    return program.path if program.path.is_dir() else program.path.parent


class NoProgress:
    """A watcher that tells nobody."""

    def compiling(self) -> None:
        """Nobody is told."""

    def running(self, tests_total: int) -> None:
        """Nobody is told."""

    def tested(self, tests_done: int, tests_total: int) -> None:
        """Nobody is told."""
