"""Stores packages: one zip for each content hash. A stored zip is never changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from judge_core.folder_sync import sync_folder
from judge_core.languages import guess_language
from judge_core.leftovers import remove_leftovers
from judge_core.model.problem import ProblemSpec
from judge_core.model.program_files import MOST_FILES, ProgramFile, ProgramFiles
from judge_core.model.submission import Verdict
from judge_core.packages.diagnostics import BrokenPackage, Diagnostic, Diagnostics
from judge_core.packages.expected_verdicts import expected_verdicts
from judge_core.packages.file_changes import FileChange, apply_changes
from judge_core.packages.file_list import FileList, list_files, plain_folder, repository_around
from judge_core.packages.judging_hash import judging_hash
from judge_core.packages.package import Package, Program
from judge_core.packages.reader import inspect_package, read_package
from judge_core.packages.spec import problem_spec
from judge_core.packages.upload import unpack

_EPOCH = (1980, 1, 1, 0, 0, 0)
PICTURES_ENDING = ".pictures.zip"
"""The ending of a file's name, after a version's hash. The file has the pictures that were made for the
version's statements."""
UPLOADED_ENDING = ".uploaded.zip"
"""The ending of a file's name, after a version's hash. The file is the one that was uploaded, if that differs
from the stored package."""

ADDING, FETCHING, FETCHED = ".adding-", ".fetching-", ".fetched-"
INCOMPLETE = (ADDING, FETCHING, FETCHED)
"""The beginnings of the names of files that are being added or fetched."""


@dataclass(frozen=True, slots=True)
class ReferenceSolution:
    """A submission of a package in a known language. If it has several files, ``files`` is set instead of
    ``source``."""

    language: str
    source: str
    files: ProgramFiles | None = None


@dataclass(frozen=True, slots=True)
class BundledSubmission:
    """A submission of a package. ``solution`` is ``None`` if it cannot be posted to the API."""

    name: str
    expected: frozenset[Verdict]
    solution: ReferenceSolution | None


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file of a stored package, by its path below the package's folder, with its size in bytes."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredPackage:
    """A stored package. ``hash`` is the SHA-256 of its zip, and equal for equal content.

    Versions with the same ``judging_hash`` give every submission the same verdict.
    """

    slug: str
    hash: str
    spec: ProblemSpec
    warnings: tuple[Diagnostic, ...]
    reference_solutions: tuple[ReferenceSolution, ...] = ()
    judging_hash: str | None = None
    uuid: str | None = None


