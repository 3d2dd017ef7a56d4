"""Runs another Python module instead of this process."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def exec_module(module: str, arguments: tuple[str, ...]) -> NoReturn:
    """Replace this process by ``python -m MODULE``. The main server never imports worker or sandbox code."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *arguments])
