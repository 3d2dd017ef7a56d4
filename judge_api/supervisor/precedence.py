"""Who runs first when the cores do not suffice for all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def set_precedence(pid: int, nice: int) -> None:
    """Set how nice a process and its session are, where we may; else they stay as they are.

    Where the kernel groups processes by session (autogroup), how nice a process is counts within its session
    only, and how nice the session is counts among all. Only root may ask for less than 0.
    """
    if nice == 0:
        return
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(nice))
