"""The worker reads the outputs of a box from its ends of the pipes."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from sandbox.errors import CannotIsolate
from sandbox.output_capture import MemorySink, open_pipe

PACKETS = 20_000
AT_ONCE = 16
"""As many packets as a pipe holds, however short they are."""


def test_output_in_tiny_packets_takes_less_than_four_times_its_size_in_memory() -> None:
    """If a program sets O_DIRECT on its pipe, each of its writes is read separately."""
    reader, writer = os.pipe2(os.O_CLOEXEC | os.O_DIRECT | os.O_NONBLOCK)
    sink = MemorySink(reader, 8 << 20)
    tracemalloc.start()
    try:
        for _ in range(PACKETS // AT_ONCE):
            for _ in range(AT_ONCE):
                os.write(writer, b"ab")
            sink.drain()
        assert tracemalloc.get_traced_memory()[0] < 4 * 2 * PACKETS
    finally:
        tracemalloc.stop()
        os.close(writer)
        sink.close()
    assert sink.content == b"ab" * PACKETS


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_the_sandbox_is_refused_if_the_kernel_does_not_change_the_mode_of_a_pipe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """gVisor is such a kernel. `gavel doctor` and the worker say so, and no run begins."""

    def refuse(descriptor: int, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    before = open_files()
    monkeypatch.setattr(os, "fchmod", refuse)
    with pytest.raises(
        CannotIsolate, match=r"the mode of a pipe \(Operation not permitted\), as inside gVisor"
    ):
        open_pipe()
    assert open_files() == before
