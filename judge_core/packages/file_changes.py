"""Changes of single files of a package, by which an author edits it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import is_foreign_path
from judge_core.packages.upload import is_safe_path


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file by its path below the package's folder: its new content as base64, or ``None`` to delete it."""

    path: str
    encoded: str | None

    @classmethod
    def of(cls, path: str, content: bytes | None) -> FileChange:
        return cls(path, None if content is None else base64.b64encode(content).decode())


def apply_changes(folder: Path, changes: Sequence[FileChange]) -> None:
    """Write and delete files below a folder that holds plain files only. Raises BrokenPackage."""
    faults = Diagnostics()
    for change in sorted(changes, key=lambda each: each.encoded is not None):  # a deletion may make room
        if not is_safe_path(change.path) or is_foreign_path(change.path):
            faults.error(change.path, "is not a plain path inside the package")
            continue
        _apply(folder, change, faults)
    faults.raise_errors()


def _apply(folder: Path, change: FileChange, faults: Diagnostics) -> None:
    path = folder / change.path
    if change.encoded is None:
        if path.is_file():
            path.unlink()
        else:
            faults.error(change.path, "cannot be deleted: there is no such file")
        return
    try:
        content = base64.b64decode(change.encoded, validate=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except binascii.Error:
        faults.error(change.path, "must be base64 with its padding")
    except OSError as error:
        faults.error(change.path, f"cannot be written: {error.strerror}")
