"""Pins a cgroup to its cores by the cpuset controller, where this process may set it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path


def pin_v1(folder: Path, cpus: Sequence[int]) -> bool:
    """Make a cgroup on these cores with the memory nodes of its parent; False where that is not allowed."""
    try:
        folder.mkdir(exist_ok=True)
        if not (mems := folder / "cpuset.mems").read_text().strip():
            mems.write_text((folder.parent / "cpuset.mems").read_text())
        (folder / "cpuset.cpus").write_text(",".join(map(str, cpus)))
    except OSError:
        with contextlib.suppress(OSError):
            folder.rmdir()
        return False
    return True


def pin_v2(base: Path, folder: Path, cpus: Sequence[int]) -> bool:
    """Keep the slot's cgroup and all below it on these cores; False where that is not allowed."""
    try:
        (base / "cgroup.subtree_control").write_text("+cpuset")
        (folder / "cpuset.cpus").write_text(",".join(map(str, cpus)))
    except OSError:
        return False
    return True
