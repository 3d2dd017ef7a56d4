"""A box's files: what is handed in, and what is brought out once everything in the box is dead.

Whatever a box made is hostile: it is opened by openat2 below the box's own folder, never through a link
of any kind, never blocking, and read only if it is a regular file with one name and within its size.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import stat
import struct
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from sandbox.contract import FileIn
from sandbox.errors import Misuse

_OPENAT2 = 437
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 1, 2, 4, 8
_SEALS = 0x0001 | 0x0002 | 0x0004 | 0x0008  # seal, shrink, grow, write
_MOST_FILES = 4096
_DEEPEST = 32

_libc = ctypes.CDLL(None, use_errno=True)


def open_beneath(folder: int, name: str, flags: int) -> int:
    """openat2 that never leaves ``folder`` and follows no link. Raises OSError."""
    how = struct.pack("=QQQ", flags | os.O_CLOEXEC, 0, _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH)
    fd = int(_libc.syscall(_OPENAT2, folder, os.fsencode(name), how, len(how)))
    if fd < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), name)
    return fd


def check_name(name: str) -> None:
    """Refuse, as Misuse, a name that is not plainly below the work folder."""
    parts = name.split("/")
    if not name or "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise Misuse(f"{name!r} does not name a file below the work folder")


def lay_blob(files: Sequence[FileIn]) -> int:
    """All files' bytes one after another in an anonymous file; the box's init deals them out."""
    fd = os.memfd_create("files", os.MFD_CLOEXEC)
    for file in files:
        write_all(fd, file.content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def write_all(fd: int, content: bytes) -> None:
    """Write every byte, however the kernel cuts it."""
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def seal_bytes(content: bytes) -> int:
    """An anonymous file with these bytes that nobody can change any more, at its start."""
    fd = os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    write_all(fd, content)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _read_regular(fd: int, most: int) -> bytes | None:
    """The file's bytes, or None if it is no plain file or too large. A sparse giant is never read."""
    facts = os.fstat(fd)
    if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1 or facts.st_size > most:
        return None
    parts = []
    left = facts.st_size
    while left > 0:
        part = os.read(fd, min(left, 1 << 20))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _names_below(folder: int, name: str, depth: int = 0) -> Iterator[str]:
    """The regular files below a folder of the box, by path; links and folders too deep are passed over."""
    try:
        fd = open_beneath(folder, name, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return
    try:
        with os.scandir(fd) as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    finally:
        os.close(fd)
    for entry_name, is_folder in sorted(found):
        path = str(PurePosixPath(name) / entry_name)
        if not is_folder:
            yield path
        elif depth < _DEEPEST:
            yield from _names_below(folder, path, depth + 1)


def _is_folder(folder: int, name: str) -> bool:
    try:
        fd = open_beneath(folder, name, os.O_PATH)
    except OSError:
        return False
    try:
        return stat.S_ISDIR(os.fstat(fd).st_mode)
    finally:
        os.close(fd)


def _read_one(folder: int, name: str, most: int) -> bytes | None:
    try:
        fd = open_beneath(folder, name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return None
    try:
        return _read_regular(fd, most)
    finally:
        os.close(fd)


def collect(work: int, names: Sequence[str], most: int) -> dict[str, bytes]:
    """Bring back what was asked for, ``most`` bytes in all; what is missing, odd or too large is left out.

    To be called only after every process of the box is dead.
    """
    found: dict[str, bytes] = {}
    for asked in names:
        paths = _names_below(work, asked) if _is_folder(work, asked) else iter((asked,))
        for path in paths:
            content = _read_one(work, path, most)
            if content is not None:
                found[path] = content
                most -= len(content)
            if len(found) >= _MOST_FILES:
                return found
    return found
