"""Commands that are other programs of the house: this process becomes them."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def become(module: str, arguments: tuple[str, ...]) -> NoReturn:
    """Replace this process: the main server never imports the workers' or the sandbox's code."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])
