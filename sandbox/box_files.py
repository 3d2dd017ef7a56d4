"""The files of a box: input files before the start, and collected files after all its processes are dead.

Every file that a box made is untrusted. It is opened by openat2 below the box's own folder, without blocking
and through no link. It is read only if it is a regular file with a single hard link, and not too large.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import stat
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from sandbox.api import Command, InputFile
from sandbox.errors import BoxFault, Misuse

_OPENAT2, _OPEN_TREE, _MOUNT_SETATTR = 437, 428, 442
_AT_EMPTY_PATH, _TREE_CLONE = 0x1000, 1
_READ_ONLY, _NO_SUID, _NO_DEVICES = 1, 2, 4
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 1, 2, 4, 8
_SEALS = 0x0001 | 0x0002 | 0x0004 | 0x0008  # F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE
SMALL_BYTES = 64 * 1024
"""Files of at most this size are copied, since it takes little time to copy so few bytes."""
_MAX_FILES = 4096
_MAX_DEPTH = 32
_MAX_PART_BYTES = 255
_MAX_NAME_BYTES = 4092
"""A path may have 4,095 bytes, and the work folder's path comes before this name."""
_MAX_COLLECTED_NAME_BYTES = 1024
"""It is less than ``_MAX_NAME_BYTES``, since the file is saved in a folder of the host, whose path comes
before its name."""
_BAD_NAME_ERRORS = (errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EILSEQ, errno.EINVAL)
"""The errors that a name chosen by a box can cause. Any other error is a fault of the host."""

_libc = ctypes.CDLL(None, use_errno=True)


def open_beneath(folder: int, name: str, flags: int) -> int:
    """openat2 that never leaves ``folder`` and follows no link. Raises OSError."""
    how = struct.pack("=QQQ", flags | os.O_CLOEXEC, 0, _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH)
    return _syscall(name, _OPENAT2, folder, os.fsencode(name), how, len(how))


