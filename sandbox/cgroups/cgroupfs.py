"""Finds the mounted cgroup file systems, reads their files, and removes cgroups."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox.errors import BoxFault

_MOUNTS = Path("/proc/self/mounts")
_OWN = Path("/proc/self/cgroup")
_SWAPS = Path("/proc/swaps")
_ESCAPE = re.compile(r"\\([0-7]{3})")
"""How the kernel writes a space, tab, newline or backslash in a path. It writes all other bytes as they are,
so a path may be no UTF-8."""


def cgroup_mounts() -> Iterator[tuple[str, str, set[str]]]:
    """Type, mount point and options of every mounted cgroup hierarchy."""
    for line in os.fsdecode(_MOUNTS.read_bytes()).split("\n")[:-1]:
        _, where, kind, options, *_ = line.split(" ")
        if kind in ("cgroup", "cgroup2"):
            yield kind, _unescaped(where), set(options.split(","))


def _unescaped(path: str) -> str:
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 8)), path)


def has_swap() -> bool:
    """Whether this host has swap space. True if that cannot be read."""
    try:
        return _SWAPS.read_bytes().count(b"\n") > 1
    except OSError:
        return True


def own_cgroup_paths() -> dict[str, str]:
    """The path of this process's cgroup by controller. v2's path is under the empty name."""
    paths: dict[str, str] = {}
    for line in _OWN.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        paths.update(dict.fromkeys(controllers.split(","), path))
    return paths


def own_cgroup_folder(where: str, path: str) -> Path:
    """The folder of this process's cgroup. In some containers, ``path`` is the host's path and does not
    exist. Then the folder is the mount itself."""
    folder = Path(where) / path.lstrip("/")
    return folder if folder.is_dir() else Path(where)


def _kill_members(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in map(int, (folder / "cgroup.procs").read_text().split()):
            # The kernel writes 0 for a process of another pid namespace, and kill(0) would end this process's
            # group.
            with contextlib.suppress(ProcessLookupError):
                if pid > 0:
                    os.kill(pid, 9)


def remove_cgroup(folder: Path, timeout: float = 2.0) -> None:
    """Remove a cgroup of Gavel and those below it. Kill processes that a dead worker left in them."""
    deadline = time.monotonic() + timeout
    while folder.is_dir():
        for below in [path for path in folder.iterdir() if path.is_dir()]:
            remove_cgroup(below, timeout)
        _kill_members(folder)
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise BoxFault(f"cannot remove {folder}: it still has processes") from None
            time.sleep(0.005)


def read_number(fd: int) -> int:
    """The number in a file that has no other content."""
    return int(os.pread(fd, 64, 0))


def read_keys(fd: int, *keys: bytes) -> list[int]:
    """The numbers of these keys in a file of ``key value`` lines; 0 for a key that this kernel does not
    have."""
    text = b"\n" + os.pread(fd, 8192, 0)
    return [_number_after(text, key) for key in keys]


def _number_after(text: bytes, key: bytes) -> int:
    at = text.find(b"\n%b " % key)
    return int(text[at + len(key) + 2 : text.index(b"\n", at + 1)]) if at >= 0 else 0
