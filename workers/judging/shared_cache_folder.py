"""Cache folders that all workers of a host share: locks, drafts, and eviction of the least recently used.

A folder that is read here may be gone a moment later, and may have file names too long to open, since a
submission's compiler made some of them. Neither is an error.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

GRACE_SECONDS = 900.0
"""The least time for which an unused folder is kept: longer than a judgement takes."""

DRAFT_PREFIX = ".draft-"
"""Prefix of folders that are not complete yet, or being removed."""


class FolderLock:
    """A shared lock: while this object lives, no process evicts the folder.

    The kernel releases it when the process dies. It stays with the folder over a rename.
    """

    __slots__ = ("_fd",)

    def __init__(self, folder: Path | str) -> None:
        """Raises FileNotFoundError when there is no such folder."""
        self._fd = _open_folder(folder)
        fcntl.flock(self._fd, fcntl.LOCK_SH)

    def holds(self, folder: Path | str) -> bool:
        """Whether this folder is the locked one. Another folder may have got its name while this process
        waited for the lock."""
        return _is_same(self._fd, folder)

    def __del__(self) -> None:
        # There is no descriptor when the folder could not be opened.
        if hasattr(self, "_fd"):
            os.close(self._fd)


@contextmanager
def draft_folder(folder: Path) -> Iterator[Path]:
    """A locked temporary folder, to be renamed to its final name; removed afterwards if it was not."""
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=DRAFT_PREFIX))
    try:
        _lock = FolderLock(draft)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def evict(folder: Path, into: Path) -> bool:
    """Remove a folder unless it is locked. False when it is still there, for any reason."""
    try:
        fd = _open_folder(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_same(fd, folder):  # another worker has replaced it: that one is not locked by us
            return False
        remove_atomically(folder, into)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def remove_atomically(folder: Path, into: Path) -> None:
    """Rename a folder out of sight, then remove it, so that no worker finds a part of it."""
    hidden = into / f"{DRAFT_PREFIX}{secrets.token_hex(8)}"
    try:
        folder.rename(hidden)
    except FileNotFoundError:  # another worker removed it
        return
    shutil.rmtree(hidden, ignore_errors=True)


def remove_stale_drafts(folder: Path, now: float) -> None:
    """Remove the drafts that killed workers left: they are old and not locked."""
    for draft in folder.glob(f"{DRAFT_PREFIX}*"):
        if 0.0 < last_used(draft) < now - GRACE_SECONDS:
            evict(draft, folder)


def evict_least_recently_used(folders: Iterable[Path], into: Path, max_bytes: int) -> None:
    """Evict the least recently used folders until the rest fits. Recently used ones stay in any case."""
    now = time.time()
    known = [(used, folder) for folder in folders if (used := last_used(folder))]
    sizes = {folder: bytes_below(folder) for _, folder in known}
    total = sum(sizes.values())
    # A time in the future was written before the clock was set back. It would keep its folder until then.
    for used, folder in sorted(known, key=lambda one: (one[0] <= now + GRACE_SECONDS, *one)):
        if total <= max_bytes or now - GRACE_SECONDS < used <= now + GRACE_SECONDS:
            return
        if last_used(folder) == used and evict(folder, into):
            total -= sizes[folder]


def last_used(path: Path) -> float:
    """The time of the last use of a folder; 0.0 when it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def entries_below(folder: Path | str, below: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every entry that is no folder, by its path; none when the folder is gone. Raises OSError for an
    unreadable one.

    Uses ``os.scandir`` because every submission comes through here.
    """
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        name = f"{below}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from entries_below(entry.path, f"{name}/")
        else:
            yield name, entry


def sizes_below(folder: Path | str) -> dict[str, int]:
    """Bytes of each file by its path. See :func:`entries_below`."""
    return {name: entry.stat().st_size for name, entry in entries_below(folder) if entry.is_file()}


def bytes_below(folder: Path) -> int:
    """Bytes of all files below a folder; 0 when it is gone or unreadable."""
    try:
        return sum(sizes_below(folder).values())
    except OSError:
        return 0


def _is_same(fd: int, folder: Path | str) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(folder, follow_symlinks=False))  # noqa: PTH116 (speed)
    except FileNotFoundError:
        return False


def _open_folder(folder: Path | str) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
