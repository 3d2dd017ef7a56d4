"""The ends of a box's outputs on our side."""

from __future__ import annotations

import os
import tracemalloc

from sandbox.output_capture import MemorySink

PACKETS = 20_000
AT_ONCE = 16
"""As many packets as a pipe holds, however short they are."""


def test_output_in_tiny_packets_takes_its_own_size_and_little_more() -> None:
    """A program may set O_DIRECT on its pipe: then each of its writes is read alone."""
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
