"""Changes to single files of a package, by which an author edits the package."""

from __future__ import annotations

import base64
import binascii
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import is_foreign_path
from judge_core.packages.upload import is_safe_path


@dataclass(frozen=True, slots=True)
class FileChange:
    """The change of one file, by its path below the package's folder.

    It has the file's new content as base64, or ``None`` to delete the file. ``source`` is the path of another
    file: the file gets the content that this other file had before all changes.
    """

    path: str
    encoded: str | None
    source: str | None = None

    @classmethod
    def of(cls, path: str, content: bytes | None, source: str | None = None) -> FileChange:
        return cls(path, None if content is None else base64.b64encode(content).decode(), source)


def apply_changes(folder: Path, changes: Sequence[FileChange]) -> None:
    """Write and delete files below a folder that holds plain files only. Raises BrokenPackage."""
    faults = Diagnostics()
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".moved-") as place:
        kept = _keep_sources(folder, changes, Path(place), faults)
        for change in sorted(changes, key=_makes_a_file):  # deletions are first
            if not is_safe_path(change.path) or is_foreign_path(change.path):
                faults.error(change.path, "is not a plain path inside the package")
            elif change.source is not None:
                _move(folder, change, kept.get(change.source), faults)
            else:
                _apply(folder, change, faults)
    faults.raise_errors()


def _makes_a_file(change: FileChange) -> bool:
    return change.encoded is not None or change.source is not None


def _keep_sources(
    folder: Path, changes: Sequence[FileChange], place: Path, faults: Diagnostics
) -> dict[str, Path]:
    """Link the files whose content other files get, before any of these files changes."""
    kept: dict[str, Path] = {}
    for source in {change.source for change in changes if change.source is not None}:
        path = folder / source
        if not is_safe_path(source) or not path.is_file():
            faults.error(source, "cannot be renamed: there is no such file")
            continue
        kept[source] = place / str(len(kept))
        kept[source].hardlink_to(path)
    return kept


def _move(folder: Path, change: FileChange, kept: Path | None, faults: Diagnostics) -> None:
    if kept is None:
        return
    path = folder / change.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        shutil.copy2(kept, path)
    except OSError as error:
        faults.error(change.path, f"cannot be written: {error.strerror}")


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
        path.unlink(missing_ok=True)  # the content may still be linked under another name
        path.write_bytes(content)
    except binascii.Error:
        faults.error(change.path, "must be base64 with its padding")
    except OSError as error:
        faults.error(change.path, f"cannot be written: {error.strerror}")
