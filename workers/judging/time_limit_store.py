"""Settled time limits, on this host and in the house: found once, the same for every worker."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from judge_core.packages import Package


class ServerTimeLimits(Protocol):
    """Where a version's limit is kept for all hosts; whoever tells first decides."""

    def known_limit(self, version: str) -> float | None:
        """The limit that was settled. Raises PackageUnavailable when nobody answers."""
        ...

    def settle_limit(self, version: str, seconds: float) -> float:
        """Tell what was found; what holds from now on comes back."""
        ...


@dataclass(frozen=True, slots=True)
class HostTimeLimitStore:
    """Notes below one folder; without a note the house is asked, and told what was found here."""

    folder: Path
    house: ServerTimeLimits | None = None

    def settle(self, package: Package, find: Callable[[], float | None]) -> float | None:
        """See LimitBook; a lock keeps the other workers of this host from finding the same at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        version = package.folder.parent.name
        note = self.folder / f"{version}-{package.slug}.json"
        known = _read(note)
        if known is not None:
            return known
        with (self.folder / f".{note.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = _read(note) or self._settled(version, find)
            if known is not None:
                draft = note.with_suffix(".draft")
                draft.write_text(json.dumps({"time_limit": known}))
                draft.replace(note)
        return known

    def _settled(self, version: str, find: Callable[[], float | None]) -> float | None:
        if self.house is None:
            return find()
        known = self.house.known_limit(version)
        if known is not None:
            return known
        found = find()
        return None if found is None else self.house.settle_limit(version, found)


def _read(note: Path) -> float | None:
    try:
        return float(json.loads(note.read_text())["time_limit"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
