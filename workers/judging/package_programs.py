"""A package's drivers and its bundled submissions, as source files in a language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from judge_core.languages import guess_language, languages_named
from judge_core.model.language import Language
from judge_core.packages import Package, Program
from workers.judging.sources import SourceFile

_PYTHON_2 = re.compile(rb"#!.*python2")


def included_files(package: Package, language: Language) -> tuple[SourceFile, ...]:
    """The files that a package adds to every submission in a language, constants filled in."""
    root = package.include_folder(language.id)
    paths: Iterable[Path] = sorted(path for path in root.rglob("*") if path.is_file()) if root else ()
    return tuple(
        SourceFile(path.relative_to(root).as_posix(), package.source(path)) for path in paths if root
    )


def main_language(program: Program, languages: Mapping[str, Language], named: str = "") -> Language | None:
    """The named language, else the one of most files; of two with equally many the one of higher rank."""
    if named:
        matching = [each for each in languages.values() if each.id in languages_named(named)]
        return max(matching, key=lambda language: language.rank, default=None)
    files = [path for path in program.files if not _is_of_python_2(path)]
    found = [language for path in files if (language := guess_language(path.name, languages))]
    ranked = sorted(found, key=lambda language: (-found.count(language), -language.rank))
    return ranked[0] if ranked else None


def _is_of_python_2(path: Path) -> bool:
    """Whether the first line names Python 2, as the format says; it is not in the catalog."""
    if path.suffix != ".py":
        return False
    with path.open("rb") as file:
        return _PYTHON_2.match(file.readline(200)) is not None


def bundled_files(package: Package, program: Program, language: Language) -> tuple[SourceFile, ...]:
    """A bundled submission's files. A single one beside a driver is named as a submission's would be."""
    root = _root(program)
    driver = {file.name for file in included_files(package, language)}
    if len(program.files) == 1 and language.main_name in driver:
        return (SourceFile("", package.source(program.files[0])),)
    return tuple(
        SourceFile(path.relative_to(root).as_posix(), package.source(path)) for path in program.files
    )


def _root(program: Program) -> Path:
    return program.path if program.path.is_dir() else program.path.parent
