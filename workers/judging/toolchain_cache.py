"""The toolchain cache: precompiled headers and class archives, built once per host while submissions are
judged.

Each file has its own folder, which appears by one rename. A missing file is built in its own sandbox slot,
and until then submissions are compiled without it.

Precompiled standard headers save most of the time of a short C++ compilation. GCC uses ``bits/stdc++.h.gch``
from the first include folder if the header is the source's first include and the flags are the same. The
compiled program is the same. A source that begins in another way is compiled without the precompiled header.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import queue
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from judge_core.logging import get_logger
from judge_core.model.language import Language
from sandbox import Command, Ending, InputFile, Limits, Sandbox, SandboxError
from workers.judging.shared_cache_folder import (
    VerifiedFolder,
    draft_folder,
    evict_least_recently_used,
    hashes_of,
    remove_atomically,
    remove_stale_drafts,
    stamps_below,
    sync,
    sync_files,
)
from workers.judging.sources import SourceBundle
from workers.judging.toolchains import Toolchains

_logger = get_logger(__name__)
_CLOSING_SECONDS = 10.0
_RETRY_SECONDS = 60.0
_PRINT_OUTPUT = ("/usr/bin/sh", "-c", '"$@" >/dev/null 2>&1 && cat "$OUT"', "sh")
"""Prints the built file, so that it is written to a file of the host and does not need the worker's
memory."""
BUILT_FILE = "/w/made"
CACHE_MOUNT = "/h"
"""The folder at which a cached header or class archive is mounted when the compiler runs."""


@dataclass(frozen=True, slots=True)
class CachedFile:
    """How to build one file. ``command`` writes it to BUILT_FILE, and ``name`` is its path in its folder.

    ``identity`` contains everything on which the file depends.
    """

    identity: str
    name: str
    command: Command

    @property
    def key(self) -> str:
        return hashlib.sha256(self.identity.encode()).hexdigest()[:32]


def compiler_identity(compiler: str) -> str:
    """The compiler's path and modification time, since files built for another build of the compiler do not
    fit."""
    path = Path(compiler).resolve()
    return f"{path}:{path.stat().st_mtime_ns}"


BuildTask = Callable[[Sandbox], None]


class FileBuilder(Protocol):
    """Runs build tasks, now or later."""

    def build(self, task: BuildTask) -> None: ...


@dataclass(frozen=True, slots=True)
class ImmediateBuilder:
    """Builds at once. It is for package authors and benchmarks, where the wait does not matter."""

    sandbox: Sandbox

    def build(self, task: BuildTask) -> None:
        task(self.sandbox)


class BackgroundBuilder:
    """Builds in its own thread and its own sandbox slot, which is opened for the tasks and closed after them.

    If the slot cannot be opened, the tasks wait, and the thread tries again after ``retry_seconds``. The
    process can end before the thread; the sandbox ends with the process.
    """

    def __init__(self, open_slot: Callable[[], Sandbox], retry_seconds: float = _RETRY_SECONDS) -> None:
        self._open_slot = open_slot
        self._retry_seconds = retry_seconds
        self._lock = threading.Lock()
        self._tasks: queue.SimpleQueue[BuildTask] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._sandbox: Sandbox | None = None
        self._closing = threading.Event()

    def close(self) -> None:
        """Cancel the current task and close the slot."""
        with self._lock:
            self._closing.set()
            thread, sandbox = self._thread, self._sandbox
        if sandbox is not None:
            sandbox.cancel()
        if thread is not None:
            thread.join(_CLOSING_SECONDS)

    def build(self, task: BuildTask) -> None:
        with self._lock:
            self._tasks.put(task)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="toolchain-builder", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        sandbox = self._open()
        if sandbox is None:
            return
        try:
            with self._lock:
                self._sandbox = sandbox
            while (task := self._next()) is not None:
                self._run_task(task, sandbox)
        finally:
            sandbox.close()

    def _open(self) -> Sandbox | None:
        """Open the slot. If that fails, try again after a pause. ``None`` if the builder was closed
        meanwhile."""
        while not self._closing.is_set():
            try:
                return self._open_slot()
            except (SandboxError, OSError) as error:
                _logger.warning(
                    "The slot that builds headers and class archives could not be opened; it is tried again",
                    reason=str(error),
                )
            self._closing.wait(self._retry_seconds)
        return None

    def _run_task(self, task: BuildTask, sandbox: Sandbox) -> None:
        try:
            task(sandbox)
        except (SandboxError, OSError) as error:
            _logger.warning("A header or class archive could not be built", reason=str(error))
        except Exception:  # This is the outermost loop of the thread, and the next tasks must still be done.
            _logger.exception("An unexpected error occurred while a header or class archive was built")

    def _next(self) -> BuildTask | None:
        with self._lock:
            try:
                return None if self._closing.is_set() else self._tasks.get_nowait()
            except queue.Empty:
                self._thread = self._sandbox = None
                return None


class ToolchainCache:
    """Built files below one folder, bounded in bytes. The least recently used files are evicted first."""

    def __init__(self, folder: Path, builder: FileBuilder, max_bytes: int = 2 << 30) -> None:
        self._folder = folder
        self._builder = builder
        self._max_bytes = max_bytes
        self._requested: set[str] = set()
        self._verified_folders: dict[str, VerifiedFolder] = {}

    def find(self, file: CachedFile) -> Path | None:
        """The folder with the file. If the file is missing, ``None`` is returned, and the file's build is
        requested once."""
        verified = self._intact(file.key)
        if verified is None and file.key not in self._requested:
            self._requested.add(file.key)
            self._builder.build(lambda sandbox: self._build(file, sandbox))
            verified = self._intact(file.key)
        if verified is None:
            return None
        try:
            os.utime(verified.folder)
        except FileNotFoundError:
            return None
        return verified.folder

    def verified(self, folder: Path) -> VerifiedFolder:
        """The verified files of a folder that ``find`` has returned."""
        return self._verified_folders[folder.name]

    def _intact(self, key: str) -> VerifiedFolder | None:
        """The folder, if its files are unchanged since they were built. A damaged folder is removed, and
        built again.

        This process compares the files' hashes when it first uses them, and later only their stamps.
        """
        folder, known = self._folder / key, self._verified_folders.get(key)
        stamps = stamps_below(folder)
        if known is not None and known.stamps == stamps:
            return known
        if not stamps:
            if known is not None:  # The folder was evicted or deleted, so the file may be built again.
                del self._verified_folders[key]
                self._requested.discard(key)
            return None
        if _recorded_hashes(self._record(key)) != hashes_of(folder, stamps):
            _logger.warning("A header or class archive is damaged and is built again", file=key)
            remove_atomically(folder, self._folder)
            self._requested.discard(key)
            return None
        self._verified_folders[key] = VerifiedFolder(folder, stamps)
        return self._verified_folders[key]

    def _record(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _build(self, file: CachedFile, sandbox: Sandbox) -> None:
        """Build the file, unless another worker of the host has built it. All workers use the same file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        folder = self._folder / file.key
        with (self._folder / f".{file.key}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                self._publish(file, sandbox, folder)
        self.sweep()

    def _publish(self, file: CachedFile, sandbox: Sandbox, folder: Path) -> None:
        with draft_folder(self._folder) as draft:
            path = draft.joinpath(*PurePosixPath(file.name).parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            command = output_to_file(file.command, path)
            report = sandbox.run(command)
            if report.ending is not Ending.EXITED or report.exit_code != 0 or not path.stat().st_size:
                _logger.warning("A header or class archive could not be built", file=file.name)
                return
            path.chmod(0o644)
            for each_folder in (draft, *(each for each in draft.rglob("*") if each.is_dir())):
                each_folder.chmod(0o755)
            sync_files(draft, stamps_below(draft))
            self._write_record(file.key, hashes_of(draft, stamps_below(draft)))
            draft.rename(folder)

    def _write_record(self, key: str, hashes: dict[str, str]) -> None:
        record = self._record(key)
        draft = record.with_suffix(".json.draft")
        draft.write_text(json.dumps(hashes))
        sync(draft)
        draft.replace(record)

    def sweep(self) -> None:
        """Evict the least recently used files beyond the bound, and incomplete folders of killed workers."""
        remove_stale_drafts(self._folder, time.time())
        folders = (path for path in self._folder.iterdir() if len(path.name) == 32)
        evict_least_recently_used(folders, self._folder, self._max_bytes)


def _recorded_hashes(record: Path) -> object:
    try:
        return json.loads(record.read_text())
    except (OSError, ValueError, RecursionError):
        return None


def output_to_file(command: Command, file: Path) -> Command:
    """The command, changed so that it writes the built file into a file of the host."""
    return Command(
        argv=(*_PRINT_OUTPUT, *command.argv),
        limits=command.limits,
        stdout=file,
        files=command.files,
        environment={**command.environment, "OUT": BUILT_FILE},
        seccomp_profile=command.seccomp_profile,
    )


def build_limits() -> Limits:
    """The limits of one build. The output limit bounds the size of the built file."""
    mib = 1 << 20
    return Limits(
        cpu_seconds=60,
        wall_seconds=180,
        memory_bytes=2048 * mib,
        processes=64,
        output_bytes=512 * mib,
        file_bytes=512 * mib,
        workspace_bytes=768 * mib,
        open_files=1024,
    )


_BEFORE = re.compile(rb"\s+|//[^\n]*\n|/\*.*?\*/|#\s*pragma[^\n]*\n", re.DOTALL)
_INCLUDE = re.compile(rb"#\s*include\s*<([^>\n]{1,100})>")


class PrecompiledHeaders:
    """Precompiled headers, one for each combination of compiler, flags and header."""

    def __init__(self, cache: ToolchainCache, toolchains: Toolchains) -> None:
        self._cache = cache
        self._toolchains = toolchains

    def find(self, language: Language, argv: tuple[str, ...], bundle: SourceBundle) -> Path | None:
        """The folder with the precompiled header with which the only source file begins. ``None`` if there is
        none."""
        if not language.headers or len(bundle.units) != 1:
            return None
        content = next(file.content for file in bundle.files if file.name == bundle.units[0])
        header = first_include(content)
        if header not in language.headers:
            return None
        return self._cache.find(_cached_file(header, header_flags(argv)))

    def prepare(self, languages: list[Language]) -> None:
        """Request every header of these languages now instead of at the first submission that includes it."""
        for language in languages:
            if self._toolchains.find(language.compile[0]) is None:
                continue
            flags = header_flags(self._toolchains.resolve(language.compile))
            for header in language.headers:
                self._cache.find(_cached_file(header, flags))


def first_include(content: bytes) -> str:
    """The header in angle brackets with which a source begins. Empty if the source begins in another way.

    Comments and blanks before the header are skipped one by one. A single pattern for all of them would try
    every way to split them. The time for that grows exponentially with their number.
    """
    at = 0
    while piece := _BEFORE.match(content, at):
        at = piece.end()
    hit = _INCLUDE.match(content, at)
    return hit.group(1).decode("utf-8", errors="replace") if hit else ""


def _cached_file(header: str, flags: tuple[str, ...]) -> CachedFile:
    command = Command(
        argv=(*flags, "-x", "c++-header", "/w/wrapper.h", "-o", BUILT_FILE),
        limits=build_limits(),
        files=(InputFile("wrapper.h", f"#include <{header}>\n".encode()),),
        seccomp_profile="compiler",
    )
    return CachedFile(f"{compiler_identity(flags[0])}:{flags}:{header}", f"{header}.gch", command)


def header_flags(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The compiler, and the flags on which a precompiled header depends."""
    kept = [
        word for word in argv[1:] if word.startswith("-") and not word.startswith(("-o", "-l", "-fuse-ld"))
    ]
    return (argv[0], *kept)
