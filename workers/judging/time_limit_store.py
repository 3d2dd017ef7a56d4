"""Stores calibrated time limits on this host and on the main server, so that all workers use the same
limits."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from judge_core.packages import Package
from judge_core.packages.number_bounds import TIME


class ServerTimeLimits(Protocol):
    """Stores a version's limit on the main server for all hosts. The first recorded limit stays."""

    def known_time_limit(self, version: str) -> float | None:
        """The recorded limit. Raises PackageUnavailable if the server does not answer."""
        ...

    def record_limit(self, version: str, seconds: float) -> float:
        """Record a limit. Returns the valid limit, which another host may have recorded before."""
        ...


@dataclass(frozen=True, slots=True)
class HostTimeLimitStore:
    """Stores one file per version in a folder. A missing limit is read from the server, or else found on this
    host."""

    folder: Path
    server: ServerTimeLimits | None = None

    def get_or_find(self, package: Package, find: Callable[[], float | None]) -> float | None:
        """See TimeLimitStore. With a lock, no two workers of this host find the same limit at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        version = package.folder.parent.name
        file = self.folder / f"{version}-{package.slug}.json"
        known = _read(file)
        if known is not None:
            return known
        with (self.folder / f".{file.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = _read(file) or self._from_server_or_found(version, find)
            if known is not None:
                draft = file.with_suffix(".draft")
                draft.write_text(json.dumps({"time_limit": known}, allow_nan=False))
                draft.replace(file)
        return known

    def _from_server_or_found(self, version: str, find: Callable[[], float | None]) -> float | None:
        if self.server is None:
            return find()
        known = self.server.known_time_limit(version)
        if known is not None:
            return known
        found = find()
        return None if found is None else self.server.record_limit(version, found)


def _read(file: Path) -> float | None:
    try:
        seconds = float(json.loads(file.read_text())["time_limit"])
        return seconds if seconds in TIME else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
