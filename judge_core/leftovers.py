"""Removes the temporary files that a process leaves if it dies while it writes them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_DAY_SECONDS = 86_400.0
"""A temporary file of this age belongs to no running process: none writes one file for so long."""


def remove_leftovers(folder: Path, prefixes: Iterable[str]) -> None:
    """Remove the files and folders directly in a folder whose names begin with one of these prefixes, and
    that were last changed more than a day ago.

    An entry that cannot be removed stays.
    """
    before = time.time() - _DAY_SECONDS
    for prefix in prefixes:
        for path in folder.glob(f"{prefix}*"):
            with suppress(OSError):
                if path.lstat().st_mtime < before:
                    _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
