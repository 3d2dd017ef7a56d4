"""Files whose content was verified by its hash, and their stamps: inode, size and time of change.

A file that was zeroed, cut, replaced or removed has another stamp. Comparing stamps reads no content. A
program cannot set a file's time of change: the kernel does, at every write.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workers.judging.shared_cache_folder import entries_below

FileStamp = tuple[int, int, int]
"""Inode, bytes, and time of change in nanoseconds."""
_CLOCK_STEP_NS = 100_000_000
"""Far more than a step of the kernel's clock for files. Two changes within one step have the same time."""
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class VerifiedFolder:
    """The verified files of one folder, by their path below it."""

    folder: Path
    stamps: Mapping[str, FileStamp]
    _folders: dict[str, FileStamp] = field(default_factory=dict, repr=False, compare=False)
    """The stamps of all folders when they were last listed. Empty if one changed too recently."""

    @property
    def is_intact(self) -> bool:
        """Whether every file is the one that was verified, and no other has come."""
        try:
            return bool(self._folders and self._is_unchanged()) or self._is_same_by_listing()
        except OSError:
            return False

    def _is_unchanged(self) -> bool:
        """Compare stamps alone, which takes a third of the time of a listing. A folder whose time of change
        is the same has the same entries."""
        root = f"{self.folder}/"
        for stamps in (self._folders, self.stamps):
            for name, stamp in stamps.items():
                facts = os.lstat(root + name)
                if (facts.st_ino, facts.st_size, facts.st_ctime_ns) != stamp:
                    return False
        return True

    def _is_same_by_listing(self) -> bool:
        folders = _folder_stamps(self.folder)  # first, so that a file that comes meanwhile shows
        self._folders.clear()
        if stamps_below(self.folder) != self.stamps:
            return False
        newest = max((changed for _, _, changed in folders.values()), default=0)
        if abs(time.time_ns() - newest) > _CLOCK_STEP_NS:
            self._folders.update(folders)
        return True


def _folder_stamps(folder: Path) -> dict[str, FileStamp]:
    """The stamp of a folder and of each one below it, by their paths."""
    return {
        os.path.relpath(path, folder): _stamp(os.stat(path, follow_symlinks=False))  # noqa: PTH116
        for path, _, _ in os.walk(folder)
    }


def stamps_below(folder: Path | str) -> dict[str, FileStamp]:
    """The stamp of each file; empty when the folder is gone. Raises OSError for an unreadable one."""
    return {name: _stamp(entry.stat(follow_symlinks=False)) for name, entry in entries_below(folder)}


def stamp_of(file: Path) -> FileStamp:
    """One file's stamp. Raises OSError."""
    return _stamp(os.stat(file))  # noqa: PTH116 (speed)


def _stamp(facts: os.stat_result) -> FileStamp:
    return facts.st_ino, facts.st_size, facts.st_ctime_ns


def hashes_of(folder: Path | str, names: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of these files. Raises OSError."""
    hashes = {}
    for name in names:
        with open(f"{folder}/{name}", "rb", buffering=0) as file:  # noqa: PTH123 (names may be no text)
            hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def sync_files(folder: Path, names: Iterable[str]) -> None:
    """Sync these files and the folder's entries to the disk, before the folder gets its final name."""
    for name in (*names, "."):
        sync(folder / name)


def sync(path: Path | str) -> None:
    """Sync one file, or one folder's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(folder: Path) -> None:
    """Sync the whole file system of the folder to the disk, which is cheaper than many files one by one."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _libc.syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))
    finally:
        os.close(descriptor)
