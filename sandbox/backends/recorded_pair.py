"""Records the conversation of a pair: a thread of the worker copies the bytes from each pipe to the other.

The record is for people who want to read the conversation. It does not show which side ended first, or
whether the other side saw that end, since each end passes through the thread. Only a pair that is not
recorded shows this.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from dataclasses import dataclass, field

from sandbox.api import Said
from sandbox.output_capture import open_pipe, open_pipe_between

_AT_ONCE = 1 << 16
_LAST_SECONDS = 1.0


@dataclass(slots=True)
class _Direction:
    """One direction: from one side's output to the other side's input. ``waiting`` has the bytes that were
    read, but not yet written."""

    side: int
    reader: int
    writer: int
    waiting: bytes = b""

    def close_writer(self) -> None:
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def close(self) -> None:
        self.close_writer()
        if self.reader >= 0:
            os.close(self.reader)
            self.reader = -1

    @property
    def is_open(self) -> bool:
        return self.reader >= 0


@dataclass(slots=True)
class RecordedPair:
    """The pipes of a recorded pair. The first ``limit`` bytes are recorded. Later bytes are only passed
    on."""

    limit: int
    users: tuple[int, int]
    """The users of both boxes."""
    said: list[Said] = field(default_factory=list)
    box_ends: tuple[tuple[int, int], tuple[int, int]] = field(init=False)
    """The input and output of each side, for its box. The caller closes them."""
    _directions: list[_Direction] = field(init=False)
    _stop: tuple[int, int] = field(init=False)
    _thread: threading.Thread = field(init=False)
    _size: int = 0

    def __post_init__(self) -> None:
        outputs = [open_pipe() for _ in self.users]
        inputs = [open_pipe_between(user) for user in self.users]
        for _, writer in inputs:
            os.set_blocking(writer, False)
        self.box_ends = ((inputs[0][0], outputs[0][1]), (inputs[1][0], outputs[1][1]))
        self._directions = [_Direction(side, outputs[side][0], inputs[1 - side][1]) for side in (0, 1)]
        self._stop = os.pipe2(os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._pass_on, name="recorded-pair", daemon=True)

    def start(self) -> None:
        """Begin to pass on the sides' outputs."""
        self._thread.start()

    def finish(self) -> None:
        """Read the rest that both sides wrote before they ended. Call it only after both boxes have ended."""
        self._thread.join(_LAST_SECONDS)

    def close(self) -> None:
        """Stop, and close every descriptor that is still open here."""
        os.close(self._stop[1])
        if self._thread.ident is not None:
            self._thread.join()
        os.close(self._stop[0])
        for direction in self._directions:
            direction.close()

    def _pass_on(self) -> None:
        while live := [each for each in self._directions if each.is_open]:
            poller = select.poll()
            poller.register(self._stop[0], select.POLLIN)
            for each in live:
                if each.waiting:
                    poller.register(each.writer, select.POLLOUT)
                else:
                    poller.register(each.reader, select.POLLIN)
            ready = dict(poller.poll())
            if self._stop[0] in ready:
                return
            for each in live:
                if each.waiting and each.writer in ready:
                    self._write(each)
                elif not each.waiting and each.reader in ready:
                    self._read(each)

    def _read(self, direction: _Direction) -> None:
        try:
            data = os.read(direction.reader, _AT_ONCE)
        except BlockingIOError:
            return
        if not data:
            direction.close()
            return
        self._keep(direction.side, data)
        if direction.writer >= 0:
            direction.waiting = data

    def _write(self, direction: _Direction) -> None:
        try:
            written = os.write(direction.writer, direction.waiting)
            direction.waiting = direction.waiting[written:]
        except BlockingIOError:
            return
        except BrokenPipeError:
            direction.waiting = b""
            self._refuse(direction)

    def _refuse(self, direction: _Direction) -> None:
        """Handle the end of the reading side. The first side gets a broken pipe. The second side's data is
        dropped."""
        if direction.side == 0:
            direction.close()
        else:
            direction.close_writer()

    def _keep(self, side: int, data: bytes) -> None:
        kept = data[: max(0, self.limit - self._size)]
        self._size += len(data)
        if not kept:
            return
        with contextlib.suppress(IndexError):
            if self.said[-1].side == side:
                self.said[-1] = Said(side, self.said[-1].data + kept)
                return
        self.said.append(Said(side, kept))

    @property
    def is_cut(self) -> bool:
        """Whether the conversation is longer than its record."""
        return self._size > self.limit
