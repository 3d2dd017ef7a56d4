"""Folders that all workers of a host keep together: held while they are needed, looked at and removed while
others are at the same.

Whatever is looked at here may be gone a moment later, and may have names that no path of ours can reach: what
a submission's compiler made is among it. Neither is anybody's fault.
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
"""How long something is left alone that nobody has touched: longer than a judgement."""

DRAFT_PREFIX = ".draft-"
"""How the name begins of what is not there yet, or not any more."""


class FolderLock:
    """Somebody's word that he needs a folder: while this object lives, no process evicts the folder.

    A lock that the kernel lets go when the process dies. It stays with the folder over a rename.
    """

    __slots__ = ("_fd",)

    def __init__(self, folder: Path | str) -> None:
        """Raises FileNotFoundError when there is no such folder."""
        self._fd = _open_folder(folder)
        fcntl.flock(self._fd, fcntl.LOCK_SH)

    def __del__(self) -> None:
        # One that could not be opened has nothing to close.
        if hasattr(self, "_fd"):
            os.close(self._fd)


@contextmanager
def draft_folder(folder: Path) -> Iterator[Path]:
    """A folder in this one, held, for what may get a name of its own by a rename; gone afterwards."""
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=DRAFT_PREFIX))
    try:
        _hold = FolderLock(draft)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def evict(folder: Path, into: Path) -> bool:
    """Bury a folder unless somebody holds it; False when it is still there, for that or any other reason."""
    try:
        fd = _open_folder(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_atomically(folder, into)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def remove_atomically(folder: Path, into: Path) -> None:
    """Out of sight by one rename, then removed, however deep it is: nobody finds half of it."""
    grave = into / f"{DRAFT_PREFIX}{secrets.token_hex(8)}"
    try:
        folder.rename(grave)
    except FileNotFoundError:  # somebody else has done it
        return
    shutil.rmtree(grave, ignore_errors=True)


def remove_stale_drafts(folder: Path, now: float) -> None:
    """Remove the drafts in a folder that a killed worker left; nobody holds those, and they are old."""
    for draft in folder.glob(f"{DRAFT_PREFIX}*"):
        if 0.0 < last_used(draft) < now - GRACE_SECONDS:
            evict(draft, folder)


def evict_least_recently_used(places: Iterable[Path], into: Path, most_bytes: int) -> None:
    """Evict the longest unused of these until they fit; what was used of late stays, whatever it takes."""
    now = time.time()
    known = [(used, place) for place in places if (used := last_used(place))]
    sizes = {place: bytes_below(place) for _, place in known}
    total = sum(sizes.values())
    for used, place in sorted(known):
        if total <= most_bytes or used > now - GRACE_SECONDS:
            return
        if evict(place, into):
            total -= sizes[place]


def last_used(path: Path) -> float:
    """When it was touched last; 0.0 for what is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def sizes_below(folder: Path | str, below: str = "") -> dict[str, int]:
    """Bytes of each file by its path. OSError where one cannot be looked at; a folder that is gone is empty.

    With ``os.scandir``, since every submission that is found compiled asks.
    """
    sizes: dict[str, int] = {}
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return sizes
    for entry in entries:
        name = f"{below}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            sizes |= sizes_below(entry.path, f"{name}/")
        elif entry.is_file():
            sizes[name] = entry.stat().st_size
    return sizes


def bytes_below(folder: Path) -> int:
    """Bytes of all files below a folder; none of one that is gone, or cannot be looked at."""
    try:
        return sum(sizes_below(folder).values())
    except OSError:
        return 0


def _open_folder(folder: Path | str) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
