"""The files of a package in another format: a folder, a zip or one XML file, listed and read within
bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.packages.diagnostics import BrokenPackage, Diagnostic, Diagnostics
from judge_core.packages.file_list import list_files
from judge_core.packages.text_encodings import known_encoding
from judge_core.packages.upload import MIB, UploadLimits, unpack_members

MOST_TEXT_BYTES = 16 * MIB
_LIMITS = UploadLimits()
_MOST_NAME = 200
"""Longer names are not matched against patterns. No format has such names, and the time for a match grows
with the square of the length."""
_ZIP_START = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class FileSource:
    """The files of a package by name. ``place`` is a folder for unpacked files. ``faults`` collects warnings
    about parts that are not carried over."""

    files: Mapping[str, Path]
    place: Path
    faults: Diagnostics

    def __contains__(self, name: str) -> bool:
        return name in self.files

    def path(self, name: str) -> Path:
        """The path of a file by its name. Raises ``BrokenPackage`` if the file is missing."""
        if name not in self.files:
            raise broken(name, "is missing")
        return self.files[name]

    def read(self, name: str) -> bytes:
        path = self.path(name)
        if path.stat().st_size > MOST_TEXT_BYTES:
            raise broken(name, f"has more than {MOST_TEXT_BYTES // MIB} MiB")
        return path.read_bytes()

    def text(self, name: str, charset: str = "") -> str:
        """The text of a file, with each line end as ``\\n``. If the encoding is not UTF-8, a note names
        it."""
        return self.decode(self.read(name), name, charset)

    def decode(self, content: bytes, name: str, charset: str = "") -> str:
        text, encoding = decode(content, charset)
        if encoding not in ("utf-8-sig", known_encoding(charset)):
            self.faults.warn(name, f"is not UTF-8: read as {encoding}")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def matching(self, pattern: str) -> Iterator[tuple[str, re.Match[str]]]:
        """The names that a regular expression matches as a whole, sorted."""
        compiled = re.compile(pattern)
        for name in sorted(self.files):
            if len(name) <= _MOST_NAME and (hit := compiled.fullmatch(name)) is not None:
                yield name, hit

    def below(self, folder: str) -> FileSource:
        """The files of one folder, by their names in it."""
        prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
        inner = {
            name.removeprefix(prefix): path for name, path in self.files.items() if name.startswith(prefix)
        }
        return FileSource(inner, self.place, self.faults)

    def opened_zip(self, name: str) -> FileSource:
        """The files of a zip within the package."""
        target = self.place / f"zip{len(list(self.place.iterdir()))}"
        return _unpacked(self.path(name), target, self.place, self.faults)

    def apart(self) -> FileSource:
        """The same files with separate notes, for one problem of several."""
        return replace(self, faults=Diagnostics())

    def not_carried(self, what: str, why: str) -> None:
        """Warn of a part of the package that is left out."""
        self.faults.warn(what, f"not carried over: {why}")


def decode(content: bytes, charset: str = "") -> tuple[str, str]:
    """The text of a file's content, and the encoding of the content."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace"), "utf-16"
    for encoding in filter(None, ("utf-8-sig", known_encoding(charset), "gb18030")):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return content.decode("windows-1252", errors="replace"), "windows-1252"


def open_source(path: Path, place: Path, faults: Diagnostics) -> FileSource:
    """The files of a folder or zip, or a single file. Raises ``BrokenPackage`` with all reasons why they
    cannot be read."""
    place.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        listed = list_files(path, faults)
        faults.raise_errors()
        source = FileSource(dict(listed.files), place, faults)
        _check_sizes(source)
        return source
    if not path.is_file():
        raise broken(str(path), "there is no such file or folder")
    with path.open("rb") as file:
        if file.read(len(_ZIP_START)) == _ZIP_START:
            return _unpacked(path, place / "zip", place, faults)
    return FileSource({path.name: path}, place, faults)


def _unpacked(path: Path, target: Path, place: Path, faults: Diagnostics) -> FileSource:
    unpack_members(path, target)
    listed = list_files(target, faults)
    faults.raise_errors()
    return FileSource(dict(listed.files), place, faults)


def _check_sizes(source: FileSource) -> None:
    sizes = {name: path.stat().st_size for name, path in source.files.items()}
    for name, size in sizes.items():
        if size > _LIMITS.file_bytes:
            raise broken(name, f"has {size // MIB} MiB; at most {_LIMITS.file_bytes // MIB} are allowed")
    if sum(sizes.values()) > _LIMITS.total_bytes:
        raise broken("package", f"has more than {_LIMITS.total_bytes // MIB} MiB")


def broken(file: str, message: str, key: str | None = None) -> BrokenPackage:
    """The error that a package cannot be imported, with one reason."""
    return BrokenPackage((Diagnostic(file, message, key),))
