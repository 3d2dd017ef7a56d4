"""Makes folders that no other user of the host can have made or can change."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sandbox.errors import UnsafeFolder


def private_folder(path: Path, mode: int = 0o700) -> Path:
    """The folder, created if missing. Raises ``UnsafeFolder`` if another user made it or may write to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=mode, exist_ok=True)
    except FileExistsError:
        raise UnsafeFolder(f"{path} is not a folder: remove it") from None
    refuse_foreign_folder(path)
    return path


def refuse_foreign_folder(path: Path) -> None:
    """Raise ``UnsafeFolder`` if another user owns this folder, may write to it, or made a link to it."""
    link = path.lstat()
    if stat.S_ISLNK(link.st_mode):
        _refuse_foreign_owner(path, link)
        path = path.resolve()
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    _refuse_foreign_owner(path, found)
    if found.st_mode & 0o022:
        raise UnsafeFolder(f"other users may write to {path}: empty it and run chmod go-w on it")


def _refuse_foreign_owner(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise UnsafeFolder(
            f"{path} belongs to user {found.st_uid}, not to {os.geteuid()}: remove it or name another folder"
        )
