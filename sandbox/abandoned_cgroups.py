"""Removes the cgroups of slots whose worker died and that no worker uses again."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from sandbox.cgroups import remove_cgroup
from sandbox.cgroups.cgroupfs import cgroup_mounts, own_cgroup_folder, own_cgroup_paths
from sandbox.errors import SandboxError
from sandbox.slot import claim_exactly

_SLOT_CGROUP = re.compile(r"gavel-(\d+)")


def remove_abandoned_cgroups() -> list[str]:
    """Remove the cgroups of slots that no process holds, beside this process's own cgroup. Returns their
    names.

    Processes that still run in such a cgroup are killed, since their worker is dead.
    """
    removed = set()
    for folder in slot_cgroups():
        index = int(_SLOT_CGROUP.fullmatch(folder.name)[1])  # type: ignore[index]
        claim = claim_exactly(index)
        if claim is None:
            continue
        try:
            remove_cgroup(folder)
            removed.add(folder.name)
        except (SandboxError, OSError):
            continue  # The next worker on this slot removes it, or reports why it cannot.
        finally:
            claim.release()
    return sorted(removed)


def slot_cgroups() -> Iterator[Path]:
    """The cgroups of slots, used or not, that workers in this process's own cgroup have made."""
    own = own_cgroup_paths()
    for kind, where, options in cgroup_mounts():
        names = options & own.keys() if kind == "cgroup" else {""} & own.keys()
        for base in {own_cgroup_folder(where, own[name]) for name in names}:
            beside = base.parent if base.name == "gavel-host" else base
            for folder in _children(beside):
                if _SLOT_CGROUP.fullmatch(folder.name):
                    yield folder


def _children(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
