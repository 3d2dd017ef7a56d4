"""What a box's root is made of: read-only pieces of the host, and a few files of our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

INNER_ID = 1000

_TOP = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
_ETC = (
    "alternatives", "fpc*.cfg", "ghc", "java-*", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
    "lua", "mono", "perl", "php", "R", "scala",
)  # fmt: skip
_DATA = ("/var/lib/ghc",)
"""Outside /usr, and needed all the same: the package database to which GHC's own folder links."""
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


class Piece(StrEnum):
    BIND = "bind"
    DEVICE = "device"
    LINK = "link"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of the root: ``source`` is a host path, a link's target or a file's text."""

    piece: Piece
    source: str
    target: str


def describe_root(extra_roots: Iterable[Path] = ()) -> tuple[Entry, ...]:
    """Every piece of a box's root on this host, in the order in which to lay them."""
    entries = [Entry(Piece.BIND, "/usr", "/usr"), *_top_folders(), *_etc_pieces()]
    entries += [Entry(Piece.BIND, name, name) for name in _DATA if Path(name).is_dir()]
    entries += [Entry(Piece.BIND, str(root), str(root)) for root in extra_roots]
    entries += [Entry(Piece.DEVICE, f"/dev/{name}", f"/dev/{name}") for name in _DEVICES]
    entries += [Entry(Piece.LINK, source, target) for target, source in _LINKS.items()]
    entries += [Entry(Piece.FILE, text, target) for target, text in _FILES.items()]
    return tuple(entries)


def _top_folders() -> Iterator[Entry]:
    for name in _TOP:
        path = Path("/") / name
        if path.is_symlink():
            yield Entry(Piece.LINK, str(path.readlink()), str(path))
        elif path.is_dir():
            yield Entry(Piece.BIND, str(path), str(path))


def _etc_pieces() -> Iterator[Entry]:
    for pattern in _ETC:
        for path in sorted(Path("/etc").glob(pattern)):
            yield Entry(Piece.BIND, str(path.resolve()), str(path))
