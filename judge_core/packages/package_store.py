"""Stores packages: one zip for each content hash, never changed afterwards."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from judge_core.languages import guess_language
from judge_core.model.problem import ProblemSpec
from judge_core.model.verdict import Verdict
from judge_core.packages.diagnostics import Fault
from judge_core.packages.expected_verdicts import expected_verdicts
from judge_core.packages.package import Package, Program
from judge_core.packages.reader import read_package
from judge_core.packages.spec import problem_spec
from judge_core.packages.upload import unpack

_EPOCH = (1980, 1, 1, 0, 0, 0)
_KEPT_HIDDEN = (".timelimit",)


@dataclass(frozen=True, slots=True)
class ReferenceSolution:
    """An accepted submission of a package, in one file of a known language."""

    language: str
    source: str


@dataclass(frozen=True, slots=True)
class BundledSubmission:
    """A submission of a package. ``solution`` is ``None`` when it has several files or no known language."""

    name: str
    expected: frozenset[Verdict]
    solution: ReferenceSolution | None


@dataclass(frozen=True, slots=True)
class StoredPackage:
    """A stored package: ``hash`` is the SHA-256 of its zip, the same for equal content."""

    slug: str
    hash: str
    spec: ProblemSpec
    warnings: tuple[Fault, ...]
    reference_solutions: tuple[ReferenceSolution, ...] = ()


class PackageStore:
    """Packages below one folder, by hash. Adding the same content again changes nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, hash: str) -> Path | None:
        """The zip of a version, or ``None``; anything but a hash is never looked up."""
        if len(hash) != 64 or not all(char in "0123456789abcdef" for char in hash):
            return None
        path = self._folder / f"{hash}.zip"
        return path if path.is_file() else None

    def add_folder(self, folder: Path) -> StoredPackage:
        """Read, check and store a package folder. Raises BrokenPackage with every fault."""
        package = read_package(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".adding-")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w+b") as out:
                write_zip(folder, package.slug, out)
                out.flush()
                os.fsync(out.fileno())
                out.seek(0)
                hash = hashlib.file_digest(out, "sha256").hexdigest()
            temporary.replace(self._folder / f"{hash}.zip")
        finally:
            temporary.unlink(missing_ok=True)
        spec, reference_solutions = problem_spec(package, hash), tuple(_reference_solutions(package))
        return StoredPackage(package.slug, hash, spec, package.warnings, reference_solutions)

    def bundled_submissions(self, hash: str) -> list[BundledSubmission]:
        """Every submission of a stored version, by name; empty for an unknown version."""
        path = self.path(hash)
        if path is None:
            return []
        with tempfile.TemporaryDirectory(prefix="gavel-bundled-") as place:
            package = read_package(unpack(path, Path(place)))
            return [
                BundledSubmission(
                    program.name, expected_verdicts(program), _reference_solution(package, program)
                )
                for program in package.submissions
            ]

    def add_zip(self, source: Path | BinaryIO, default_slug: str | None = None) -> StoredPackage:
        """Store an uploaded zip, packed again so that equal content has an equal hash.

        ``default_slug`` is the slug of a zip without a top folder.
        """
        with tempfile.TemporaryDirectory(prefix="gavel-upload-") as place:
            return self.add_folder(unpack(source, Path(place), default_slug=default_slug))


def _reference_solutions(package: Package) -> Iterator[ReferenceSolution]:
    for program in package.submissions:
        solution = _reference_solution(package, program)
        if program.name.startswith("accepted/") and solution is not None:
            yield solution


def _reference_solution(package: Package, program: Program) -> ReferenceSolution | None:
    language = guess_language(program.path.name) if program.path.is_file() else None
    if language is None:
        return None
    return ReferenceSolution(language.id, package.source(program.path).decode("utf-8", errors="replace"))


def write_zip(folder: Path, slug: str, out: BinaryIO) -> None:
    """A deterministic zip of a package: sorted names, one date, links inside the package resolved."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
            name = path.relative_to(folder)
            if not path.is_file() or _is_left_out(name):
                continue
            member = zipfile.ZipInfo(f"{slug}/{name.as_posix()}", _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (0o100755 if os.access(path, os.X_OK) else 0o100644) << 16
            with path.open("rb") as content, archive.open(member, "w", force_zip64=True) as packed:
                while chunk := content.read(1 << 20):
                    packed.write(chunk)


def _is_left_out(name: Path) -> bool:
    """Hidden files, editors' litter and byte code; the time limit's hidden file is part of a package."""
    if name.name in _KEPT_HIDDEN:
        return False
    return any(part.startswith(".") or part == "__pycache__" for part in name.parts) or name.suffix == ".pyc"
