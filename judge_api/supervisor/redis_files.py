"""Moves Redis' append-only files aside if Redis cannot load them, and keeps the part that can be read.

After a power cut a file may end in zeros, or the manifest may be empty. Then Redis refuses every start. The
database has every accepted submission, and the reconciler sends again what is missing in Redis. So no
submission is lost, even without any file.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from judge_api.services.disk_space import DAMAGED_REDIS_PREFIX
from judge_api.supervisor.data_folder import DataFolder

DAMAGED_PREFIX = DAMAGED_REDIS_PREFIX
KEPT_FOLDERS = 5
_FOLDER, _MANIFEST = "appendonlydir", "appendonly.aof.manifest"
_OLD_FILE = "appendonly.aof"
"""The only append-only file of Redis before version 7."""
_SALVAGED = "salvaged"
"""The name of a marker file. It says that the append-only files in the same folder were copied from damaged
ones."""
_LOAD_ERRORS = re.compile(
    r"Bad file format|append only file|AOF manifest|Unable to obtain the AOF file|the truncated file is not"
    r"|AOF file .* doesn't exist|Wrong signature|Short read|Internal error in RDB|Fatal error loading"
)
_WRITE_ERRORS = re.compile(r"No space left|Permission denied|Read-only file system|Disk quota")
_NOTHING_LOST = "No submission is lost: what is missing is sent to the queues again from the database"
_LINES = 4
"""How many lines at the end of the log are searched for the reason why Redis ended."""


@dataclass(frozen=True, slots=True)
class AppendOnlyFile:
    """One line of a manifest."""

    name: str
    line: str


def set_damaged_files_aside(folder: DataFolder, log_tail: str) -> str | None:
    """Move the files aside if Redis ended because of them. ``log_tail`` is the end of Redis' log. Returns
    what was done, for the operator, or ``None`` if the files are not the cause. Raises OSError."""
    last = "\n".join(log_tail.splitlines()[-_LINES:])
    has_files = (folder.redis / _FOLDER).exists() or (folder.redis / _OLD_FILE).exists()
    if not has_files or not _LOAD_ERRORS.search(last) or _WRITE_ERRORS.search(last):
        return None
    damaged = _damaged_folder(folder)
    folder.redis.rename(damaged)
    folder.redis.mkdir(mode=0o700)
    if (damaged / _SALVAGED).exists():
        done = "what could be read of its damaged files does not load either: it starts empty"
    else:
        read, total = _salvage(damaged, folder.redis)
        (folder.redis / _SALVAGED).touch()
        done = f"its append-only files are damaged: {read} of {total} bytes can be read"
    _forget_oldest(folder)
    return f"{done}. The files are kept in {damaged}. {_NOTHING_LOST}"


def damaged_folders(root: Path) -> list[Path]:
    """The folders of files that were moved aside, the latest first."""
    return sorted(root.glob(f"{DAMAGED_PREFIX}*"), reverse=True)


def _damaged_folder(folder: DataFolder) -> Path:
    stem = f"{DAMAGED_PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%S}"
    taken = len(list(folder.root.glob(f"{stem}*")))
    return folder.root / (f"{stem}-{taken}" if taken else stem)


def _forget_oldest(folder: DataFolder) -> None:
    for old in damaged_folders(folder.root)[KEPT_FOLDERS:]:
        shutil.rmtree(old, ignore_errors=True)


def _salvage(damaged: Path, fresh: Path) -> tuple[int, int]:
    """Copy the complete commands up to the first one that cannot be read. Returns how many bytes were copied,
    and how many there are."""
    old = damaged / _OLD_FILE
    if old.exists():
        content = old.read_bytes()
        end = readable_bytes(content)
        (fresh / _OLD_FILE).write_bytes(content[:end])
        return end, len(content)
    source, target = damaged / _FOLDER, fresh / _FOLDER
    total = sum(path.stat().st_size for path in source.iterdir() if path.name != _MANIFEST)
    read, lines = 0, []
    for file in _manifest(source):
        path = source / file.name
        content = path.read_bytes() if path.is_file() else b""
        end = len(content) if content.startswith(b"REDIS") else readable_bytes(content)
        if not path.is_file():
            break
        target.mkdir(mode=0o700, exist_ok=True)
        (target / file.name).write_bytes(content[:end])
        lines.append(file.line)
        read += end
        if end < len(content):
            break
    if lines:
        (target / _MANIFEST).write_text("".join(f"{line}\n" for line in lines))
    return read, total


def _manifest(folder: Path) -> Iterator[AppendOnlyFile]:
    """The files in the order in which Redis loads them. Empty if the manifest itself is damaged."""
    try:
        lines = (folder / _MANIFEST).read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return
    found = [re.fullmatch(r"file (\S+) seq (\d+) type ([bih])(?: .*)?", line) for line in lines]
    known = [match for match in found if match is not None and "/" not in match[1] and match[3] != "h"]
    for match in sorted(known, key=lambda match: (match[3] != "b", int(match[2]))):
        yield AppendOnlyFile(match[1], f"file {match[1]} seq {match[2]} type {match[3]}")


def readable_bytes(content: bytes) -> int:
    """The length of the complete commands at the beginning, without an unfinished transaction."""
    at = transaction = 0
    in_transaction = False
    while at < len(content):
        end, name = _command(content, at)
        if end is None:
            break
        if name == b"MULTI":
            transaction, in_transaction = at, True
        elif name == b"EXEC":
            in_transaction = False
        at = end
    return transaction if in_transaction else at


def _command(content: bytes, at: int) -> tuple[int | None, bytes]:
    """The end of the command that begins at ``at``, and its name. The end is ``None`` if the command cannot
    be read."""
    if content[at : at + 1] == b"#":  # The line is a time stamp.
        line_end = content.find(b"\r\n", at)
        return (line_end + 2, b"") if line_end >= 0 else (None, b"")
    count, at = _number(content, at, b"*")
    name = b""
    for place in range(count):
        length, at = _number(content, at, b"$")
        if length < 0 or content[at + length : at + length + 2] != b"\r\n":
            return None, b""
        name = content[at : at + length].upper() if place == 0 else name
        at += length + 2
    return (at, name) if count > 0 else (None, b"")


def _number(content: bytes, at: int, mark: bytes) -> tuple[int, int]:
    """The number in a line such as ``*3``, and where the next line begins. The number is -1 for any other
    line."""
    line_end = content.find(b"\r\n", at, at + 32)
    digits = content[at + 1 : line_end]
    if line_end < 0 or content[at : at + 1] != mark or not digits.isdigit():
        return -1, at
    return int(digits), line_end + 2
