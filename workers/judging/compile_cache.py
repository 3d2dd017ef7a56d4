"""Compiled programs by content, shared by all workers of a host and safe against kill -9.

An entry is a folder that appears whole by one rename, so nobody ever sees half of one. Its recipe is stored
with it and compared on every hit: a program is never given to another recipe. What did not compile is kept
too.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path, PurePosixPath

# Made once: ``json.dumps`` with any option makes an encoder anew at each call.
_encode = json.JSONEncoder(ensure_ascii=False).encode
_GRACE_SECONDS = 900.0
_SWEEP_EVERY = 32


@dataclass(frozen=True, slots=True)
class Recipe:
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
class Compiled:
    """What came of a recipe: ``folder`` holds the program, or is ``None`` where it did not compile."""

    folder: Path | None
    output: str


class CompileCache:
    """Entries below one folder, bounded in bytes; the longest unused go first, those in use never.

    An entry counts as in use for a quarter of an hour after its last hit, which is longer than a judgement.
    """

    def __init__(self, folder: Path, max_bytes: int = 2 << 30) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._puts = 0
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)

    def get(self, recipe: Recipe) -> Compiled | None:
        """The entry of a recipe, or ``None``; one that is damaged is removed and counts as missing."""
        dumped = recipe.dump()
        # Plain words, and no path is made of them but the one that is handed out: every submission asks.
        entry = self._entry(_key(dumped))
        note, program = f"{entry}/entry.json", f"{entry}/program"
        try:
            with FileIO(note) as file:
                record = json.loads(file.readall())
            whole = record["recipe"] == dumped and _sizes(program) == record["sizes"]
            if whole:
                os.utime(note)
        except FileNotFoundError:  # never there, or swept a moment ago
            return None
        except (ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            self._drop(Path(entry))
            return None
        return Compiled(Path(program) if record["compiled"] else None, record["output"])

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """A folder beside the entries, for what may become one; gone afterwards."""
        draft = Path(tempfile.mkdtemp(dir=self._folder, prefix=".draft-"))
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def put(self, recipe: Recipe, files: Mapping[str, bytes | Path] | None, output: str) -> Compiled:
        """Keep a program's files (``None``: it did not compile). Whoever is first wins; all get the same.

        Files that lie in a draft are moved, so that programs of any size never stand in memory.
        """
        with self.draft() as draft:
            _write_program(draft / "program", files or {})
            record = {
                "recipe": recipe.dump(),
                "sizes": _sizes(draft / "program"),
                "compiled": files is not None,
                "output": output,
            }
            (draft / "entry.json").write_text(json.dumps(record))
            draft.chmod(0o755)
            self._publish(draft, recipe.key)
        self._puts += 1
        if self._puts % _SWEEP_EVERY == 1:
            self.sweep()
        program = Path(self._entry(recipe.key)) / "program"
        return Compiled(program if files is not None else None, output)

    def sweep(self) -> None:
        """Remove the longest unused entries beyond the bound, and drafts that a killed worker left."""
        now = time.time()
        for draft in self._folder.glob(".draft-*"):
            if now - _age_mark(draft) > _GRACE_SECONDS:
                shutil.rmtree(draft, ignore_errors=True)
        entries = [(_age_mark(path / "entry.json"), path) for path in self._folder.glob("??/*")]
        sizes = {path: sum(_sizes(path).values()) for _, path in entries}
        total = sum(sizes.values())
        for used, path in sorted(entries):
            if total <= self._max_bytes or now - used < _GRACE_SECONDS:
                break
            self._drop(path)
            total -= sizes[path]

    def _entry(self, key: str) -> str:
        return f"{self._folder}/{key[:2]}/{key}"

    def _publish(self, draft: Path, key: str) -> None:
        entry = Path(self._entry(key))
        entry.parent.mkdir(exist_ok=True)
        entry.parent.chmod(0o755)
        try:
            draft.rename(entry)
        except OSError:
            if not (entry / "entry.json").is_file():
                self._drop(entry)
                draft.rename(entry)

    def _drop(self, entry: Path) -> None:
        """Out of sight by one rename, then removed: nobody finds half an entry."""
        grave = Path(tempfile.mkdtemp(dir=self._folder, prefix=".draft-"))
        try:
            entry.rename(grave / "entry")
        except FileNotFoundError:
            pass
        finally:
            shutil.rmtree(grave, ignore_errors=True)


def _write_program(folder: Path, files: Mapping[str, bytes | Path]) -> None:
    folder.mkdir()
    for name, content in files.items():
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or PurePosixPath(name).is_absolute():
            raise ValueError(f"not a path inside a program: {name!r}")
        path = folder.joinpath(*parts)
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


def _sizes(folder: Path | str, below: str = "") -> dict[str, int]:
    """Bytes of each file by its path; with ``os.scandir``, since this is looked at with every hit."""
    sizes: dict[str, int] = {}
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return sizes
    for entry in entries:
        name = f"{below}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            sizes |= _sizes(entry.path, f"{name}/")
        elif entry.is_file():
            sizes[name] = entry.stat().st_size
    return sizes


def _age_mark(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
