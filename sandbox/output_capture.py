"""Where a box's outputs go: drained from pipes as they come, capped, kept in memory or in a host file."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from sandbox.api import Command

_CHUNK = 1 << 18


def open_pipe() -> tuple[int, int]:
    """A pipe out of a box, whose reading end never blocks us.

    A program may open its outputs by name, which asks for the pipe's mode and not the descriptor's: so who
    can name it, the box's own processes alone, may write and not read.
    """
    reader, writer = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(reader, False)
    os.fchmod(writer, 0o222)
    return reader, writer


def open_pipe_between(reading_user: int) -> tuple[int, int]:
    """A pipe from one box to another, each of which may open its own end by name, and not the other.

    The slot that reads is told by its group, the one that writes is anybody else; the pipe stays ours, so
    that neither changes this. Where all boxes are our own user (0) they own it, and it is left as it is.
    """
    reader, writer = os.pipe2(os.O_CLOEXEC)
    if reading_user:
        with contextlib.suppress(OSError):  # who may not give files away has boxes that open no pipe by name
            os.fchown(writer, -1, reading_user)
            os.fchmod(writer, 0o042)
    return reader, writer


class Sink:
    """One output's end on our side. ``over`` says that more came than may, where that is an offence;
    ``ended`` that nobody is left who could say more."""

    def __init__(self, reader: int, most: int, capped: bool) -> None:
        self.reader = reader
        self.size = 0
        self.most = most
        self.ended = False
        self._capped = capped

    @property
    def over(self) -> bool:
        return self._capped and self.size > self.most

    @property
    def content(self) -> bytes:
        """What was kept in memory."""
        return b""

    def drain(self) -> None:
        """Take all that is there, without waiting."""
        while self.take():
            pass

    def take(self) -> bool:
        """Take once, which mostly is all that is there; False when there was nothing to be had."""
        if self.ended or self.over:
            return False
        try:
            taken = self._take()
        except BlockingIOError:
            return False
        self.size += taken
        self.ended = taken == 0
        return not self.ended

    def _take(self) -> int:
        raise NotImplementedError

    def close(self) -> None:
        os.close(self.reader)


class MemorySink(Sink):
    """Keeps the first ``most`` bytes in memory: in one piece, since a program may hand over two at a time."""

    def __init__(self, reader: int, most: int) -> None:
        super().__init__(reader, most, capped=True)
        self._kept = bytearray()

    @property
    def content(self) -> bytes:
        return bytes(self._kept)

    def _take(self) -> int:
        part = os.read(self.reader, _CHUNK)
        if self.size < self.most:
            self._kept += part[: self.most - self.size]
        return len(part)


class TailSink(Sink):
    """Keeps the last ``most`` bytes in memory: what a program says at its end is what explains the end."""

    def __init__(self, reader: int, most: int) -> None:
        super().__init__(reader, most, capped=False)
        self._kept = bytearray()

    @property
    def content(self) -> bytes:
        return bytes(self._kept[-self.most :]) if self.most else b""

    def _take(self) -> int:
        part = os.read(self.reader, _CHUNK)
        self._kept += part
        del self._kept[: -self.most or None]
        return len(part)


class FileSink(Sink):
    """Moves the output into a host file inside the kernel; never more than ``most`` bytes stay there.

    What the file held is written over, and cut off in the end: were it emptied first, ext4 would put each
    run's output on the disk as it is closed, and the next run would wait for that.
    """

    def __init__(self, reader: int, most: int, path: Path) -> None:
        super().__init__(reader, most, capped=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _take(self) -> int:
        return os.splice(self.reader, self._file, min(_CHUNK, self.most - self.size + 1))

    def close(self) -> None:
        try:
            kept = min(self.size, self.most)
            if os.fstat(self._file).st_size != kept:
                os.ftruncate(self._file, kept)
        finally:
            os.close(self._file)
            super().close()


class Outputs:
    """Both outputs of one run: the writing ends for the box, the sinks for us.

    ``stdout`` is given in a conversation, where it leads to the other box: then nothing of it is kept.
    """

    def __init__(self, command: Command, stdout: int | None) -> None:
        self.writers: list[int] = []
        self.sinks: list[Sink] = []
        self.out: Sink | None = None
        self.err: Sink | None = None
        limits = command.limits
        try:
            if stdout is None:
                self.out = self._add(command, limits.output_bytes)
            else:
                self.writers.append(os.dup(stdout))
            if command.merge_stderr:
                self.writers.append(os.dup(self.writers[0]))
            else:
                self.err = TailSink(self._open(), limits.stderr_bytes)
                self.sinks.append(self.err)
        except OSError:
            self.close()
            raise

    def _add(self, command: Command, most: int) -> Sink:
        reader = self._open()
        try:
            sink = FileSink(reader, most, command.stdout) if command.stdout else MemorySink(reader, most)
        except OSError:
            os.close(reader)
            raise
        self.sinks.append(sink)
        return sink

    def _open(self) -> int:
        """A pipe for one output; its reading end."""
        reader, writer = open_pipe()
        self.writers.append(writer)
        return reader

    @property
    def over(self) -> bool:
        return any(sink.over for sink in self.sinks)

    def hand_over(self) -> None:
        """Close our copies of the writing ends: from now on only the box holds them."""
        for fd in self.writers:
            os.close(fd)
        self.writers = []

    def close(self) -> None:
        self.hand_over()
        for sink in self.sinks:
            sink.close()
        self.sinks = []