class PackageStore:
    """Packages below one folder, by hash. Adding the same content again changes nothing."""

    def __init__(self, folder: Path, prefix: str = ADDING) -> None:
        """``prefix`` begins the names of files that are not complete yet."""
        self._folder = folder
        self._prefix = prefix

    def path(self, hash: str) -> Path | None:
        """The path of a version's zip, or ``None``. A text that is no hash is never looked up."""
        if len(hash) != 64 or not all(char in "0123456789abcdef" for char in hash):
            return None
        path = self._folder / f"{hash}.zip"
        return path if path.is_file() else None

    def is_intact(self, hash: str) -> bool:
        """Whether the zip of a version exists and its content has this hash."""
        path = self.path(hash)
        if path is None:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == hash

    def pictures(self, hash: str) -> Path | None:
        """The zip of the pictures that were made for a version's statements, or ``None``."""
        path = self.path(hash)
        pictures = path and path.with_name(f"{hash}{PICTURES_ENDING}")
        return pictures if pictures and pictures.is_file() else None

    def uploaded(self, hash: str) -> Path | None:
        """The file that was uploaded for a version, or ``None`` for an unknown version."""
        path = self.path(hash)
        uploaded = path and path.with_name(f"{hash}{UPLOADED_ENDING}")
        return uploaded if uploaded and uploaded.is_file() else path

    def keep_upload(self, hash: str, upload: BinaryIO) -> None:
        """Keep the file that was uploaded for a version, unless it is the stored package itself."""
        digest = hashlib.sha256()
        upload.seek(0)
        while chunk := upload.read(1 << 20):
            digest.update(chunk)
        if digest.hexdigest() == hash:
            return
        upload.seek(0)
        with self._writing(f"{hash}{UPLOADED_ENDING}") as out:
            shutil.copyfileobj(upload, out, 1 << 20)

    def delete(self, hash: str) -> None:
        """Delete a version's package, its pictures and its uploaded file."""
        path = self.path(hash)
        if path is not None:
            for ending in (PICTURES_ENDING, UPLOADED_ENDING):
                path.with_name(f"{hash}{ending}").unlink(missing_ok=True)
            path.unlink(missing_ok=True)

    def add_folder(self, folder: Path, slug: str | None = None) -> StoredPackage:
        """Read, check and store a package folder of this host. Its links may lead to the repository that
        contains it.

        Raises ``BrokenPackage`` with every fault.
        """
        faults = Diagnostics()
        slug = slug or folder.resolve().name
        with plain_folder(folder, slug, faults, repository_around(folder)) as plain:
            return self._add(plain, slug, faults)

    def _add(self, folder: Path, slug: str, faults: Diagnostics) -> StoredPackage:
        package, found = inspect_package(folder, slug)
        faults.extend(found)
        faults.raise_errors()
        self._prepare_folder()
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=self._prefix)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w+b") as out:
                write_zip(list_files(folder, faults), package.slug, out)
                out.flush()
                os.fsync(out.fileno())
                out.seek(0)
                hash = hashlib.file_digest(out, "sha256").hexdigest()
            temporary.replace(self._folder / f"{hash}.zip")
            sync_folder(self._folder)
        finally:
            temporary.unlink(missing_ok=True)
        # Imported here, since workers use this module too and need no renderer of statements.
        from judge_core.packages.statements import render_statements

        rendered = render_statements(package)
        self._store_pictures(hash, rendered.pictures)
        return StoredPackage(
            package.slug,
            hash,
            problem_spec(package, hash, rendered.statements),
            (*faults.warnings, *rendered.warnings),
            tuple(_reference_solutions(package)),
            judging_hash(package),
            package.metadata.uuid,
        )

    def _prepare_folder(self) -> None:
        """Make the folder, and remove the incomplete files of processes that died."""
        self._folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(self._folder, INCOMPLETE)

    def _store_pictures(self, hash: str, pictures: dict[str, bytes]) -> None:
        """Store the pictures that were made for a version's statements, in a zip beside the package's."""
        if not pictures:
            return
        with (
            self._writing(f"{hash}{PICTURES_ENDING}") as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive,
        ):
            for member, content in sorted(pictures.items()):
                archive.writestr(zipfile.ZipInfo(member, _EPOCH), content)

    @contextmanager
    def _writing(self, name: str) -> Iterator[BinaryIO]:
        """A file that gets its name only after all of its content is on the disk."""
        descriptor, temporary_name = tempfile.mkstemp(dir=self._folder, prefix=self._prefix)
        temporary = Path(temporary_name)
        try:
            with os.fdopen(descriptor, "w+b") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(self._folder / name)
        finally:
            temporary.unlink(missing_ok=True)

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

    def files(self, hash: str) -> list[PackageFile]:
        """The files of a stored version; empty for an unknown version."""
        path = self.path(hash)
        if path is None:
            return []
        with zipfile.ZipFile(path) as archive:
            return [
                PackageFile(each.filename.partition("/")[2], each.file_size) for each in archive.infolist()
            ]

    def read_file(self, hash: str, name: str) -> bytes | None:
        """One file of a stored version, or ``None``."""
        path = self.path(hash)
        if path is None:
            return None
        with zipfile.ZipFile(path) as archive:
            found = (each for each in archive.infolist() if each.filename.partition("/")[2] == name)
            member = next(found, None)
            return archive.read(member) if member else None

    def add_changed(self, hash: str, changes: Sequence[FileChange]) -> StoredPackage:
        """Store a version with some of its files changed. Raises ``BrokenPackage`` with every fault."""
        with self._changed(hash, changes) as folder:
            return self._add(folder, folder.name, Diagnostics())

    def preview(self, hash: str, changes: Sequence[FileChange]) -> ProblemSpec:
        """The problem as clients would see it with some files changed. Nothing is stored."""
        from judge_core.packages.statements import render_statements

        with self._changed(hash, changes) as folder:
            package, faults = inspect_package(folder)
            faults.raise_errors()
            return problem_spec(package, hash, render_statements(package).statements)

    def export(self, hash: str, format: str, out: IO[bytes]) -> tuple[Diagnostic, ...]:
        """Write a version in another judge's format. Returns notes about what the format cannot express.

        Raises ``BrokenPackage``.
        """
        with self._changed(hash, ()) as folder:
            target = folder.parent / ".exported.zip"
            notes = export_to(folder, format, target)
            with target.open("rb") as made:
                shutil.copyfileobj(made, out, 1 << 20)
            return notes

    @contextmanager
    def _changed(self, hash: str, changes: Sequence[FileChange]) -> Iterator[Path]:
        path = self.path(hash)
        if path is None:
            raise BrokenPackage((Diagnostic("package", "is not here any more: upload it again"),))
        with tempfile.TemporaryDirectory(prefix="gavel-edited-") as place:
            folder = unpack(path, Path(place))
            apply_changes(folder, changes)
            yield folder

    def add_zip(
        self, source: Path | BinaryIO, default_slug: str | None = None, slug: str | None = None
    ) -> StoredPackage:
        """Store an uploaded zip. It is packed again, so that equal content has an equal hash.

        ``slug`` is used instead of the top folder's name, and ``default_slug`` if there is no top folder.
        """
        faults = Diagnostics()
        with tempfile.TemporaryDirectory(prefix="gavel-upload-") as place:
            folder = unpack(source, Path(place), default_slug=slug or default_slug, faults=faults)
            slug = slug or folder.name
            with plain_folder(folder, slug, faults) as plain:
                return self._add(plain, slug, faults)


