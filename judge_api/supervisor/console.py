"""What the operator reads while the house starts, runs and ends."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Narrator:
    """Writes lines with the seconds since the start; safe to call from several threads (one write a line)."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._began = time.monotonic()

    def tell(self, subject: str, sentence: str) -> None:
        """One line of progress: when, who, what."""
        seconds = time.monotonic() - self._began
        self.show(f"[{seconds:7.2f} s] {subject:<17} {sentence}")

    def show(self, text: str) -> None:
        """Text as it is; a reader who has gone away or a full disk under the log is no reason to stop."""
        try:
            self._out.write(text + "\n")
            self._out.flush()
        except (OSError, ValueError):
            pass
