"""Where a box's outputs go: drained from pipes as they come, capped, kept in memory or in a host file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

_CHUNK = 1 << 18


class Sink(Protocol):
    """One output's end on our side."""

    @property
    def reader(self) -> int: ...

    @property
    def over(self) -> bool:
        """Whether the program wrote more than it may."""
        ...

    def drain(self) -> bool:
        """Take what is there without waiting; False once the pipe has ended."""
        ...

    def close(self) -> None: ...


def open_pipe() -> tuple[int, int]:
    """A pipe whose reading end never blocks us."""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(reader, False)
    return reader, writer


class MemorySink:
    """Keeps the first ``most`` bytes; counts the rest, and calls it an offence if ``capped``."""

    def __init__(self, reader: int, most: int, capped: bool) -> None:
        self.reader = reader
        self.size = 0
        self._most = most
        self._capped = capped
        self._parts: list[bytes] = []
        self._kept = 0

    @property
    def over(self) -> bool:
        return self._capped and self.size > self._most

    @property
    def content(self) -> bytes:
        return b"".join(self._parts)

    def drain(self) -> bool:
        while not self.over:
            try:
                part = os.read(self.reader, _CHUNK)
            except BlockingIOError:
                return True
            if not part:
                return False
            self._keep(part)
        return True

    def _keep(self, part: bytes) -> None:
        self.size += len(part)
        if self._kept < self._most:
            part = part[: self._most - self._kept]
            self._parts.append(part)
            self._kept += len(part)

    def close(self) -> None:
        os.close(self.reader)


class FileSink:
    """Moves the output into a host file inside the kernel; never more than ``most`` bytes stay there."""

    content = b""

    def __init__(self, reader: int, most: int, path: Path) -> None:
        self.reader = reader
        self.size = 0
        self._most = most
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)

    @property
    def over(self) -> bool:
        return self.size > self._most

    def drain(self) -> bool:
        while not self.over:
            try:
                moved = os.splice(self.reader, self._file, min(_CHUNK, self._most - self.size + 1))
            except BlockingIOError:
                return True
            if moved == 0:
                return False
            self.size += moved
        return True

    def close(self) -> None:
        if self.over:
            os.ftruncate(self._file, self._most)
        os.close(self._file)
        os.close(self.reader)
