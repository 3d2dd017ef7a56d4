"""A box's files: what is handed in, and what is brought out once everything in the box is dead.

Whatever a box made is hostile: it is opened by openat2 below the box's own folder, never through a link
of any kind, never blocking, and read only if it is a regular file with one name and within its size.
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
_SEALS = 0x0001 | 0x0002 | 0x0004 | 0x0008  # seal, shrink, grow, write
_MOST_FILES = 4096
_DEEPEST = 32
_LONGEST_PART = 255
_LONGEST_NAME = 4092
"""A path has 4,095 bytes at most, the work folder's own before this included."""
_LONGEST_COLLECTED = 1024
"""It is laid below a folder of the host, whose path is added."""
_UNLAYABLE = (errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EILSEQ, errno.EINVAL)
"""What a name of the box's own making can be refused for; any other refusal is the host's trouble."""

_libc = ctypes.CDLL(None, use_errno=True)


def open_beneath(folder: int, name: str, flags: int) -> int:
    """openat2 that never leaves ``folder`` and follows no link. Raises OSError."""
    how = struct.pack("=QQQ", flags | os.O_CLOEXEC, 0, _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH)
    return _call(name, _OPENAT2, folder, os.fsencode(name), how, len(how))


def open_unnamed(folder: str, name: str) -> tuple[int, int]:
    """A file below ``folder`` for reading, on a read-only mount that holds nothing but it and hangs nowhere:
    whoever has the descriptor sees "/" for its path. The second descriptor is that mount: who closes it last
    waits for the kernel. Raises OSError; wants the right to mount."""
    held = []
    try:
        held.append(os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
        held.append(open_beneath(held[0], name, os.O_PATH))
        held.append(_call(name, _OPEN_TREE, held[1], b"", _AT_EMPTY_PATH | _TREE_CLONE | os.O_CLOEXEC))
        wanted = struct.pack("=QQQQ", _READ_ONLY | _NO_SUID | _NO_DEVICES, 0, 0, 0)
        _call(name, _MOUNT_SETATTR, held[2], b"", _AT_EMPTY_PATH, wanted, len(wanted))
        return os.open(f"/proc/self/fd/{held[2]}", os.O_RDONLY | os.O_CLOEXEC), held.pop()
    finally:
        for fd in held:
            os.close(fd)


def _call(name: str, *arguments: int | bytes) -> int:
    result = int(_libc.syscall(*arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), name)
    return result


@lru_cache(maxsize=256)
def check_name(name: str) -> None:
    """Refuse, as Misuse, a name that is not plainly below the work folder, or that no file can have."""
    parts = name.split("/")
    if not name or "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise Misuse(f"{name[:80]!r} does not name a file below the work folder")
    try:
        lengths = [len(os.fsencode(part)) for part in parts]
    except UnicodeEncodeError as error:
        raise Misuse(f"{name[:80]!r} cannot be the name of a file: {error.reason}") from error
    if max(lengths) > _LONGEST_PART:
        raise Misuse(f"{name[:80]!r}… is too long: a name has at most {_LONGEST_PART} bytes")
    if sum(lengths) + len(parts) - 1 > _LONGEST_NAME:
        raise Misuse(f"{name[:80]!r}… is too long: a path has at most {_LONGEST_NAME} bytes")


def lay_blob(files: Sequence[InputFile]) -> int:
    """All files' bytes one after another in an anonymous file; the box's init deals them out."""
    fd = os.memfd_create("files", os.MFD_CLOEXEC)
    try:
        for file in files:
            _lay(fd, file)
    except BaseException:
        os.close(fd)
        raise
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def size_of(file: InputFile) -> int:
    """How many bytes a file has that is handed in. Raises Misuse when it cannot be looked at."""
    if isinstance(file.content, bytes):
        return len(file.content)
    try:
        return file.content.stat().st_size
    except OSError as error:
        raise Misuse(f"{file.name} cannot be handed in: {error}") from error


def _lay(fd: int, file: InputFile) -> None:
    """The file's bytes at the end of a descriptor; a host file's go there by the kernel alone."""
    if isinstance(file.content, bytes):
        write_all(fd, file.content)
        return
    try:
        with file.content.open("rb") as source:
            copied = pour(source.fileno(), fd, size_of(file))
    except OSError as error:
        raise Misuse(f"{file.name} cannot be handed in: {error}") from error
    if not copied:
        raise Misuse(f"{file.name} became shorter while it was handed in")


def pour(source: int, target: int, size: int) -> bool:
    """Copy that many bytes from one descriptor to another; False when there were not as many."""
    while size > 0:
        sent = os.sendfile(target, source, None, min(size, 1 << 30))
        if not sent:
            return False
        size -= sent
    return True


def write_all(fd: int, content: bytes) -> None:
    """Write every byte, however the kernel cuts it."""
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def seal_bytes(content: bytes) -> int:
    """An anonymous file with these bytes that nobody can change any more, at its start."""
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


def _open_plain(folder: int, name: str) -> int | None:
    """A plain file with one name, opened without waiting for anybody; ``None`` for all else."""
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
    """The files collected from a box; ``skipped_files`` counts those that were too large, too many, or named
    so that the host cannot store them."""

    files: dict[str, bytes] = field(default_factory=dict)
    skipped_files: int = 0


@dataclass(slots=True)
class _Gathering:
    """Takes file after file as long as there is room. A sparse giant is never read."""

    room: int
    into: Path | None
    taken: int = 0
    harvest: CollectedFiles = field(default_factory=CollectedFiles)

    def take(self, fd: int, name: str) -> None:
        size = os.fstat(fd).st_size
        if size > self.room or self.taken >= _MOST_FILES or not self._keep(fd, name, size):
            self.harvest.skipped_files += 1
            return
        self.room -= size
        self.taken += 1

    def _keep(self, fd: int, name: str, size: int) -> bool:
        if len(os.fsencode(name)) > _LONGEST_COLLECTED:
            return False
        if self.into is not None:
            return _lay_out(fd, self.into / name, size)
        self.harvest.files[name] = _read(fd, size)
        return True


def _read(fd: int, size: int) -> bytes:
    parts = []
    while size > 0 and (part := os.read(fd, min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _lay_out(fd: int, target: Path, size: int) -> bool:
    """Into a folder that is ours alone; False for a name that cannot stand there. Raises BoxFault."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            pour(fd, out.fileno(), size)
    except OSError as error:
        if error.errno in _UNLAYABLE:
            return False
        raise BoxFault(f"what a box made cannot be laid out: {error.strerror}") from error
    return True


def collect(work: int, command: Command, top: str = "") -> CollectedFiles:
    """Bring back what a command asked for, from the folder ``top``; what is missing or odd is left out.

    To be called only after every process of the box is dead.
    """
    gathering = _Gathering(command.collect_bytes, command.collect_to)
    for asked in command.collect:
        name = f"{top}/{asked}" if top else asked
        for path in _names_below(work, name) if _is_folder(work, name) else iter((name,)):
            fd = _open_plain(work, path)
            if fd is not None:
                try:
                    gathering.take(fd, path.removeprefix(f"{top}/") if top else path)
                finally:
                    os.close(fd)
    return gathering.harvest
