"""Keeps a cgroup on its cores by the cpuset controller, where that controller is ours to set."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path


def confine_v1(folder: Path, cpus: Sequence[int]) -> bool:
    """A group on these cores alone, with the memory nodes of the one above; False where that is not ours."""
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


def confine_v2(base: Path, folder: Path, cpus: Sequence[int]) -> bool:
    """The slot's group on its cores alone, and so all below it; False where the controller is not ours."""
    try:
        (base / "cgroup.subtree_control").write_text("+cpuset")
        (folder / "cpuset.cpus").write_text(",".join(map(str, cpus)))
    except OSError:
        return False
    return True
