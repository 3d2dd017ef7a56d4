"""Makes a copy of the system's files for the boxes of one worker, on hosts without FUSE.

The copy is made at the first start, and used again as long as neither the system nor the copy has changed.
Its folder belongs to one worker, whose slots never run programs of two submissions at a time.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from sandbox.errors import CannotServeFiles
from sandbox.rootfs import system_paths

_SPARE_BYTES = 1 << 30
"""This much must stay free on the disk of the copy."""
_CHUNK_BYTES = 1 << 30
_CANNOT_COPY = (errno.EXDEV, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
_used: set[Path] = set()
"""The copies that slots of this process may still use, while another slot already has a newer one."""
_one_at_a_time = threading.Lock()
Entries = list[tuple[Path, os.stat_result]]


def copy_system(folder: Path, most_bytes: int, root: Path = Path("/")) -> Path:
    """The path of a copy of the present system, below ``folder``. The copy is made if it does not exist.

    Raises CannotServeFiles if the copy would be larger than ``most_bytes``, or if the disk is too full.
    """
    with _one_at_a_time:
        try:
            entries = _entries(root, most_bytes)
            fingerprint = _fingerprint(root, entries)
            wanted = folder / f"system-{fingerprint}"
            _remove_unused(folder, wanted)
            if not _is_whole(wanted, fingerprint, most_bytes):
                _make(folder, wanted, root, entries)
        except OSError as error:
            raise CannotServeFiles(f"no copy of the system in {folder}: {error.strerror or error}") from error
        _used.add(wanted)
        return wanted


def _is_whole(copy: Path, fingerprint: str, most_bytes: int) -> bool:
    """Whether the copy has all its files, unchanged. A cleaning job may have removed some. An incomplete copy
    is removed."""
    if not copy.is_dir():
        return False
    if _fingerprint(copy, _entries(copy, most_bytes)) == fingerprint:
        return True
    _remove(copy)
    return False


def _entries(root: Path, most_bytes: int) -> Entries:
    found, size = [], 0
    for path, facts in _walk(root):
        size += facts.st_size if stat.S_ISREG(facts.st_mode) else 0
        if size > most_bytes:
            limit = f"{most_bytes >> 20} MiB that GAVEL_COPY_BYTES allows"
            raise CannotServeFiles(f"no copy of the system: it has more than the {limit}")
        found.append((path, facts))
    return found


def _walk(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The folders, links and files that boxes can read, each folder before what is in it."""
    waiting = [Path(path) for path in reversed(system_paths(root))]
    while waiting:
        path = waiting.pop()
        facts = path.lstat()
        if stat.S_ISDIR(facts.st_mode):
            yield path, facts
            waiting += sorted(path.iterdir(), reverse=True) if os.access(path, os.R_OK | os.X_OK) else ()
        elif stat.S_ISLNK(facts.st_mode) or (stat.S_ISREG(facts.st_mode) and os.access(path, os.R_OK)):
            yield path, facts


def _fingerprint(root: Path, entries: Entries) -> str:
    digest = hashlib.sha256()
    for path, facts in entries:
        is_file = stat.S_ISREG(facts.st_mode)
        numbers = (
            stat.S_IFMT(facts.st_mode),
            *((facts.st_mode & 0o777, facts.st_size, facts.st_mtime_ns) if is_file else ()),
        )
        target = str(path.readlink()) if stat.S_ISLNK(facts.st_mode) else ""
        digest.update(os.fsencode(f"{path.relative_to(root)}\0{target}\0{numbers}\n"))
    return digest.hexdigest()[:16]


def _make(folder: Path, wanted: Path, root: Path, entries: Entries) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    size = sum(facts.st_size for _, facts in entries if stat.S_ISREG(facts.st_mode))
    if shutil.disk_usage(folder).free < size + _SPARE_BYTES:
        raise CannotServeFiles(
            f"no copy of the system: {folder} has less than {(size + _SPARE_BYTES) >> 20} MiB free"
        )
    unfinished = Path(tempfile.mkdtemp(dir=folder, prefix="unfinished-"))
    try:
        _copy_all(unfinished, root, entries)
        for place, _, _ in os.walk(unfinished):
            Path(place).chmod(0o755)  # The worker's umask may have removed rights.
        unfinished.rename(wanted)
    except BaseException:
        _remove(unfinished)
        raise


def _copy_all(target: Path, root: Path, entries: Entries) -> None:
    copied: dict[tuple[int, int], Path] = {}
    for path, facts in entries:
        copy = target / path.relative_to(root)
        if stat.S_ISDIR(facts.st_mode):
            copy.mkdir(parents=True, exist_ok=True)
        elif stat.S_ISLNK(facts.st_mode):
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.symlink_to(path.readlink())
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            _copy_file(path, facts, copy, copied)


def _copy_file(path: Path, facts: os.stat_result, copy: Path, copied: dict[tuple[int, int], Path]) -> None:
    """Copy one file. On some file systems the copy shares blocks on the disk, but it never shares pages."""
    key = facts.st_dev, facts.st_ino
    if key in copied:
        copy.hardlink_to(copied[key])
        return
    with path.open("rb", buffering=0) as source, copy.open("xb", buffering=0) as target:
        _copy_content(source.fileno(), target.fileno())
        os.fchmod(target.fileno(), facts.st_mode & 0o777)
    os.utime(copy, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    copied[key] = copy


def _copy_content(source: int, target: int) -> None:
    """Copy inside the kernel. ``copy_file_range`` works within one file system only, and a container's cache
    is usually on another one."""
    try:
        while os.copy_file_range(source, target, _CHUNK_BYTES):
            pass
    except OSError as error:
        if error.errno not in _CANNOT_COPY:
            raise
        while os.sendfile(target, source, None, _CHUNK_BYTES):
            pass


def _remove_unused(folder: Path, wanted: Path) -> None:
    """Remove copies that no slot of this process uses: copies of an earlier system, and unfinished ones."""
    for other in folder.iterdir() if folder.is_dir() else ():
        if other != wanted and other not in _used:
            _remove(other)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
