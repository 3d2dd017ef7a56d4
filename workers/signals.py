"""SIGTERM and SIGINT, answered outside of the signal handler.

A handler runs between any two instructions of the main thread, so it must touch no lock, and Redis
clients and events are full of them. It only writes a byte; a thread reads it and acts.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType


def handle_stop_signals(first: Callable[[], None], again: Callable[[], None]) -> None:
    """``first`` is called for the first of the signals, ``again`` for each later one, in a thread."""
    reader, writer = os.pipe()

    def note(_signal: int, _frame: FrameType | None) -> None:
        os.write(writer, b"!")

    def answer() -> None:
        os.read(reader, 1)
        first()
        while os.read(reader, 1):
            again()

    threading.Thread(target=answer, name="signals", daemon=True).start()
    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
