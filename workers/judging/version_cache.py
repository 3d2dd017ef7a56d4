"""Caches the versions of toolchains on disk, so that a worker's start does not run every compiler.

An entry is valid for one state of the host: the toolchain's programs, the folders and package lists that
change when software is installed, and the sandbox that ran the toolchain. Failures are not cached.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from judge_core.logging import get_logger

_logger = get_logger(__name__)
_FILE = "versions.json"
_MAX_BYTES = 256 << 10
_MAX_VERSION = 200


class VersionCache(Protocol):
    """Stores versions by a key that contains everything on which they depend."""

    def find(self, key: str) -> str | None: ...

    def put(self, key: str, version: str) -> None: ...


class NoVersionCache:
    """Stores nothing."""

    def find(self, key: str) -> str | None:
        return None

    def put(self, key: str, version: str) -> None:
        return None


@dataclass(slots=True)
class HostVersionCache:
    """The versions that were read from the file, and those that were used or found since, for one kind of
    sandbox."""

    known: Mapping[str, str]
    sandbox: tuple[str, ...]
    used: dict[str, str] = field(default_factory=dict)

    def find(self, key: str) -> str | None:
        key = key_of(self.sandbox, key)
        version = self.known.get(key)
        if version is not None:
            self.used[key] = version
        return version

    def put(self, key: str, version: str) -> None:
        self.used[key_of(self.sandbox, key)] = version[:_MAX_VERSION]


@contextmanager
def open_versions(folder: Path, sandbox: tuple[str, ...]) -> Iterator[VersionCache]:
    """The versions stored in this folder. Only one worker of a host at a time runs the toolchains, so the
    next worker finds the answers.

    ``sandbox`` contains everything apart from the host on which the answers depend. If the folder is not
    writable, nothing is stored.
    """
    try:
        lock = os.open(folder / f"{_FILE}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        _logger.warning("Versions of toolchains cannot be stored", reason=str(error))
        yield NoVersionCache()
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        versions = HostVersionCache(_read(folder / _FILE), sandbox)
        yield versions
        if versions.used != versions.known:
            _write(folder / _FILE, versions.used)
    finally:
        os.close(lock)


def key_of(*parts: object) -> str:
    """A key that differs if any part differs."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:32]


def _read(path: Path) -> dict[str, str]:
    """The stored versions. Empty if the file is missing, damaged or too large; then the compilers are asked
    again."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        found = json.loads(data) if len(data) <= _MAX_BYTES else {}
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        key: value for key, value in found.items() if isinstance(value, str) and len(value) <= _MAX_VERSION
    }


def _write(path: Path, versions: Mapping[str, str]) -> None:
    draft = path.with_suffix(".draft")
    try:
        draft.write_text(json.dumps(versions, indent=1, sort_keys=True))
        draft.replace(path)
    except OSError as error:
        _logger.warning("Versions of toolchains cannot be stored", reason=str(error))