def open_without_path(folder: str, name: str) -> tuple[int, int]:
    """Open a file below ``folder`` for reading so that /proc shows "/" as its path.

    The file is opened through a detached read-only mount that holds nothing else. The second descriptor is
    that mount. Close the mount before the file. In the other order, closing the mount has to wait for the
    kernel. Raises OSError. This process needs the right to mount.
    """
    held = []
    try:
        held.append(os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
        held.append(open_beneath(held[0], name, os.O_PATH))
        held.append(_syscall(name, _OPEN_TREE, held[1], b"", _AT_EMPTY_PATH | _TREE_CLONE | os.O_CLOEXEC))
        attributes = struct.pack("=QQQQ", _READ_ONLY | _NO_SUID | _NO_DEVICES, 0, 0, 0)
        _syscall(name, _MOUNT_SETATTR, held[2], b"", _AT_EMPTY_PATH, attributes, len(attributes))
        return os.open(f"/proc/self/fd/{held[2]}", os.O_RDONLY | os.O_CLOEXEC), held.pop()
    finally:
        for fd in held:
            os.close(fd)


def _syscall(name: str, *arguments: int | bytes) -> int:
    result = int(_libc.syscall(*arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), name)
    return result


@lru_cache(maxsize=256)
def check_name(name: str) -> None:
    """Raise Misuse if a name is not a plain path below the work folder, or if no file can have it."""
    parts = name.split("/")
    if not name or "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise Misuse(f"{name[:80]!r} does not name a file below the work folder")
    try:
        lengths = [len(os.fsencode(part)) for part in parts]
    except UnicodeEncodeError as error:
        raise Misuse(f"{name[:80]!r} cannot be the name of a file: {error.reason}") from error
    if max(lengths) > _MAX_PART_BYTES:
        raise Misuse(f"{name[:80]!r}… is too long: a name has at most {_MAX_PART_BYTES} bytes")
    if sum(lengths) + len(parts) - 1 > _MAX_NAME_BYTES:
        raise Misuse(f"{name[:80]!r}… is too long: a path has at most {_MAX_NAME_BYTES} bytes")


def concatenate_files(files: Sequence[InputFile]) -> int:
    """Write the contents of all files, one after another, to an anonymous file that the box's init reads.
    Returns its descriptor."""
    fd = os.memfd_create("files", os.MFD_CLOEXEC)
    try:
        for file in files:
            _append_content(fd, file)
    except BaseException:
        os.close(fd)
        raise
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def size_of(file: InputFile) -> int:
    """The size of an input file. Raises Misuse if it cannot be read."""
    if isinstance(file.content, bytes):
        return len(file.content)
    try:
        return file.content.stat().st_size
    except OSError as error:
        raise Misuse(f"{file.name} cannot be copied into the box: {error}") from error


def _append_content(fd: int, file: InputFile) -> None:
    """Append one file's content. A host file is copied inside the kernel."""
    if isinstance(file.content, bytes):
        write_all(fd, file.content)
        return
    try:
        with file.content.open("rb") as source:
            complete = copy_bytes(source.fileno(), fd, size_of(file))
    except OSError as error:
        raise Misuse(f"{file.name} cannot be copied into the box: {error}") from error
    if not complete:
        raise Misuse(f"{file.name} became shorter while it was copied into the box")


def copy_bytes(source: int, target: int, size: int) -> bool:
    """Copy that many bytes from one descriptor to another. Returns False if the source has fewer."""
    while size > 0:
        sent = os.sendfile(target, source, None, min(size, 1 << 30))
        if not sent:
            return False
        size -= sent
    return True


def write_all(fd: int, content: bytes) -> None:
    """Write every byte, in as many calls as the kernel needs."""
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def read_if_small(path: Path) -> bytes | None:
    """The content of a regular file of at most ``SMALL_BYTES``, else ``None``. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > SMALL_BYTES:
            return None
        content = os.read(fd, SMALL_BYTES + 1)
    finally:
        os.close(fd)
    return content if len(content) == facts.st_size else None


def sealed_file(content: bytes) -> int:
    """An anonymous file with these bytes, which no process can change. Reading begins at its start."""
    fd = os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        write_all(fd, content)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
        os.lseek(fd, 0, os.SEEK_SET)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _names_below(folder: int, name: str, depth: int = 0) -> Iterator[str]:
    """The files below a folder of the box, by path. Folders that are too deep are ignored."""
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
        elif depth < _MAX_DEPTH:
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


def _open_plain(folder: int, name: str) -> int | None:
    """Open a regular file with a single hard link, without blocking; ``None`` for everything else."""
    try:
        fd = open_beneath(folder, name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return None
    facts = os.fstat(fd)
    if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1:
        return fd
    os.close(fd)
    return None


@dataclass(slots=True)
class CollectedFiles:
    """The files collected from a box. ``skipped`` counts files that were too large or too many, or whose name
    the host cannot store."""

    files: dict[str, bytes] = field(default_factory=dict)
    skipped: int = 0


@dataclass(slots=True)
class _Collector:
    """Collects files one after another, up to ``bytes_left``. A file that is too large is never read."""

    bytes_left: int
    folder: Path | None
    count: int = 0
    collected: CollectedFiles = field(default_factory=CollectedFiles)

    def collect(self, fd: int, name: str) -> None:
        size = os.fstat(fd).st_size
        if size > self.bytes_left or self.count >= _MAX_FILES or not self._store(fd, name, size):
            self.collected.skipped += 1
            return
        self.bytes_left -= size
        self.count += 1

    def _store(self, fd: int, name: str, size: int) -> bool:
        if len(os.fsencode(name)) > _MAX_COLLECTED_NAME_BYTES:
            return False
        if self.folder is not None:
            return _save(fd, self.folder / name, size)
        self.collected.files[name] = _read(fd, size)
        return True


def _read(fd: int, size: int) -> bytes:
    parts = []
    while size > 0 and (part := os.read(fd, min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _save(fd: int, target: Path, size: int) -> bool:
    """Copy into a folder that only the worker uses. Returns False for a name that no file can have there.
    Raises BoxFault."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            copy_bytes(fd, out.fileno(), size)
    except OSError as error:
        if error.errno in _BAD_NAME_ERRORS:
            return False
        raise BoxFault(f"a file from a box cannot be saved: {error.strerror}") from error
    return True


def collect(work: int, command: Command, top: str = "") -> CollectedFiles:
    """Collect the files that a command asked for, below the folder ``top``. Missing and special files are
    ignored.

    Call it only after every process of the box is dead.
    """
    collector = _Collector(command.collect_bytes, command.collect_to)
    for wanted in command.collect:
        name = f"{top}/{wanted}" if top else wanted
        for path in _names_below(work, name) if _is_folder(work, name) else iter((name,)):
            fd = _open_plain(work, path)
            if fd is not None:
                try:
                    collector.collect(fd, path.removeprefix(f"{top}/") if top else path)
                finally:
                    os.close(fd)
    return collector.collected
