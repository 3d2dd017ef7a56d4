"""Slots: the numbered resources with which a worker runs programs. One file lock prevents two processes from
using the same slot. Another shows which workers judge."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sandbox.errors import CannotIsolate
from sandbox.private_folder import private_folder

FIRST_UID = 60706
"""The host user of slot 0 when the worker is root; slot N has FIRST_UID + N. No other program chooses users
from here to 61183: systemd-homed and greeters use numbers below, DynamicUser= uses numbers above."""

MAX_SLOTS = 478
_FLOCK = struct.Struct("hhqqi4x")
"""``struct flock`` of 64-bit Linux: type, whence, start, length, pid."""


_FIRST_FREE_BYTE = 1 << 22
"""The kernel gives no process a greater pid."""


class OwnFiles(StrEnum):
    """Whether a slot's boxes get their own inodes of the host's files, through FUSE or a copy.

    With AUTO they get them if the host allows it. With REQUIRE a slot without them does not open. With NO
    they do not get them.
    """

    AUTO = "auto"
    REQUIRE = "require"
    NO = "no"


@dataclass(frozen=True, slots=True)
class SlotConfig:
    """The settings of a worker's slot.

    ``index`` is the preferred slot. If another process holds it, the next free slot is used. ``shares`` are
    the host folders whose sub-folders may be mounted into boxes. ``extra_roots`` are host folders that every
    box has read-only at their own path (toolchains outside /usr). ``root`` has the /usr and /etc of every
    box: the host's own, or a copy. Boxes of two slots share no page of a file if FUSE serves their files
    (``own_files``), or if the slots have different copies and shares. Without FUSE, they get a copy of the
    system in ``copies``, the folder of one worker, if ``copies`` is set and the copy has at most
    ``copy_bytes``. ``backend`` is auto, launcher, bubblewrap or gvisor. ``cpus`` pins every box to these
    cores. None lets the sandbox choose (see ``sandbox.cpu_pinning``), and an empty tuple means no pinning.
    """

    index: int
    shares: tuple[Path, ...]
    scratch: Path
    backend: str = "auto"
    cpus: tuple[int, ...] | None = None
    extra_roots: tuple[Path, ...] = ()
    root: Path = Path("/")
    own_files: OwnFiles = OwnFiles.AUTO
    copies: Path | None = None
    copy_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot that this process holds: its number and the descriptor of its lock."""

    index: int
    lock: int

    @property
    def uid(self) -> int:
        """The host user as which this slot's boxes run; 0 if this process may not change users."""
        return FIRST_UID + self.index if os.geteuid() == 0 else 0

    @property
    def name(self) -> str:
        """The name of the slot's cgroups."""
        return f"gavel-{self.index}"

    def release(self) -> None:
        """Let another process claim the slot."""
        os.close(self.lock)


def _lock_folder() -> Path:
    if os.geteuid() == 0 and os.access("/run", os.W_OK):
        return Path("/run/gavel-slots")
    return Path(tempfile.gettempdir()) / f"gavel-slots-{os.geteuid()}"


def claim_slot(preferred: int) -> Claim:
    """Claim the preferred slot, or the next free slot of this machine. It is released when the process
    ends."""
    for step in range(MAX_SLOTS):
        claim = claim_exactly((preferred + step) % MAX_SLOTS)
        if claim is not None:
            return claim
    raise CannotIsolate(f"all {MAX_SLOTS} slots of this machine are taken: stop another worker first")


def claim_exactly(index: int) -> Claim | None:
    """Claim this slot. ``None`` if another process holds it."""
    lock = try_lock(private_folder(_lock_folder()) / f"{index}.lock")
    return None if lock is None else Claim(index, lock)


def open_lock_file(name: str) -> int:
    """The descriptor of a file that all workers of this user on this machine share for their locks."""
    return _open_lock(private_folder(_lock_folder()) / name)


def try_lock(path: Path) -> int | None:
    """The descriptor that holds the lock until it is closed, or ``None`` if another process has the lock.

    A child started later does not inherit it, and a link in the file's place is not followed.
    """
    fd = _open_lock(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


class JudgingMark:
    """Shows the other workers of this machine that this worker is judging, by a lock on one byte of a file.

    All workers share the file, and the byte is the process's pid, or a random one if that is taken. The
    kernel drops the lock when its process ends, so a killed worker leaves no mark. The lock is an open file
    description lock (``fcntl(2)``). One call takes the lock, and one call asks whether another process holds
    a lock.
    """

    def __init__(self) -> None:
        self._file = open_lock_file("judging.lock")
        self._byte = os.getpid()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Marks this process as judging."""
        try:
            self._lock(fcntl.F_WRLCK)
        except BlockingIOError:  # A worker of another pid namespace, such as a container, has the same pid.
            self._byte = _FIRST_FREE_BYTE + secrets.randbits(60)
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
        """Close the file, which also removes the mark."""
        os.close(self._file)

    def _lock(self, kind: int) -> None:
        fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, _FLOCK.pack(kind, os.SEEK_SET, self._byte, 1, 0))
