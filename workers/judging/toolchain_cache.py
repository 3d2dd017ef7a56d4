"""What makes compilers start faster, made once per host and never on a submission's account.

Precompiled headers and the Java compiler's class archive lie below one folder, each in a folder of its own
that appears whole by one rename. What is not there yet is made beside the work, in a slot of its own, while
submissions are compiled without it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from judge_core.logging import get_logger
from sandbox import Command, Ending, Limits, Sandbox, SandboxError
from workers.judging.locked_cache import draft_folder, evict_least_recently_used, remove_stale_drafts

_logger = get_logger(__name__)
_CLOSING_SECONDS = 10.0
_PRINT_OUTPUT = ("/usr/bin/sh", "-c", '"$@" >/dev/null 2>&1 && cat "$OUT"', "sh")
"""What a command makes comes out as its output, into a host's file: it never passes through our memory."""
BUILT_FILE = "/w/made"


@dataclass(frozen=True, slots=True)
class CachedFile:
    """How to make one file: ``command`` writes it to MADE, ``name`` is where it is to stand in its folder."""

    stamp: str
    name: str
    command: Command

    @property
    def key(self) -> str:
        return hashlib.sha256(self.stamp.encode()).hexdigest()[:32]


BuildTask = Callable[[Sandbox], None]


class FileBuilder(Protocol):
    """Does the making, now or later."""

    def prepare(self, work: BuildTask) -> None: ...


@dataclass(frozen=True, slots=True)
class ImmediateBuilder:
    """Makes what is wanted before anything else: for authors and measurements, who would rather wait."""

    sandbox: Sandbox

    def prepare(self, work: BuildTask) -> None:
        work(self.sandbox)


class BackgroundBuilder:
    """Makes what is wanted in a thread and a slot of its own, opened when there is work and closed after it.

    The thread does not keep the process alive, and its boxes do not outlive that.
    """

    def __init__(self, open_slot: Callable[[], Sandbox]) -> None:
        self._open_slot = open_slot
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[BuildTask] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._sandbox: Sandbox | None = None
        self._closed = False

    def close(self) -> None:
        """Give up what is being made, and leave nothing of the slot behind."""
        with self._lock:
            self._closed = True
            thread, sandbox = self._thread, self._sandbox
        if sandbox is not None:
            sandbox.cancel()
        if thread is not None:
            thread.join(_CLOSING_SECONDS)

    def prepare(self, work: BuildTask) -> None:
        with self._lock:
            self._waiting.put(work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="preparer", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        try:
            sandbox = self._open_slot()
        except (SandboxError, OSError) as error:
            _logger.warning("Nothing can be prepared beside the work", reason=str(error))
            return  # the thread stays set: nobody tries again in this process
        try:
            with self._lock:
                self._sandbox = sandbox
            while (work := self._next()) is not None:
                self._do(work, sandbox)
        finally:
            sandbox.close()

    def _do(self, work: BuildTask, sandbox: Sandbox) -> None:
        try:
            work(sandbox)
        except (SandboxError, OSError) as error:
            _logger.warning("Something could not be prepared", reason=str(error))

    def _next(self) -> BuildTask | None:
        with self._lock:
            try:
                return None if self._closed else self._waiting.get_nowait()
            except queue.Empty:
                self._thread = self._sandbox = None
                return None


class ToolchainCache:
    """Prepared files below one folder, bounded in bytes; the longest unused go first, none in use goes."""

    def __init__(self, folder: Path, preparer: FileBuilder, max_bytes: int = 2 << 30) -> None:
        self._folder = folder
        self._preparer = preparer
        self._max_bytes = max_bytes
        self._asked: set[str] = set()

    def find(self, preparation: CachedFile) -> Path | None:
        """The folder with the file, or ``None`` as long as it is not there; it is asked for once."""
        place = self._folder / preparation.key
        if not place.is_dir() and preparation.key not in self._asked:
            self._asked.add(preparation.key)
            self._preparer.prepare(lambda sandbox: self._make(preparation, sandbox))
        try:
            os.utime(place)
        except FileNotFoundError:
            return None
        return place

    def _make(self, preparation: CachedFile, sandbox: Sandbox) -> None:
        """Make it unless another worker of the host is doing so: that one's serves all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / preparation.key
        with (self._folder / f".{preparation.key}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.is_dir():
                self._publish(preparation, sandbox, place)
        self.sweep()

    def _publish(self, preparation: CachedFile, sandbox: Sandbox, place: Path) -> None:
        with draft_folder(self._folder) as draft:
            file = draft.joinpath(*PurePosixPath(preparation.name).parts)
            file.parent.mkdir(parents=True, exist_ok=True)
            command = output_to_file(preparation.command, file)
            report = sandbox.run(command)
            if report.ending is not Ending.EXITED or report.exit_code != 0 or not file.stat().st_size:
                _logger.warning("A compiler could not be prepared", what=preparation.name)
                return
            file.chmod(0o644)
            for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
                folder.chmod(0o755)
            draft.rename(place)

    def sweep(self) -> None:
        """Remove the longest unused beyond the bound, and drafts that a killed worker left."""
        remove_stale_drafts(self._folder, time.time())
        places = (path for path in self._folder.iterdir() if len(path.name) == 32)
        evict_least_recently_used(places, self._folder, self._max_bytes)


def output_to_file(command: Command, file: Path) -> Command:
    """The command with what it makes as its output, into a host's file."""
    return Command(
        argv=(*_PRINT_OUTPUT, *command.argv),
        limits=command.limits,
        stdout=file,
        files=command.files,
        environment={**command.environment, "OUT": BUILT_FILE},
        seccomp_profile=command.seccomp_profile,
    )


def build_limits() -> Limits:
    """What making one file may use; its size is that of the output."""
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
