"""The files of a program that has several files. Checks that their names are valid on every host, and knows
the file to start."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from judge_core.model.byte_texts import bytes_from, is_base64, text_and_base64
from judge_core.model.errors import FieldFault
from judge_core.model.json_records import InvalidField, items, record, text

MOST_FILES = 64
LONGEST_PATH = 200
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+\- ]*")
_PARTS = 3


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """One file. ``encoded`` is the base64 of its bytes if the text alone would lose some of them."""

    name: str
    text: str
    encoded: str | None = None

    @classmethod
    def of(cls, name: str, content: bytes) -> ProgramFile:
        return cls(name, *text_and_base64(content))

    @property
    def content(self) -> bytes:
        return bytes_from(self.text, self.encoded) or b""


@dataclass(frozen=True, slots=True)
class ProgramFiles:
    """All files of a program. ``entry_point`` names the file or class to start. If it is empty, the
    language's convention decides."""

    files: tuple[ProgramFile, ...]
    entry_point: str = ""

    @property
    def size(self) -> int:
        return sum(len(file.content) for file in self.files)

    @property
    def main_text(self) -> str:
        """The text of the file that is started, for lists that show one source."""
        wanted = (self.entry_point, _stem(self.entry_point), "main")
        for name in filter(None, wanted):
            for file in self.files:
                if file.name == name or _stem(file.name).lower() == name.lower():
                    return file.text
        return self.files[0].text

    def to_json(self) -> dict[str, Any]:
        files = [[file.name, file.text, file.encoded] for file in self.files]
        return {"files": files, "entry_point": self.entry_point}

    @classmethod
    def from_json(cls, data: Any) -> ProgramFiles:
        """The inverse of :meth:`to_json`. Raises ``InvalidField``."""
        return parse_program_files(data)

    def faults(self, extensions: Iterable[str]) -> Iterator[FieldFault]:
        """The reasons why these files are no program in a language whose files have these extensions."""
        if len(self.files) > MOST_FILES:
            yield FieldFault("files", f"at most {MOST_FILES} are allowed")
            return
        for place, file in enumerate(self.files):
            if fault := name_fault(file.name):
                yield FieldFault(f"files.{place}.name", fault)
        yield from _clashes([file.name for file in self.files])
        known = tuple(extensions)
        if known and not any(file.name.endswith(known) for file in self.files):
            yield FieldFault("files", f"no name ends with {' or '.join(known)}, as this language's files do")
        if self.entry_point and not self._has_entry_point():
            names = ", ".join(file.name for file in self.files[:10])
            yield FieldFault("entry_point", f"no file has this name; the files are {names}")

    def _has_entry_point(self) -> bool:
        """Whether ``entry_point`` names a file, with or without its extension, or a class of a package
        (``app.Main``)."""
        wanted = {self.entry_point, self.entry_point.rsplit(".", 1)[-1]}
        return any(file.name == self.entry_point or _stem(file.name) in wanted for file in self.files)


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def name_fault(name: str) -> str | None:
    """The reason why a file of a program may not have this name; ``None`` for a valid name."""
    if len(name) > LONGEST_PATH:
        return f"is longer than {LONGEST_PATH} characters"
    if not all(_NAME.fullmatch(part) and not part.endswith((".", " ")) for part in name.split("/")):
        return (
            "must be a relative path of letters, digits, spaces and _ . + - with / between folders; "
            "each part must begin with a letter, a digit or _, and must not end with a dot or a space"
        )
    return None


def _clashes(names: list[str]) -> Iterator[FieldFault]:
    """The faults of equal names: two files, or a file and a folder, of one name cannot exist in a file
    system."""
    seen: set[str] = set()
    folders = {str(folder) for name in names for folder in PurePosixPath(name).parents}
    for place, name in enumerate(names):
        if name in seen:
            yield FieldFault(f"files.{place}.name", f"another file is named {name[:LONGEST_PATH]} too")
        elif name in folders:
            yield FieldFault(f"files.{place}.name", f"{name[:LONGEST_PATH]} is also a folder of another file")
        seen.add(name)


def _parse_file(value: Any) -> ProgramFile:
    if value.__class__ is not list or len(value) != _PARTS:
        raise InvalidField("must be a list of name, text and base64")
    name, plain, encoded = value
    if encoded is not None and not (encoded.__class__ is str and is_base64(encoded)):
        raise InvalidField("must be base64")
    return ProgramFile(_PATH(name), _TEXT(plain), encoded)


_PATH = text(1_000)
_TEXT = text()
_parse_fields = record(ProgramFiles, {"files": items(_parse_file, 1_000), "entry_point": text(1_000)})


def parse_program_files(data: Mapping[str, Any]) -> ProgramFiles:
    """Parse what another process wrote. Raises ``InvalidField``."""
    found: ProgramFiles = _parse_fields(data)
    if not found.files:
        raise InvalidField("files: must have at least one")
    return found
