"""The root file system of a box: read-only binds of the host, devices, and a few fixed files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sandbox.errors import CannotIsolate

INNER_ID = 1000

_TOP_FOLDERS = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
_ETC = (
    "alternatives", "fpc*.cfg", "ghc", "java-*", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
    "lua", "mono", "nim", "octave*", "perl", "php", "R", "racket", "scala",
)  # fmt: skip
_EXTRA_FOLDERS = ("/var/lib/ghc",)
"""A folder outside /usr: the package database to which a link in GHC's own folder leads."""
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
    """How an entry is made in the root."""

    BIND = "bind"
    DEVICE = "device"
    LINK = "link"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class RootEntry:
    """One path of the root. ``source`` is a host path, a link's target or a file's text."""

    kind: EntryKind
    source: str
    target: str


def root_entries(extra_roots: Iterable[Path] = (), root: Path = Path("/")) -> tuple[RootEntry, ...]:
    """Every entry of a box's root on this host, in the order in which to add them.

    ``root`` has the files of the system: the host's, or a copy of them. Raises CannotIsolate if it has no
    usr.
    """
    if not (root / "usr").is_dir():
        raise CannotIsolate(
            f"{root} holds no usr: copy the host's /usr and /etc there (docs/explanation/threat-model.md)"
        )
    entries = [RootEntry(EntryKind.BIND, str(root / "usr"), "/usr"), *_top_folders(root), *_etc_entries(root)]
    entries += [
        RootEntry(EntryKind.BIND, str(root / name[1:]), name)
        for name in _EXTRA_FOLDERS
        if (root / name[1:]).is_dir()
    ]
    entries += [RootEntry(EntryKind.BIND, str(root), str(root)) for root in extra_roots]
    entries += [RootEntry(EntryKind.DEVICE, f"/dev/{name}", f"/dev/{name}") for name in _DEVICES]
    entries += [RootEntry(EntryKind.LINK, source, target) for target, source in _LINKS.items()]
    entries += [RootEntry(EntryKind.FILE, text, target) for target, text in _FILES.items()]
    return tuple(entries)


def system_paths(root: Path = Path("/")) -> list[Path]:
    """The files, folders and links of the system that are in a box's root."""
    places = ["usr", *_TOP_FOLDERS, *(name[1:] for name in _EXTRA_FOLDERS)]
    found = [root / place for place in places if (root / place).is_dir()]
    settings = (path for pattern in _ETC for path in sorted((root / "etc").glob(pattern)))
    return [*found, *(path for path in settings if path.exists())]


def _top_folders(root: Path) -> Iterator[RootEntry]:
    for name in _TOP_FOLDERS:
        path = root / name
        if path.is_symlink():
            yield RootEntry(EntryKind.LINK, str(path.readlink()), f"/{name}")
        elif path.is_dir():
            yield RootEntry(EntryKind.BIND, str(path), f"/{name}")


def _etc_entries(root: Path) -> Iterator[RootEntry]:
    for pattern in _ETC:
        for path in sorted((root / "etc").glob(pattern)):
            source = _resolve_inside(root, path)
            if source.exists():
                yield RootEntry(EntryKind.BIND, str(source), f"/{path.relative_to(root)}")


def _resolve_inside(root: Path, path: Path) -> Path:
    """The file to which a path of a copied root leads. An absolute link leads into the copy, too."""
    found = path.resolve()
    return found if found.is_relative_to(root.resolve()) else root / found.relative_to("/")
