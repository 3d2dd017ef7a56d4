"""Refuses folders that another user of the host may have made or changed."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class ForeignFolder(OSError):
    """Another user made a folder, or may write to it. The message says what to do."""


def private_folder(path: Path) -> Path:
    """The folder. If it is missing, it is created with access for this user only. Raises ``ForeignFolder`` if
    another user made it, or if others may write to it."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise _foreign(path, found)
    return path


def refuse_planted_folder(path: Path) -> None:
    """Raise ``ForeignFolder`` if another user owns this path in a folder where everybody may create files.

    In other folders not everybody can create files, so an operator has made or chosen the path.
    """
    try:
        found, parent = path.lstat(), path.parent.stat()
    except FileNotFoundError:
        return
    if parent.st_mode & stat.S_IWOTH and found.st_uid != os.geteuid():
        raise _foreign(path, found)


def _foreign(path: Path, found: os.stat_result) -> ForeignFolder:
    return ForeignFolder(
        f"{path} was made by user {found.st_uid}, or others may write to it: remove it or name another folder"
    )
