"""Cache folders that all workers of a host share: locks, drafts, verified files, and eviction of the least
recently used.

A folder may be gone a moment after it was read. Some files were made by a compiler for a submission, so their
names may be too long to open. Neither is an error.

A file is verified once by its hash, and later by its stamp: inode, size and time of change. A file that was
zeroed, cut, replaced or removed has another stamp. To compare stamps, no content is read. A program cannot
set a file's time of change, since the kernel sets it at every write.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

GRACE_SECONDS = 900.0
"""The least time for which an unused folder is kept. Few judgements take longer."""

DRAFT_PREFIX = ".draft-"
"""The prefix of folders that are not complete yet, or that are being removed."""


class FolderLock:
    """A shared lock. While this object exists, no process evicts the folder.

    The kernel releases the lock when the process dies. A renamed folder stays locked.
    """

    __slots__ = ("_fd",)

    def __init__(self, folder: Path | str) -> None:
        """Lock the folder. Raises FileNotFoundError if there is no such folder."""
        self._fd = _open_folder(folder)
        fcntl.flock(self._fd, fcntl.LOCK_SH)

    def holds(self, folder: Path | str) -> bool:
        """Whether this folder is the locked one. Another folder may have got its name while this process
        waited for the lock."""
        return _is_same(self._fd, folder)

    def __del__(self) -> None:
        # There is no descriptor if the folder could not be opened.
        if hasattr(self, "_fd"):
            os.close(self._fd)


@contextmanager
def draft_folder(folder: Path) -> Iterator[Path]:
    """A locked temporary folder, to be renamed to its final name. If it was not renamed, it is removed after
    the block."""
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=DRAFT_PREFIX))
    try:
        _lock = FolderLock(draft)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def evict(folder: Path, into: Path) -> bool:
    """Remove a folder unless it is locked. False if it still exists, for any reason."""
    try:
        fd = _open_folder(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another worker has replaced the folder, and this process has not locked the new one.
        if not _is_same(fd, folder):
            return False
        remove_atomically(folder, into)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def remove_atomically(folder: Path, into: Path) -> None:
    """Remove a folder. It is renamed first, so that no worker finds an incomplete folder."""
    hidden = into / f"{DRAFT_PREFIX}{secrets.token_hex(8)}"
    try:
        folder.rename(hidden)
    except FileNotFoundError:  # Another worker has removed the folder.
        return
    shutil.rmtree(hidden, ignore_errors=True)


def remove_stale_drafts(folder: Path, now: float) -> None:
    """Remove the drafts that killed workers have left. These are old and not locked."""
    for draft in folder.glob(f"{DRAFT_PREFIX}*"):
        if 0.0 < last_used(draft) < now - GRACE_SECONDS:
            evict(draft, folder)


def evict_least_recently_used(folders: Iterable[Path], into: Path, max_bytes: int) -> None:
    """Evict the least recently used folders until the rest fits into ``max_bytes``. Folders that were used
    within ``GRACE_SECONDS`` stay in any case."""
    now = time.time()
    known = [(used, folder) for folder in folders if (used := last_used(folder))]
    sizes = {folder: bytes_below(folder) for _, folder in known}
    total = sum(sizes.values())
    # A time in the future was written before the clock was set back. Such folders are evicted first, or they
    # would stay until that time comes.
    for used, folder in sorted(known, key=lambda one: (one[0] <= now + GRACE_SECONDS, *one)):
        if total <= max_bytes or now - GRACE_SECONDS < used <= now + GRACE_SECONDS:
            return
        if last_used(folder) == used and evict(folder, into):
            total -= sizes[folder]


def last_used(path: Path) -> float:
    """The time of the last use of a folder, or 0.0 if it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def entries_below(folder: Path | str, below: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every entry that is no folder, with its path. Nothing if the folder is gone. Raises OSError for an
    unreadable folder.

    Uses ``os.scandir``, which is faster than ``pathlib``, because this runs for every submission.
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
    """The bytes of all files below a folder, or 0 if it is gone or unreadable."""
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


FileStamp = tuple[int, int, int]
"""Inode, bytes, and time of change in nanoseconds."""
_STEP_NS = 20_000_000
"""Twice the longest step of the kernel's clock for files, which is 10 ms (CONFIG_HZ=100)."""
_CLOCK_STEP_NS = 100_000_000
"""Much longer than a step of the kernel's clock for files. Two changes within one step have the same time."""
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class VerifiedFolder:
    """The verified files of one folder, by their path below it."""

    folder: Path
    stamps: Mapping[str, FileStamp]
    _folders: dict[str, FileStamp] = field(default_factory=dict, repr=False, compare=False)
    """The stamps of all folders when they were last listed. Empty if a folder had changed too shortly
    before."""

    @property
    def is_intact(self) -> bool:
        """Whether every file is unchanged since it was verified, and no file was added."""
        try:
            return bool(self._folders and self._is_unchanged()) or self._is_same_by_listing()
        except OSError:
            return False

    def _is_unchanged(self) -> bool:
        """Whether the stamps of files and folders are the same. A folder with the same time of change has the
        same entries. This is faster than listing the folders."""
        root = f"{self.folder}/"
        for stamps in (self._folders, self.stamps):
            for name, stamp in stamps.items():
                facts = os.lstat(root + name)
                if (facts.st_ino, facts.st_size, facts.st_ctime_ns) != stamp:
                    return False
        return True

    def _is_same_by_listing(self) -> bool:
        # The folders' stamps are read before the files', so that a file that is added meanwhile is noticed.
        folders = _folder_stamps(self.folder)
        self._folders.clear()
        if stamps_below(self.folder) != self.stamps:
            return False
        newest = max((changed for _, _, changed in folders.values()), default=0)
        if abs(time.time_ns() - newest) > _CLOCK_STEP_NS:
            self._folders.update(folders)
        return True


def _folder_stamps(folder: Path) -> dict[str, FileStamp]:
    """The stamps of a folder and of all folders below it, by their paths."""
    return {
        os.path.relpath(path, folder): _stamp(os.stat(path, follow_symlinks=False))  # noqa: PTH116
        for path, _, _ in os.walk(folder)
    }


def stamps_below(folder: Path | str) -> dict[str, FileStamp]:
    """The stamp of each file below a folder. Empty if the folder is gone. Raises OSError for an unreadable
    folder."""
    return {name: _stamp(entry.stat(follow_symlinks=False)) for name, entry in entries_below(folder)}


def await_clock_step(stamps: Iterable[FileStamp]) -> None:
    """Wait until a change of these files gets a later time of change than they have now.

    Two changes within one step of the kernel's clock have the same time. So a file is compared with its hash
    only after this, or a later change could leave its stamp as it is.
    """
    newest = max((changed for _, _, changed in stamps), default=0)
    left = newest + _STEP_NS - time.time_ns()
    if 0 < left <= _STEP_NS:
        time.sleep(left / 1e9)


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
    """Sync the whole file system of the folder to the disk, which is faster than to sync many files one by
    one."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _libc.syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))
    finally:
        os.close(descriptor)
