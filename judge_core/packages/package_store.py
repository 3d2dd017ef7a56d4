"""The server's store of packages: one zip per content hash, never changed once it is there."""

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
from judge_core.packages.expected_verdicts import promised_verdicts
from judge_core.packages.package import Package, Program
from judge_core.packages.reader import read_package
from judge_core.packages.spec import describe
from judge_core.packages.upload import unpack

_EPOCH = (1980, 1, 1, 0, 0, 0)
_KEPT_HIDDEN = (".timelimit",)


@dataclass(frozen=True, slots=True)
class Model:
    """A submission of a package, of one file, as anybody might hand it in."""

    language: str
    source: str


@dataclass(frozen=True, slots=True)
class Bundled:
    """Any submission of a package. ``model`` is ``None`` where it is of several files, or of no language."""

    name: str
    expected: frozenset[Verdict]
    model: Model | None


@dataclass(frozen=True, slots=True)
class StoredPackage:
    """A package in the library: ``hash`` is the SHA-256 of its zip, the same for equal content."""

    slug: str
    hash: str
    spec: ProblemSpec
    warnings: tuple[Fault, ...]
    models: tuple[Model, ...] = ()


class PackageLibrary:
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
        """Read, check and keep a package folder. Raises BrokenPackage with every fault."""
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
        spec, models = describe(package, hash), tuple(_models(package))
        return StoredPackage(package.slug, hash, spec, package.warnings, models)

    def bundled(self, hash: str) -> list[Bundled]:
        """Every submission of a stored version, by name; none of a version that is not here."""
        path = self.path(hash)
        if path is None:
            return []
        with tempfile.TemporaryDirectory(prefix="gavel-bundled-") as place:
            package = read_package(unpack(path, Path(place)))
            return [
                Bundled(program.name, promised_verdicts(program), _model(package, program))
                for program in package.submissions
            ]

    def add_zip(self, source: Path | BinaryIO, named: str | None = None) -> StoredPackage:
        """The same for an uploaded zip, packed anew so that equal content has an equal hash.

        ``named`` is the slug of one without a top folder.
        """
        with tempfile.TemporaryDirectory(prefix="gavel-upload-") as place:
            return self.add_folder(unpack(source, Path(place), named=named))


def _models(package: Package) -> Iterator[Model]:
    for program in package.submissions:
        model = _model(package, program)
        if program.name.startswith("accepted/") and model is not None:
            yield model


def _model(package: Package, program: Program) -> Model | None:
    language = guess_language(program.path.name) if program.path.is_file() else None
    if language is None:
        return None
    return Model(language.id, package.source(program.path).decode("utf-8", errors="replace"))


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
