"""The compile cache: compiled programs by content, shared by all workers of a host and safe against kill -9.

An entry is a folder that appears by one rename, so no worker sees an incomplete entry. The compile inputs are
stored with it and compared on every hit, so an entry never serves other inputs. Errors are cached too.

An entry is not synced to the disk, since that takes longer than to compile most programs. Instead each
process compares the files' hashes when it uses an entry for the first time, and so finds files that a power
cut has damaged.

A submission can choose the names of the compiler's output files, so the names are checked before the files
are stored.
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
from workers.judging.shared_cache_folder import (
    FileStamp,
    FolderLock,
    VerifiedFolder,
    draft_folder,
    evict,
    hashes_of,
    last_used,
    remove_atomically,
    remove_stale_drafts,
    sizes_below,
    stamps_below,
)

_logger = get_logger(__name__)

# The encoder is made once, because ``json.dumps`` with an option makes a new one at each call.
_encode = json.JSONEncoder(ensure_ascii=False).encode
_SWEEP_SHARE = 64
"""A sweep runs when new programs have filled 1/64 of the bound. Programs larger than that are evicted
first."""
_BLOCK_BYTES = 4096
"""The disk space of a file in addition to its content, so that many small files count too."""
_MAX_PATH_BYTES = 1024
"""The longest path in a program. It is far below the 4,096 bytes that Linux allows."""
_MAX_NAME_BYTES = 255
_TRIES = 4
_MOST_REMEMBERED = 4096
"""The number of verified programs that a process remembers."""
_UNREACHABLE_ERRORS = (errno.ENAMETOOLONG, errno.ENOTDIR)


class UnstorableProgram(ValueError):
    """The compiler's output files cannot be stored as a program. The message is for the submitter."""


@dataclass(frozen=True, slots=True)
class CompileInputs:
    """Everything that decides what the compiler makes. It is stored in an entry as ``recipe``.

    For languages that start a class, ``entry`` has what decides which class that is.
    """

    toolchain: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    limits: str = ""
    entry: str = ""

    @property
    def key(self) -> str:
        return _key(self.dump())

    def dump(self) -> str:
        return _encode([self.toolchain, self.command, self.environment, self.files, self.limits, self.entry])


@dataclass(frozen=True, slots=True)
class CompileResult:
    """The result of a compilation. ``folder`` has the program, or is ``None`` after a compile error.

    ``entry`` is the class to start, for languages that start a class. The folder is not evicted while the
    ``lock`` object exists. ``verified`` says whether the program's files are unchanged since they were
    verified.
    """

    folder: Path | None
    output: str
    entry: str = ""
    verified: VerifiedFolder | None = field(default=None, repr=False, compare=False)
    lock: FolderLock | None = field(default=None, repr=False, compare=False)


