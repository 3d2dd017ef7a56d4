"""Imports problems in other judges' formats, and writes them as packages of the format's version 2023-07.

Each format has a reader, which returns a :class:`ForeignProblem`. One writer makes a package of it. No
program of a problem is run here.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.packages.diagnostics import Diagnostic, Diagnostics
from judge_core.packages.formats import legacy
from judge_core.packages.formats.detect import Detected, ForeignFormat, detect
from judge_core.packages.formats.record import ForeignProblem
from judge_core.packages.formats.source import broken, open_source
from judge_core.packages.formats.writer import PackageWriter
from judge_core.packages.package import SLUG, propose_slug
from judge_core.packages.reader import inspect_package

__all__ = ["ForeignFormat", "ImportedProblem", "import_problems"]


@dataclass(frozen=True, slots=True)
class ImportedProblem:
    """A package that was written: its folder, its former format, and notes about what was left out or
    changed."""

    folder: Path
    format: ForeignFormat
    notes: tuple[Diagnostic, ...]


def import_problems(
    path: Path, out: Path, format: ForeignFormat | None = None, name: str | None = None
) -> list[ImportedProblem]:
    """Write every problem of a file or folder as a package below ``out``. ``name`` is for a single problem.

    If a problem cannot be carried over, raises ``BrokenPackage`` with the reasons before anything is written.
    """
    with tempfile.TemporaryDirectory(prefix="gavel-import-") as place:
        faults = Diagnostics()
        source = open_source(path, Path(place) / "files", faults)
        found = list(detect(source, format))
        written = Path(place) / "written"
        slug = name or (path.stem if path.is_file() else path.resolve().name)
        imported = list(_written(found, written, slug, name is not None))
        if not imported:
            raise broken(path.name, f"holds no problem in the format {found[0].format}")
        for each in imported:
            _check(each)
        _move(imported, out)
        return [replace(each, folder=out / each.folder.name) for each in imported]


def _written(found: list[Detected], written: Path, slug: str, is_given: bool) -> Iterator[ImportedProblem]:
    taken: set[str] = set()
    for each in found:
        notes = Diagnostics()
        detected = replace(each, source=replace(each.source, faults=notes))
        file_slug = slug if is_given or not each.folder else each.folder
        if detected.is_package:
            name = _free(file_slug if SLUG.fullmatch(file_slug) else propose_slug(file_slug), taken)
            legacy.convert(detected.source, written / name, name)
            yield ImportedProblem(written / name, each.format, notes.warnings)
            continue
        problems = detected.read()
        alone = len(problems) == 1 and len(found) == 1
        for problem in problems:
            own = Diagnostics()
            name = _free(_slug(problem, file_slug, alone, is_given), taken)
            PackageWriter(written / name, own).write(replace(problem, slug=name))
            all_notes = (*notes.warnings, *problem.notes, *own.warnings)
            yield ImportedProblem(written / name, each.format, all_notes)


def _slug(problem: ForeignProblem, slug: str, alone: bool, is_given: bool) -> str:
    """The given name for a single problem, else the problem's own name, else the file's name."""
    if alone and is_given:
        return slug
    return problem.slug if problem.slug != "problem" else propose_slug(slug)


def _free(slug: str, taken: set[str]) -> str:
    number, free = 2, slug
    while free in taken:
        free, number = f"{slug}-{number}", number + 1
    taken.add(free)
    return free


def _check(imported: ImportedProblem) -> None:
    """Check that the judge can read a package.

    Raises ``BrokenPackage`` with the faults if it cannot.
    """
    _, faults = inspect_package(imported.folder, imported.folder.name)
    faults.raise_errors()


def _move(imported: list[ImportedProblem], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for each in imported:
        target = out / each.folder.name
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise broken(str(target), "exists already: give another folder with -o, or a name with --name")
    for each in imported:
        target = out / each.folder.name
        if target.exists():
            target.rmdir()
        shutil.copytree(each.folder, target)
