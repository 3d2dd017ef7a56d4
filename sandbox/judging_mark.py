"""Shows the other workers of this machine that one is judging, by a lock on one byte of a shared file.

The kernel drops the lock when its process ends, so a killed worker leaves no mark. It is an open file
description lock (``fcntl(2)``): one call takes it, and one call asks whether any other process holds one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
from collections.abc import Iterator

from sandbox.slot import open_lock_file

_FLOCK = struct.Struct("hhqqi4x")
"""``struct flock`` of 64-bit Linux: type, whence, start, length, pid."""


class JudgingMark:
    """This process's byte of the file that all workers of this machine share. The byte is its pid."""

    def __init__(self) -> None:
        self._file = open_lock_file("judging.lock")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Marks this process as judging."""
        self._lock(fcntl.F_WRLCK)
        try:
            yield
        finally:
            self._lock(fcntl.F_UNLCK)

    def is_alone(self) -> bool:
        """Whether no other process of this machine is marked as judging."""
        whole_file = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, *_ = _FLOCK.unpack(fcntl.fcntl(self._file, fcntl.F_OFD_GETLK, whole_file))
        return bool(kind == fcntl.F_UNLCK)

    def close(self) -> None:
        """Close the file, which also takes the mark away."""
        os.close(self._file)

    def _lock(self, kind: int) -> None:
        fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, _FLOCK.pack(kind, os.SEEK_SET, os.getpid(), 1, 0))