class CompileCache:
    """Entries below one folder, bounded in bytes. Large entries are evicted first, then the least recently
    used. Locked entries are never evicted.

    The cache may exceed the bound by the entries that judgements have locked, and by what each worker has
    added since its last sweep. That is at most 1/64 of the bound, and one program.
    """

    def __init__(self, folder: Path, max_bytes: int = 2 << 30) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._unswept = max_bytes
        self._verified: dict[str, VerifiedFolder] = {}
        self._make_folder()

    def _make_folder(self) -> None:
        """Make the cache's folder. An operator may have deleted it while the worker runs."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o755)

    def get(self, inputs: CompileInputs) -> CompileResult | None:
        """The cached result, or ``None``. A damaged entry is removed and counts as missing.

        When this process first uses an entry, it compares the files' hashes, and later only their stamps.
        """
        dumped = inputs.dump()
        # Strings are faster than ``Path`` objects, and this runs for every submission.
        entry = self._entry(_key(dumped))
        verified: VerifiedFolder | None = None
        try:
            lock = FolderLock(entry)  # From here on no worker evicts the entry.
            # The entry was evicted and made again while this worker waited for the lock.
            if not lock.holds(entry):
                return None
            with FileIO(f"{entry}/entry.json") as record_file:
                record = json.loads(record_file.readall())
                if record["recipe"] == dumped:
                    verified = self._verify(entry, record["hashes"])
                if verified is not None:
                    os.utime(record_file.fileno())
        except FileNotFoundError:  # The entry is missing, or was evicted a moment ago.
            return None
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            verified = None
        except OSError as error:
            if error.errno not in _UNREACHABLE_ERRORS:
                raise
            verified = None
        if verified is None:
            remove_atomically(Path(entry), self._folder)
            return None
        if not record["compiled"]:
            return CompileResult(None, record["output"])
        return CompileResult(verified.folder, record["output"], record["entry"], verified, lock)

    def _verify(self, entry: str, hashes: dict[str, str]) -> VerifiedFolder | None:
        """The entry's program, or ``None`` if its files do not have the stored hashes any more."""
        known = self._verified.get(entry)
        if known is not None and known.is_intact:
            return known
        program = Path(entry) / "program"
        stamps = stamps_below(program)
        if stamps.keys() != hashes.keys() or hashes_of(program, stamps) != hashes:
            _logger.warning("A compiled program is damaged and is made again", entry=entry)
            return None
        return self._remember(entry, stamps)

    def _remember(self, entry: str, stamps: dict[str, FileStamp]) -> VerifiedFolder:
        while len(self._verified) >= _MOST_REMEMBERED:
            self._verified.pop(next(iter(self._verified)))
        found = self._verified[entry] = VerifiedFolder(Path(entry) / "program", stamps)
        return found

    def draft(self) -> AbstractContextManager[Path]:
        """A temporary folder in the cache's folder, for files that may become an entry."""
        if not self._folder.is_dir():
            self._make_folder()
        return draft_folder(self._folder)

    def put(
        self, inputs: CompileInputs, files: Mapping[str, bytes | Path] | None, output: str, entry: str = ""
    ) -> CompileResult:
        """Store a program's files, or ``None`` for a program that does not compile. If another worker has
        stored the entry already, its entry is used.

        Files in a draft are moved, so that no program is read into memory. Raises UnstorableProgram, before
        any file is moved, if a file name is not allowed or two names exclude each other.
        """
        _check_names(files or {})
        with self.draft() as draft:
            _write_program(draft / "program", files or {})
            stamps = stamps_below(draft / "program")
            record = {
                "recipe": inputs.dump(),
                "hashes": hashes_of(draft / "program", stamps),
                # Workers of release 0.2.0 read this.
                "sizes": {name: size for name, (_, size, _) in stamps.items()},
                "compiled": files is not None,
                "output": output,
                "entry": entry,
            }
            (draft / "entry.json").write_text(json.dumps(record))
            draft.chmod(0o755)
            lock = FolderLock(draft)
            found = self._publish(draft, inputs)
        self._sweep_after(_weight(size for _, size, _ in stamps.values()))
        if found is not None or files is None:
            return found or CompileResult(None, output)
        verified = self._remember(self._entry(inputs.key), stamps)
        return CompileResult(verified.folder, output, entry, verified, lock)

    def _sweep_after(self, added: int) -> None:
        """Sweep if enough was added since the last sweep. The first call sweeps in any case."""
        self._unswept += added
        if self._unswept > self._max_bytes // _SWEEP_SHARE:
            self._unswept = 0
            self.sweep()

    def sweep(self) -> None:
        """Evict entries until the rest fits the bound, and remove drafts that killed workers have left.

        It raises no OSError, because it runs during a judgement, which must not fail because of other
        entries.
        """
        try:
            remove_stale_drafts(self._folder, time.time())
            self._evict_to_bound()
        except OSError as error:
            _logger.warning("The compiled programs could not be swept", reason=str(error))

    def _evict_to_bound(self) -> None:
        entries = [(weight, path) for path in self._folder.glob("??/*") if (weight := self._weigh(path))]
        total = sum(weight for weight, _ in entries)
        for weight, path in sorted(entries, key=self._eviction_order):
            if total <= self._max_bytes:
                return
            if evict(path, self._folder):
                total -= weight

    def _eviction_order(self, weighed: tuple[int, Path]) -> tuple[bool, float]:
        """The key by which entries are sorted for eviction. Large programs come first, since each takes the
        space of many small ones. Then the least recently used come first."""
        weight, path = weighed
        return weight <= self._max_bytes // _SWEEP_SHARE, last_used(path / "entry.json")

    def _weigh(self, entry: Path) -> int:
        """The disk space of an entry. An entry that cannot be read is evicted, and counts as 0."""
        try:
            return _weight(sizes_below(entry).values())
        except FileNotFoundError:
            return 0
        except OSError:
            evict(entry, self._folder)
            return 0

    def _entry(self, key: str) -> str:
        return f"{self._folder}/{key[:2]}/{key}"

    def _publish(self, draft: Path, inputs: CompileInputs) -> CompileResult | None:
        """Rename a draft to its entry. Returns the entry that another worker made in the meantime, if any."""
        entry = Path(self._entry(inputs.key))
        for tries_left in reversed(range(_TRIES)):
            entry.parent.mkdir(exist_ok=True)
            entry.parent.chmod(0o755)
            try:
                draft.rename(entry)
            except OSError:
                found = self.get(inputs)
                if found is not None:
                    return found
                if not tries_left:
                    raise
                if tries_left < _TRIES - 1:  # The entry is damaged, and no other worker removes it.
                    remove_atomically(entry, self._folder)
            else:
                return None
        return None


def _check_names(names: Iterable[str]) -> None:
    """Raise UnstorableProgram for a path that leads out of the program, is too long, or is both a file and a
    folder."""
    paths = [PurePosixPath(name) for name in names]
    for path in paths:
        if not path.parts or ".." in path.parts or path.is_absolute():
            raise UnstorableProgram(f"not a path inside a program: {str(path)!r}")
        if max(len(os.fsencode(part)) for part in path.parts) > _MAX_NAME_BYTES:
            raise UnstorableProgram(f"the name of a file in it is longer than {_MAX_NAME_BYTES} bytes")
        if len(os.fsencode(path)) > _MAX_PATH_BYTES:
            raise UnstorableProgram(f"the path of a file in it is longer than {_MAX_PATH_BYTES} bytes")
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
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    folder.chmod(0o755)


def _key(dumped: str) -> str:
    return hashlib.sha256(dumped.encode()).hexdigest()


def _weight(sizes: Iterable[int]) -> int:
    """The disk space of an entry with files of these sizes."""
    return _BLOCK_BYTES + sum(size + _BLOCK_BYTES for size in sizes)
