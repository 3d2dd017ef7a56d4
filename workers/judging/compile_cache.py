"""CompileResult programs by content, shared by all workers of a host and safe against kill -9.

An entry is a folder that appears whole by one rename, so nobody ever sees half of one. Its recipe is stored
with it and compared on every hit: a program is never given to another recipe. What did not compile is kept
too.

What the compiler left was made by whoever wrote the source: its names are looked at before anything is kept
by them.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path, PurePosixPath

from judge_core.logging import get_logger
from workers.judging.locked_cache import (
    FolderLock,
    draft_folder,
    evict,
    last_used,
    remove_atomically,
    remove_stale_drafts,
    sizes_below,
)

_logger = get_logger(__name__)

# Made once: ``json.dumps`` with any option makes an encoder anew at each call.
_encode = json.JSONEncoder(ensure_ascii=False).encode
_PART = 64
"""A sweep follows this part of the bound in new programs; one that is larger than this part goes first."""
_BLOCK = 4096
"""What a file takes on the disk beside its bytes: many small ones count too."""
_LONGEST_NAME = 1024
"""Bytes of a path below a program. No compiler needs more, and any cache folder leaves room for it."""
_LONGEST_PART = 255
_TRIES = 4
_UNREACHABLE = (errno.ENAMETOOLONG, errno.ENOTDIR)


class UnstorableProgram(ValueError):
    """What the compiler left cannot be kept as a program; the words are for the author."""


@dataclass(frozen=True, slots=True)
class CompileInputs:
    """All that decides what the compiler makes of it."""

    toolchain: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    limits: str = ""

    @property
    def key(self) -> str:
        return _key(self.dump())

    def dump(self) -> str:
        return _encode([self.toolchain, self.command, self.environment, self.files, self.limits])


@dataclass(frozen=True, slots=True)
class CompileResult:
    """What came of a recipe: ``folder`` holds the program, or is ``None`` where it did not compile.

    The program stays where it is for as long as somebody has its ``hold``.
    """

    folder: Path | None
    output: str
    hold: FolderLock | None = field(default=None, repr=False, compare=False)


class CompileCache:
    """Entries below one folder, bounded in bytes; the longest unused go first, those that are held never.

    Beyond the bound there may be what judgements hold at the moment, and what each worker has added since it
    swept last: at most a sixty-fourth part of the bound, and a program.
    """

    def __init__(self, folder: Path, max_bytes: int = 2 << 30) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._unswept = max_bytes
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)

    def get(self, recipe: CompileInputs) -> CompileResult | None:
        """The entry of a recipe, or ``None``; one that is damaged is removed and counts as missing."""
        dumped = recipe.dump()
        # Plain words, and no path is made of them but the one that is handed out: every submission asks.
        entry = self._entry(_key(dumped))
        program = f"{entry}/program"
        try:
            hold = FolderLock(entry)  # from here on nobody takes it away
            with FileIO(f"{entry}/entry.json") as note:
                record = json.loads(note.readall())
                whole = record["recipe"] == dumped and sizes_below(program) == record["sizes"]
                if whole:
                    os.utime(note.fileno())
        except FileNotFoundError:  # never there, or swept a moment ago
            return None
        except (ValueError, KeyError, TypeError):
            whole = False
        except OSError as error:
            if error.errno not in _UNREACHABLE:
                raise
            whole = False
        if not whole:
            remove_atomically(Path(entry), self._folder)
            return None
        if not record["compiled"]:
            return CompileResult(None, record["output"])
        return CompileResult(Path(program), record["output"], hold)

    def draft(self) -> AbstractContextManager[Path]:
        """A folder beside the entries, for what may become one; gone afterwards."""
        return draft_folder(self._folder)

    def put(
        self, recipe: CompileInputs, files: Mapping[str, bytes | Path] | None, output: str
    ) -> CompileResult:
        """Keep a program's files (``None``: it did not compile). Whoever is first wins; all get the same.

        Files that lie in a draft are moved, so that programs of any size never stand in memory. Raises
        UnstorableProgram, before anything is moved, when the files' names cannot stand beside each other.
        """
        _check_names(files or {})
        with self.draft() as draft:
            _write_program(draft / "program", files or {})
            sizes = sizes_below(draft / "program")
            record = {
                "recipe": recipe.dump(),
                "sizes": sizes,
                "compiled": files is not None,
                "output": output,
            }
            (draft / "entry.json").write_text(json.dumps(record))
            draft.chmod(0o755)
            hold = FolderLock(draft)
            found = self._publish(draft, recipe)
        self._sweep_after(_weight(sizes.values()))
        if found is not None or files is None:
            return found or CompileResult(None, output)
        return CompileResult(Path(self._entry(recipe.key)) / "program", output, hold)

    def _sweep_after(self, added: int) -> None:
        """Sweep once enough has been added since the last time; the first time, at once."""
        self._unswept += added
        if self._unswept > self._max_bytes // _PART:
            self._unswept = 0
            self.sweep()

    def sweep(self) -> None:
        """Remove the longest unused entries beyond the bound, and drafts that a killed worker left.

        It never fails: it is done on the way of somebody's judgement, who has no part in what lies here.
        """
        try:
            remove_stale_drafts(self._folder, time.time())
            self._make_room()
        except OSError as error:
            _logger.warning("The compiled programs could not be swept", reason=str(error))

    def _make_room(self) -> None:
        kept = [(weight, path) for path in self._folder.glob("??/*") if (weight := self._weigh(path))]
        total = sum(weight for weight, _ in kept)
        for weight, path in sorted(kept, key=self._rank):
            if total <= self._max_bytes:
                return
            if evict(path, self._folder):
                total -= weight

    def _rank(self, kept: tuple[int, Path]) -> tuple[bool, float]:
        """What goes first: a large program, for which many small ones would have to go, then by age."""
        weight, path = kept
        return weight <= self._max_bytes // _PART, last_used(path / "entry.json")

    def _weigh(self, entry: Path) -> int:
        """What an entry takes. One that cannot be looked at goes, and weighs nothing."""
        try:
            return _weight(sizes_below(entry).values())
        except FileNotFoundError:
            return 0
        except OSError:
            evict(entry, self._folder)
            return 0

    def _entry(self, key: str) -> str:
        return f"{self._folder}/{key[:2]}/{key}"

    def _publish(self, draft: Path, recipe: CompileInputs) -> CompileResult | None:
        """Make an entry of a draft; what another worker has made of the same recipe meanwhile is kept."""
        entry = Path(self._entry(recipe.key))
        for tries_left in reversed(range(_TRIES)):
            entry.parent.mkdir(exist_ok=True)
            entry.parent.chmod(0o755)
            try:
                draft.rename(entry)
            except OSError:
                found = self.get(recipe)
                if found is not None:
                    return found
                if not tries_left:
                    raise
                if tries_left < _TRIES - 1:  # neither whole nor about to be gone: half an entry
                    remove_atomically(entry, self._folder)
            else:
                return None
        return None


def _check_names(names: Iterable[str]) -> None:
    """Raises UnstorableProgram for a path that leads out, is too long, or is both a file and a folder."""
    paths = [PurePosixPath(name) for name in names]
    for path in paths:
        if not path.parts or ".." in path.parts or path.is_absolute():
            raise UnstorableProgram(f"not a path inside a program: {str(path)!r}")
        if max(len(os.fsencode(part)) for part in path.parts) > _LONGEST_PART:
            raise UnstorableProgram(f"the name of a file in it is longer than {_LONGEST_PART} bytes")
        if len(os.fsencode(path)) > _LONGEST_NAME:
            raise UnstorableProgram(f"the path of a file in it is longer than {_LONGEST_NAME} bytes")
    folders = {folder for path in paths for folder in path.parents}
    both = sorted(str(path) for path in paths if path in folders)
    if both:
        raise UnstorableProgram(f"{both[0]} is a file and a folder in it")


def _write_program(folder: Path, files: Mapping[str, bytes | Path]) -> None:
    folder.mkdir()
    for name, content in files.items():
        path = folder.joinpath(*PurePosixPath(name).parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            content.rename(path)
        else:
            path.write_bytes(content)
        path.chmod(0o755)
    for made in folder.rglob("*"):
        if made.is_dir():
            made.chmod(0o755)
    folder.chmod(0o755)


def _key(dumped: str) -> str:
    return hashlib.sha256(dumped.encode()).hexdigest()


def _weight(sizes: Iterable[int]) -> int:
    """What files of these sizes take on the disk, and the entry itself."""
    return _BLOCK + sum(size + _BLOCK for size in sizes)
