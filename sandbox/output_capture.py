"""Captures a box's outputs. Reads them from pipes, limits them, and keeps them in memory or a host file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sandbox.api import Command, OutputStream
from sandbox.errors import CannotIsolate

_READ_BYTES = 1 << 18
PassOn = Callable[[bytes], None]


def open_pipe() -> tuple[int, int]:
    """A pipe out of a box. Its reading end does not block.

    A program may open its outputs by name. The kernel then checks the pipe's mode and not the descriptor's.
    Only the box's own processes can name the pipe, and the mode lets them write but not read.
    """
    reader, writer = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(reader, False)
    try:
        os.fchmod(writer, 0o222)
    except OSError as error:
        os.close(reader)
        os.close(writer)
        raise CannotIsolate(
            "the kernel does not let this process change the mode of a pipe "
            f"({error.strerror}), as inside gVisor"
        ) from error
    return reader, writer


def open_pipe_between(reading_user: int) -> tuple[int, int]:
    """A pipe from one box to another. Each box may open its own end by name, and not the other's.

    The group of the reading slot may read, and any other user may write. The worker stays the owner of the
    pipe, so no box can change its mode. If all boxes run as the worker's own user (0), they own the pipe, and
    its mode is not changed.
    """
    reader, writer = os.pipe2(os.O_CLOEXEC)
    if reading_user:
        with contextlib.suppress(OSError):  # Without this right no box can open a pipe by name.
            os.fchown(writer, -1, reading_user)
            os.fchmod(writer, 0o042)
    return reader, writer


class Sink:
    """The reading end of one output. ``over_limit`` is true if the output is larger than a limit that ends
    the run. ``ended`` is true if no process can write any more."""

    def __init__(self, reader: int, limit: int, ends_run: bool) -> None:
        self.reader = reader
        self.size = 0
        self.limit = limit
        self.ended = False
        self._ends_run = ends_run

    @property
    def over_limit(self) -> bool:
        return self._ends_run and self.size > self.limit

    @property
    def content(self) -> bytes:
        """The bytes that were kept in memory."""
        return b""

    def drain(self) -> None:
        """Read everything that is there, without waiting."""
        while self.read_once():
            pass

    def read_once(self) -> bool:
        """Read once, which usually takes everything that is there. Returns False if there was nothing."""
        if self.ended or self.over_limit:
            return False
        try:
            count = self._read()
        except BlockingIOError:
            return False
        self.size += count
        self.ended = count == 0
        return not self.ended

    def _read(self) -> int:
        raise NotImplementedError

    def close(self) -> None:
        """Close the descriptors."""
        os.close(self.reader)


class MemorySink(Sink):
    """Keeps the first ``limit`` bytes in one buffer, since a program may write two bytes at a time."""

    def __init__(self, reader: int, limit: int, pass_on: PassOn | None = None) -> None:
        super().__init__(reader, limit, ends_run=True)
        self._kept = bytearray()
        self._pass_on = pass_on

    @property
    def content(self) -> bytes:
        return bytes(self._kept)

    def _read(self) -> int:
        part = os.read(self.reader, _READ_BYTES)
        if self.size < self.limit:
            kept = part[: self.limit - self.size]
            self._kept += kept
            if self._pass_on is not None and kept:
                self._pass_on(kept)
        return len(part)


class TailSink(Sink):
    """Keeps the last ``limit`` bytes in memory, since a program's last output explains how it ended."""

    def __init__(self, reader: int, limit: int, pass_on: PassOn | None = None) -> None:
        super().__init__(reader, limit, ends_run=False)
        self._kept = bytearray()
        self._pass_on = pass_on

    @property
    def content(self) -> bytes:
        return bytes(self._kept[-self.limit :]) if self.limit else b""

    def _read(self) -> int:
        part = os.read(self.reader, _READ_BYTES)
        self._kept += part
        del self._kept[: -self.limit or None]
        if self._pass_on is not None and part:
            self._pass_on(part)
        return len(part)


class FileSink(Sink):
    """Moves the output into a host file inside the kernel. At the end the file has at most ``limit`` bytes.

    The file is not emptied first. Its old content is overwritten, and the rest of it cut off at the end. ext4
    writes a file that was emptied to the disk when it is closed, and the next run would wait for that.
    """

    def __init__(self, reader: int, limit: int, path: Path) -> None:
        super().__init__(reader, limit, ends_run=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _read(self) -> int:
        return os.splice(self.reader, self._file, min(_READ_BYTES, self.limit - self.size + 1))

    def close(self) -> None:
        try:
            kept = min(self.size, self.limit)
            if os.fstat(self._file).st_size != kept:
                os.ftruncate(self._file, kept)
        finally:
            os.close(self._file)
            super().close()


def _pass_on(command: Command, stream: OutputStream) -> PassOn | None:
    return None if command.live is None else partial(command.live.wrote, stream)


class OutputCapture:
    """Both outputs of one run: the writing ends for the box, and the sinks for the worker.

    In a pair, ``stdout`` is the pipe to the other box, and that output is not kept.
    """

    def __init__(self, command: Command, stdout: int | None) -> None:
        self.writers: list[int] = []
        self.sinks: list[Sink] = []
        self.stdout: Sink | None = None
        self.stderr: Sink | None = None
        limits = command.limits
        try:
            if stdout is None:
                self.stdout = self._open_stdout(command, limits.output_bytes)
            else:
                self.writers.append(os.dup(stdout))
            if command.merge_stderr:
                self.writers.append(os.dup(self.writers[0]))
            else:
                pass_on = _pass_on(command, OutputStream.STDERR)
                self.stderr = TailSink(self._open_pipe(), limits.stderr_bytes, pass_on)
                self.sinks.append(self.stderr)
        except OSError:
            self.close()
            raise

    def _open_stdout(self, command: Command, limit: int) -> Sink:
        reader = self._open_pipe()
        try:
            if command.stdout:
                sink: Sink = FileSink(reader, limit, command.stdout)
            else:
                sink = MemorySink(reader, limit, _pass_on(command, OutputStream.STDOUT))
        except OSError:
            os.close(reader)
            raise
        self.sinks.append(sink)
        return sink

    def _open_pipe(self) -> int:
        """Open a pipe for one output. Returns its reading end."""
        reader, writer = open_pipe()
        self.writers.append(writer)
        return reader

    @property
    def over_limit(self) -> bool:
        return any(sink.over_limit for sink in self.sinks)

    def close_writers(self) -> None:
        """Close this process's copies of the writing ends. After this, only the box holds them."""
        for fd in self.writers:
            os.close(fd)
        self.writers = []

    def close(self) -> None:
        """Close every descriptor."""
        self.close_writers()
        for sink in self.sinks:
            sink.close()
        self.sinks = []
