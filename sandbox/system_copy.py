"""A copy of the system's files for the boxes of one slot, for hosts without FUSE.

It is made at the first start and used again as long as the system has not changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sandbox.errors import CannotServeFiles
from sandbox.rootfs import system_paths

_SPARE_BYTES = 1 << 30
"""So much must stay free on the disk of the copy."""
_CHUNK_BYTES = 1 << 30


def copy_system(folder: Path, most_bytes: int, root: Path = Path("/")) -> Path:
    """The copy below ``folder``, made if there is none of the system as it is.

    Raises CannotServeFiles when it would be larger than ``most_bytes``, or the disk too full.
    """
    entries = _entries(root, most_bytes)
    wanted = folder / f"system-{_fingerprint(root, entries)}"
    if not wanted.is_dir():
        try:
            _make(folder, wanted, root, entries)
        except OSError as error:
            raise CannotServeFiles(f"no copy of the system in {folder}: {error.strerror or error}") from error
    _remove_others(folder, wanted)
    return wanted


def _entries(root: Path, most_bytes: int) -> list[tuple[Path, os.stat_result]]:
    found, size = [], 0
    for path, facts in _walk(root):
        size += facts.st_size if stat.S_ISREG(facts.st_mode) else 0
        if size > most_bytes:
            limit = f"{most_bytes >> 20} MiB that GAVEL_COPY_BYTES allows"
            raise CannotServeFiles(f"no copy of the system: it has more than the {limit}")
        found.append((path, facts))
    return found


def _walk(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The folders, files and links that boxes see, each folder before what is in it."""
    waiting = [Path(path) for path in reversed(system_paths(root))]
    while waiting:
        path = waiting.pop()
        facts = path.lstat()
        yield path, facts
        if stat.S_ISDIR(facts.st_mode) and os.access(path, os.R_OK | os.X_OK):
            waiting += sorted(path.iterdir(), reverse=True)


def _fingerprint(root: Path, entries: list[tuple[Path, os.stat_result]]) -> str:
    digest = hashlib.sha256()
    for path, facts in entries:
        is_folder = stat.S_ISDIR(facts.st_mode)
        numbers = (facts.st_mode, *(() if is_folder else (facts.st_size, facts.st_mtime_ns)))
        digest.update(f"{path.relative_to(root)}\0{numbers}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:16]


def _make(folder: Path, wanted: Path, root: Path, entries: list[tuple[Path, os.stat_result]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    size = sum(facts.st_size for _, facts in entries if stat.S_ISREG(facts.st_mode))
    if shutil.disk_usage(folder).free < size + _SPARE_BYTES:
        raise CannotServeFiles(
            f"no copy of the system: {folder} has less than {(size + _SPARE_BYTES) >> 20} MiB free"
        )
    unfinished = Path(tempfile.mkdtemp(dir=folder, prefix="unfinished-"))
    try:
        unfinished.chmod(0o755)
        _copy_all(unfinished, root, entries)
        unfinished.rename(wanted)
    except BaseException:
        _remove(unfinished)
        raise


def _copy_all(target: Path, root: Path, entries: list[tuple[Path, os.stat_result]]) -> None:
    copied: dict[tuple[int, int], Path] = {}
    for path, facts in entries:
        copy = target / path.relative_to(root)
        if stat.S_ISDIR(facts.st_mode):
            copy.mkdir(parents=True, exist_ok=True)
        elif stat.S_ISLNK(facts.st_mode):
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.symlink_to(path.readlink())
        elif stat.S_ISREG(facts.st_mode) and os.access(path, os.R_OK):
            copy.parent.mkdir(parents=True, exist_ok=True)
            _copy_file(path, facts, copy, copied)


def _copy_file(path: Path, facts: os.stat_result, copy: Path, copied: dict[tuple[int, int], Path]) -> None:
    """Where the file system can, the copy shares the disk's blocks, but never the pages in memory."""
    key = facts.st_dev, facts.st_ino
    if key in copied:
        copy.hardlink_to(copied[key])
        return
    with path.open("rb", buffering=0) as source, copy.open("xb", buffering=0) as target:
        while os.copy_file_range(source.fileno(), target.fileno(), _CHUNK_BYTES):
            pass
        os.fchmod(target.fileno(), facts.st_mode & 0o777)
    os.utime(copy, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    copied[key] = copy


def _remove_others(folder: Path, wanted: Path) -> None:
    for other in folder.iterdir():
        if other != wanted:
            _remove(other)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
