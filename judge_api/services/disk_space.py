"""The free space on the main server's disks. New submissions are refused if there is too little."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from judge_api.settings import Settings
from judge_core.logging import ThrottledWarning, get_logger
from judge_core.model.errors import StoreUnavailable
from judge_core.model.submission import rfc3339

_logger = get_logger(__name__)
DAMAGED_REDIS_PREFIX = "redis-damaged-"
"""The prefix of the names of folders into which `gavel up` moves damaged files of Redis."""


@dataclass(frozen=True, slots=True)
class Disk:
    """One folder that needs free space.

    If ``is_required``, new work is refused when its space is too little.
    """

    name: str
    folder: Path
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """The bytes of a disk. They are 0 if the disk cannot be read; ``error`` then has the reason."""

    disk: Disk
    total_bytes: int = 0
    free_bytes: int = 0
    error: str | None = None


class DiskSpace:
    """Asks the file systems for their free space at each call, which takes microseconds."""

    def __init__(self, settings: Settings) -> None:
        self._data = settings.data
        self._floor = settings.free_bytes
        self._disks = tuple(disks_of(settings))
        required = {disk.folder: disk for disk in self._disks if disk.is_required}
        self._required = tuple(required.values())
        self._low = ThrottledWarning(_logger, "New submissions are refused: a disk is nearly full")

    def fault(self) -> str | None:
        """A text for operators about the first required disk that is too full. ``None`` if there is none."""
        for usage in map(usage_of, self._required):
            if usage.error is not None or usage.free_bytes >= self._floor:
                continue
            free, least = usage.free_bytes >> 20, self._floor >> 20
            return f"{usage.disk.folder} has {free} MiB free, at least {least} MiB are needed"
        return None

    def require_room(self) -> None:
        """Raise ``StoreUnavailable`` if a disk is too full. Judging and reading go on."""
        fault = self.fault()
        if fault is not None:
            self._low.log(fault)
            raise StoreUnavailable(
                "the server's disk is nearly full, nothing was stored: try later, or tell an administrator"
            )

    def usages(self) -> Iterator[DiskUsage]:
        for disk in self._disks:
            yield usage_of(disk)

    def to_json(self) -> dict[str, Any]:
        """The disks and their free space as JSON, for the dashboard."""
        return {
            "floor_bytes": self._floor,
            "disks": [
                {
                    "name": usage.disk.name,
                    "folder": str(usage.disk.folder),
                    "total_bytes": usage.total_bytes,
                    "free_bytes": usage.free_bytes,
                    "is_low": usage.error is None and usage.free_bytes < self._floor,
                    "error": usage.error,
                }
                for usage in self.usages()
            ],
            "redis_files_set_aside": [_set_aside(folder) for folder in self._damaged_folders()],
        }

    def _damaged_folders(self) -> list[Path]:
        return sorted(self._data.glob(f"{DAMAGED_REDIS_PREFIX}*"), reverse=True)


def _set_aside(folder: Path) -> dict[str, Any]:
    return {"folder": str(folder), "at": rfc3339(datetime.fromtimestamp(folder.lstat().st_mtime, UTC))}


def disks_of(settings: Settings) -> Iterator[Disk]:
    """The data folder, the folder of a database in a file, and this host's scratch folder if it has one."""
    yield Disk("data", settings.data)
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        yield Disk("database", Path(url.database).absolute().parent)
    if (settings.data / "cache").is_dir():
        yield Disk("scratch", settings.data / "cache", is_required=False)


def usage_of(disk: Disk) -> DiskUsage:
    try:
        facts = os.statvfs(disk.folder)
    except OSError as error:
        return DiskUsage(disk, error=error.strerror or str(error))
    return DiskUsage(disk, facts.f_blocks * facts.f_frsize, facts.f_bavail * facts.f_frsize)