def export_to(folder: Path, format: str, target: Path) -> tuple[Diagnostic, ...]:
    """Write the package of a folder as a zip in another format. Raises ``BrokenPackage``."""
    # Imported here, since workers use this module too and export nothing.
    from judge_core.packages.formats.export import ExportFormat, export_package

    return export_package(read_package(folder), ExportFormat(format), target)


def _reference_solutions(package: Package) -> Iterator[ReferenceSolution]:
    for program in package.submissions:
        solution = _reference_solution(package, program)
        if program.name.startswith("accepted/") and solution is not None:
            yield solution


def _reference_solution(package: Package, program: Program) -> ReferenceSolution | None:
    if not program.path.is_file():
        return _solution_of_files(package, program)
    language = guess_language(program.path.name)
    if language is None:
        return None
    return ReferenceSolution(language.id, package.source(program.path).decode("utf-8", errors="replace"))


def _solution_of_files(package: Package, program: Program) -> ReferenceSolution | None:
    """A folder as a submission of several files, if all its sources are in the same language."""
    found = {each.id: each for path in program.files if (each := guess_language(path.name))}
    if len(found) != 1 or len(program.files) > MOST_FILES:
        return None
    files = ProgramFiles(
        tuple(
            ProgramFile.of(path.relative_to(program.path).as_posix(), package.source(path))
            for path in program.files
        )
    )
    [language] = found.values()
    return None if any(files.faults(language.extensions)) else ReferenceSolution(language.id, "", files)


def write_zip(files: FileList, slug: str, out: BinaryIO) -> None:
    """Write a deterministic zip of a package: the names are sorted, all files have the same date, and each
    link is replaced by the file to which it leads."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, path in files.files:
            member = zipfile.ZipInfo(f"{slug}/{name}", _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (0o100755 if os.access(path, os.X_OK) else 0o100644) << 16
            with path.open("rb") as content, archive.open(member, "w", force_zip64=True) as packed:
                while chunk := content.read(1 << 20):
                    packed.write(chunk)
