"""Lists the files of a package once. Reader, packer and hash use this list, so that they agree.

Hidden files, and files that other tools leave behind, are left out and named in a warning. Links inside the
package are followed. In an author's own folder, they may also lead to the repository that contains the
package.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from judge_core.packages.diagnostics import Diagnostics

MAX_FILES = 20_000
_MAX_DEPTH = 40
KEPT_HIDDEN = (".timelimit",)
_FOREIGN_NAMES = frozenset(
    {"__macosx", "__pycache__", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin"}
)
_FOREIGN_NAME = re.compile(r".*~|.*\.pyc|#.*#|.*\.sw[op]|~\$.*", re.IGNORECASE | re.DOTALL)
_REPOSITORY_MARKS = (".git", ".hg", ".svn")
_SHOWN = 8
_TOO_MANY = f"holds more than {MAX_FILES} files and folders, counted through its links"
_LINK_AS_TEXT = re.compile(rb"(?:\.\./)+[\w./+-]+|[\w+-]+(?:/[\w.+-]+)*", re.ASCII)
_LINK_AS_TEXT_BYTES = 255
_PROGRAM_FOLDERS = (
    "output_validators",
    "output_validator",
    "input_validators",
    "input_format_validators",
    "static_validator",
    "static_validators",
    "graders",
    "include",
    "submissions",
)


def is_foreign(name: str) -> bool:
    """Whether a file or folder with this name is hidden, or was left behind by an editor, a system or a
    runtime."""
    if name in (*KEPT_HIDDEN, ".", ".."):
        return False
    return name.startswith(".") or name.lower() in _FOREIGN_NAMES or _FOREIGN_NAME.fullmatch(name) is not None


def is_foreign_path(path: str) -> bool:
    """Whether a part of a path is foreign."""
    return any(is_foreign(part) for part in path.split("/") if part)


@dataclass(frozen=True, slots=True)
class FileList:
    """The files of a package.

    Their names are below the package's folder and sorted, each with the file that holds its content.
    ``left_out`` has the foreign files and folders. ``linked`` is true if a link was followed.
    """

    files: tuple[tuple[str, Path], ...]
    left_out: tuple[str, ...] = ()
    linked: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the folder contains exactly these files, and no links."""
        return not self.linked and not self.left_out

    def warn(self, faults: Diagnostics) -> None:
        """Add one warning that names the files that were left out."""
        if self.left_out:
            more = len(self.left_out) - _SHOWN
            names = ", ".join(self.left_out[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
            faults.warn("package", f"hidden files and files of editors and other tools are left out: {names}")


def list_files(folder: Path, faults: Diagnostics, around: Path | None = None) -> FileList:
    """The files of a package folder. Everything that cannot be read or followed is a fault.

    ``around`` is a folder to which links may also lead: see :func:`repository_around`.
    """
    walk = _Walk(folder.resolve(), around.resolve() if around else None, faults)
    walk.folder(folder, "", (folder.resolve(),))
    return FileList(tuple(sorted(walk.files)), tuple(sorted(walk.left_out)), walk.linked)


def repository_around(folder: Path) -> Path:
    """The repository that contains a package folder, else the folder above it."""
    above = folder.resolve().parents
    marked = (each for each in above if any((each / mark).exists() for mark in _REPOSITORY_MARKS))
    return next(marked, above[0] if above else folder.resolve())


@dataclass(slots=True)
class _Walk:
    root: Path
    around: Path | None
    faults: Diagnostics
    files: list[tuple[str, Path]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    linked: bool = False
    entries: int = 0

    def folder(self, folder: Path, prefix: str, open_folders: tuple[Path, ...]) -> None:
        """List a folder. ``open_folders`` are the real paths of this folder and of those above it."""
        if len(open_folders) > _MAX_DEPTH:
            self.faults.error(prefix.rstrip("/"), f"is deeper than {_MAX_DEPTH} folders")
            return
        try:
            entries = sorted(folder.iterdir())
        except OSError as error:
            self.faults.error(prefix.rstrip("/") or "package", f"cannot be read: {error.strerror}")
            return
        for path in entries:
            self.entries += 1
            if self.entries > MAX_FILES:
                self.faults.error("package", _TOO_MANY)
                return
            self._entry(path, f"{prefix}{path.name}", open_folders)

    def _entry(self, path: Path, name: str, open_folders: tuple[Path, ...]) -> None:
        if is_foreign(path.name):
            self.left_out.append(name)
            return
        real = self._followed(path, name) if path.is_symlink() else path
        if real is None:
            return
        try:
            mode = real.stat().st_mode
        except OSError as error:
            self.faults.error(name, f"cannot be read: {error.strerror}")
            return
        if stat.S_ISDIR(mode):
            self._below(real, name, open_folders)
        elif stat.S_ISREG(mode):
            self._file(real, name, open_folders)
        else:
            self.faults.error(name, "is a device, a pipe or a socket: packages hold plain files only")

    def _below(self, folder: Path, name: str, open_folders: tuple[Path, ...]) -> None:
        real = folder.resolve()
        if real in open_folders:
            self.faults.error(name, "is a link to a folder that contains it: remove the link")
            return
        self.folder(folder, f"{name}/", (*open_folders, real))

    def _file(self, path: Path, name: str, open_folders: tuple[Path, ...]) -> None:
        if not os.access(path, os.R_OK):
            self.faults.error(name, "cannot be read: Permission denied")
            return
        text = _link_as_text(path, name)
        if text is None:
            self.files.append((name, path))
            return
        self.faults.warn(
            name, f"holds the path {text} as text, as git writes links on Windows: read as a link"
        )
        real = self._target(path.parent / text, name, text)
        if real is not None and real.is_dir():
            self._below(real, name, open_folders)
        elif real is not None:
            self.files.append((name, real))

    def _followed(self, path: Path, name: str) -> Path | None:
        """The target of a link, if it may be followed."""
        return self._target(path, name, str(path.readlink()))

    def _target(self, path: Path, name: str, target: str) -> Path | None:
        shown = target if len(target) <= 200 else f"{target[:200]}…"
        try:
            real = path.resolve()
        except (OSError, RuntimeError):
            self.faults.error(name, f"is a link to {shown}, which leads back to itself")
            return None
        if not self._may_follow(
            real
        ):  # this is checked before the target is read: an upload must not learn which files exist here
            self.faults.error(name, f"is a link that leads out of the package, to {shown}")
            return None
        if not real.exists():
            # From Python 3.13 on `resolve` raises nothing for a ring of links.
            ending = "leads back to itself" if _is_ring(real) else "does not exist"
            self.faults.error(name, f"is a link to {shown}, which {ending}")
            return None
        self.linked = True
        return real

    def _may_follow(self, real: Path) -> bool:
        # A link into a hidden folder (.ssh) is not followed, even if a whole home folder is the repository.
        return any(
            root is not None
            and real.is_relative_to(root)
            and not is_foreign_path(real.relative_to(root).as_posix())
            for root in (self.root, self.around)
        )


def _link_as_text(path: Path, name: str) -> str | None:
    """The path that a file contains as its text. It may be the path of a folder."""
    top, *below = name.split("/")
    if top not in _PROGRAM_FOLDERS or path.stat().st_size > _LINK_AS_TEXT_BYTES:
        return None
    content = path.read_bytes()
    if not _LINK_AS_TEXT.fullmatch(content) or (below and not content.startswith(b"../")):
        return None
    return content.decode()


def copy_files(files: FileList, target: Path) -> None:
    """Copy every file to its name below ``target``. All users may read the copies, and executable files stay
    executable."""
    target.mkdir(parents=True, exist_ok=True)
    for name, source in files.files:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        path.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
    for path in (target, *(each for each in target.rglob("*") if each.is_dir())):
        path.chmod(0o755)


@contextmanager
def plain_folder(folder: Path, slug: str, faults: Diagnostics, around: Path | None = None) -> Iterator[Path]:
    """A folder with exactly the files of the list.

    It is the package's own folder if that has no other files and no links, else a copy.
    """
    files = list_files(folder, faults, around)
    files.warn(faults)
    faults.raise_errors()
    if files.is_plain:
        yield folder
        return
    with TemporaryDirectory(prefix="gavel-package-") as place:
        copy_files(files, Path(place) / slug)
        yield Path(place) / slug


def _is_ring(path: Path) -> bool:
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False
