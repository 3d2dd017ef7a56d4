"""Reads the files of a program from a zip as people make them: with a single top folder, or on a Mac."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from judge_core.model.errors import FieldFault
from judge_core.model.program_files import MOST_FILES, ProgramFile, ProgramFiles
from judge_core.packages.upload import members_of

MOST_BYTES = 16 << 20
"""The largest number of bytes that are extracted from an archive. The account's quota is checked
afterwards."""
_LEFT_BY_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_FOLDER_OF_MACS = "__MACOSX"
_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


class UnusableArchive(ValueError):
    """The archive cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class ArchiveBounds:
    """The largest sizes of an archive's content."""

    bytes: int
    files: int


def read_zip(content: bytes, most_bytes: int, most_files: int) -> tuple[ProgramFile, ...]:
    """All files of a zip, with their names in the zip. Raises ``UnusableArchive``."""
    return _read(content, ArchiveBounds(most_bytes, most_files), lambda name: True)


def _read(content: bytes, most: ArchiveBounds, is_wanted: Callable[[str], bool]) -> tuple[ProgramFile, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [each for each in members_of(archive) if not each.is_dir() and is_wanted(each.filename)]
            return tuple(_files(archive, members, most))
    except UnusableArchive:
        raise
    except _ERRORS as error:
        raise UnusableArchive("cannot be extracted: it is no zip, or a damaged or encrypted one") from error


def read_program_archive(content: bytes) -> tuple[ProgramFile, ...]:
    """The files of a program's zip. Raises ``UnusableArchive``.

    A single top folder is removed from the names, and files that file managers add are left out.
    """
    found = _read(content, ArchiveBounds(MOST_BYTES, MOST_FILES), _is_of_the_program)
    if not found:
        raise UnusableArchive("has no file in it")
    return _without_common_folder(found)


def archive_faults(files: Sequence[ProgramFile], field: str) -> Iterator[FieldFault]:
    """The faults of the names in an archive. Each message names the file."""
    for fault in ProgramFiles(tuple(files)).faults(()):
        _, _, place = fault.field.partition(".")
        number = place.partition(".")[0]
        name = f"{files[int(number)].name[:100]}: " if number.isdecimal() else ""
        yield FieldFault(field, f"{name}{fault.message}")


def _files(
    archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], most: ArchiveBounds
) -> Iterator[ProgramFile]:
    """The extracted files.

    The sizes that an archive states may be wrong, so the extracted bytes are counted.
    """
    if len(members) > most.files:
        raise UnusableArchive(f"has {len(members)} files; at most {most.files} are allowed")
    left = most.bytes
    for member in members:
        with archive.open(member) as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise UnusableArchive(f"has more than {most.bytes} bytes when it is extracted")
        yield ProgramFile.of(member.filename.removeprefix("./"), content)


def _is_of_the_program(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and parts[0] != _FOLDER_OF_MACS and parts[-1] not in _LEFT_BY_SYSTEMS


def _without_common_folder(files: tuple[ProgramFile, ...]) -> tuple[ProgramFile, ...]:
    tops = {file.name.partition("/")[0] for file in files}
    if len(tops) > 1 or any("/" not in file.name for file in files):
        return files
    return tuple(ProgramFile(file.name.partition("/")[2], file.text, file.encoded) for file in files)
