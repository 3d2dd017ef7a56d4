"""Groups as folders: where ours stand, their files read, themselves removed."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox.errors import BoxFault

_MOUNTS = Path("/proc/self/mounts")
_OWN = Path("/proc/self/cgroup")
_SWAPS = Path("/proc/swaps")


def mounts() -> Iterator[tuple[str, str, set[str]]]:
    for line in _MOUNTS.read_text().splitlines():
        _, where, kind, options, *_ = line.split()
        if kind in ("cgroup", "cgroup2"):
            yield kind, where, set(options.split(","))


def swaps() -> bool:
    """Whether this host moves memory out to a disk."""
    try:
        return len(_SWAPS.read_text().splitlines()) > 1
    except OSError:
        return True


def own_paths() -> dict[str, str]:
    """Controller to our own group's path; the unified hierarchy under the empty name."""
    paths: dict[str, str] = {}
    for line in _OWN.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        paths.update(dict.fromkeys(controllers.split(","), path))
    return paths


def own_folder(where: str, path: str) -> Path:
    """Our own group's folder. In a container the path may be the host's: then the mount is our group."""
    folder = Path(where) / path.lstrip("/")
    return folder if folder.is_dir() else Path(where)


def _kill_members(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), 9)


def remove_cgroup(folder: Path, patience: float = 2.0) -> None:
    """Remove a group of ours and those below it, ending what a dead worker left in them."""
    deadline = time.monotonic() + patience
    while folder.is_dir():
        for below in [path for path in folder.iterdir() if path.is_dir()]:
            remove_cgroup(below, patience)
        _kill_members(folder)
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise BoxFault(f"cannot remove {folder}: something still lives in it") from None
            time.sleep(0.005)


def read_number(fd: int) -> int:
    return int(os.pread(fd, 64, 0))


def read_keys(fd: int, *keys: bytes) -> list[int]:
    """The numbers after these keys, 0 for what this kernel does not tell; only they are taken apart."""
    text = b"\n" + os.pread(fd, 8192, 0)
    return [_number_after(text, key) for key in keys]


def _number_after(text: bytes, key: bytes) -> int:
    at = text.find(b"\n%b " % key)
    return int(text[at + len(key) + 2 : text.index(b"\n", at + 1)]) if at >= 0 else 0
