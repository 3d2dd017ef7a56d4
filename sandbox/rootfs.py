"""The root file system of a box: read-only binds of the host, devices, and a few fixed files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

INNER_ID = 1000

_TOP_FOLDERS = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
_ETC = (
    "alternatives", "fpc*.cfg", "ghc", "java-*", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
    "lua", "mono", "perl", "php", "R", "scala",
)  # fmt: skip
_EXTRA_FOLDERS = ("/var/lib/ghc",)
"""Outside /usr: the package database to which GHC's own folder links."""
_DEVICES = ("null", "zero", "full", "random", "urandom")
_FILES = {
    "/etc/passwd": f"box:x:{INNER_ID}:{INNER_ID}:box:/w:/bin/sh\n",
    "/etc/group": f"box:x:{INNER_ID}:\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "/etc/hosts": "127.0.0.1 localhost box\n",
}
_LINKS = {
    "/dev/fd": "/proc/self/fd",
    "/dev/stdin": "/proc/self/fd/0",
    "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2",
    "/dev/shm": "/tmp",
    "/var/tmp": "/tmp",
}


class EntryKind(StrEnum):
    """How an entry gets into the root."""

    BIND = "bind"
    DEVICE = "device"
    LINK = "link"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class RootEntry:
    """One path of the root: ``source`` is a host path, a link's target or a file's text."""

    kind: EntryKind
    source: str
    target: str


def root_entries(extra_roots: Iterable[Path] = ()) -> tuple[RootEntry, ...]:
    """Every entry of a box's root on this host, in the order in which to add them."""
    entries = [RootEntry(EntryKind.BIND, "/usr", "/usr"), *_top_folders(), *_etc_entries()]
    entries += [RootEntry(EntryKind.BIND, name, name) for name in _EXTRA_FOLDERS if Path(name).is_dir()]
    entries += [RootEntry(EntryKind.BIND, str(root), str(root)) for root in extra_roots]
    entries += [RootEntry(EntryKind.DEVICE, f"/dev/{name}", f"/dev/{name}") for name in _DEVICES]
    entries += [RootEntry(EntryKind.LINK, source, target) for target, source in _LINKS.items()]
    entries += [RootEntry(EntryKind.FILE, text, target) for target, text in _FILES.items()]
    return tuple(entries)


def _top_folders() -> Iterator[RootEntry]:
    for name in _TOP_FOLDERS:
        path = Path("/") / name
        if path.is_symlink():
            yield RootEntry(EntryKind.LINK, str(path.readlink()), str(path))
        elif path.is_dir():
            yield RootEntry(EntryKind.BIND, str(path), str(path))


def _etc_entries() -> Iterator[RootEntry]:
    for pattern in _ETC:
        for path in sorted(Path("/etc").glob(pattern)):
            yield RootEntry(EntryKind.BIND, str(path.resolve()), str(path))
