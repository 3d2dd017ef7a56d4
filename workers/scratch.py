"""The folder that a worker writes its runs' outputs to: one process's alone, whoever else has the cache.

Two workers with the same slot number may share a cache folder: containers do not see each other's slot
locks, and two workers started by hand have the same defaults. Were they to share this folder too, one
would check the other's output. So it is claimed by a lock that lies beside it in the cache.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

MOST_FOLDERS = 512


class NoScratch(OSError):
    """Every scratch folder of this cache is held by somebody."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """A folder held; the lock goes with the process, however that ends."""

    folder: Path
    lock: int

    def release(self) -> None:
        os.close(self.lock)


def claim_scratch(cache: Path, wanted: int) -> Scratch:
    """The wanted slot's folder, or the next one that nobody holds. Raises NoScratch when there is none."""
    top = cache / "scratch"
    top.mkdir(parents=True, exist_ok=True)
    for step in range(MOST_FOLDERS):
        name = f"slot-{(wanted + step) % MOST_FOLDERS}"
        lock = _try_lock(top / f"{name}.lock")
        if lock is not None:
            return Scratch(top / name, lock)
    raise NoScratch(f"all {MOST_FOLDERS} scratch folders of {cache} are held by running workers")


def _try_lock(path: Path) -> int | None:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock
