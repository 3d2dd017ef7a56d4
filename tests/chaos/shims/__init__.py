"""Small libraries that are preloaded into the processes of a chaos run. They are compiled when they are
needed."""

from __future__ import annotations

import random
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_SOURCES = Path(__file__).parent
_NS = 1_000_000_000
_ALL_SYNCED = "0.synced"


def build_shim(name: str, folder: Path) -> Path:
    """Compile ``name.c``. Returns the path of the library."""
    library = folder / f"{name}.so"
    source = _SOURCES / f"{name}.c"
    flags = ("-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")
    subprocess.run(["gcc", *flags, "-o", str(library), str(source), "-ldl"], check=True)
    return library


@dataclass(frozen=True, slots=True)
class ShiftedClocks:
    """The wall clocks of the processes of a stack. The names are ``api``, ``dispatcher`` and those of the
    workers."""

    folder: Path
    roles: tuple[str, ...] = ("api", "dispatcher", "normal-1", "premium-1")

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.reset()

    def shift(self, role: str, seconds: float) -> None:
        """Set a process's clock this many seconds ahead of the host's. This takes effect at once, and lasts
        if the process is restarted."""
        with (self.folder / role).open("r+b" if (self.folder / role).exists() else "wb") as file:
            file.write(struct.pack("=q", int(seconds * _NS)))

    def reset(self) -> None:
        """Set all clocks to the host's."""
        for role in self.roles:
            self.shift(role, 0)


@dataclass(frozen=True, slots=True)
class Write:
    """One write that was not synced: the bytes that it replaced, and the size of the file before."""

    offset: int
    old: bytes
    size: int


@dataclass(frozen=True, slots=True)
class UnsyncedWrites:
    """The undo journals of a data folder. The shim ``power`` writes them, in a folder on another file
    system."""

    folder: Path
    began: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o777)

    def cut_power(self, data: Path, rng: random.Random) -> list[str]:
        """Undo what was not synced. All processes must be dead. Returns the names of the damaged files.

        A file loses all its unsynced writes, or only the later ones. A file that no process with the
        shim has written or synced (it was made in a sandbox) is emptied or filled with zeros.
        """
        damaged = []
        for path in sorted(data.rglob("*")):
            if path.is_symlink() or not path.is_file() or path.name.endswith("-shm"):
                continue
            if self._damage(path, rng):
                damaged.append(str(path.relative_to(data)))
        for journal in self.folder.iterdir():
            journal.unlink()
        (self.folder / _ALL_SYNCED).touch()  # everything on the disk now counts as synced
        return damaged

    def _damage(self, path: Path, rng: random.Random) -> bool:
        facts = path.stat()
        writes = list(self._writes(facts.st_ino))
        if writes:
            first = rng.choice((0, rng.randrange(len(writes))))
            with path.open("r+b") as file:
                for write in reversed(writes[first:]):
                    file.truncate(write.size)
                    file.seek(write.offset)
                    file.write(write.old)
            return True
        is_synced = (self.folder / f"{facts.st_ino}.synced").exists()
        if is_synced or facts.st_mtime <= max(self.began, self._synced_at()) or not facts.st_size:
            return False
        path.write_bytes(rng.choice((b"", bytes(facts.st_size))))
        return True

    def _writes(self, inode: int) -> Iterator[Write]:
        journal = self.folder / f"{inode}.undo"
        content = journal.read_bytes() if journal.exists() else b""
        at, header = 0, struct.Struct("=qqq")
        while at + header.size <= len(content):
            offset, length, size = header.unpack_from(content, at)
            at += header.size
            yield Write(offset, content[at : at + length], size)
            at += length

    def _synced_at(self) -> float:
        """The time at which the whole file system was last synced."""
        mark = self.folder / _ALL_SYNCED
        return mark.stat().st_mtime if mark.exists() else 0.0
