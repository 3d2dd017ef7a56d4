"""Tests whether the worker's disk takes a real write, before the worker takes a submission."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_PROBE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class DiskProbe:
    """Tests the folders into which a judgement writes, and the free bytes that each disk must have."""

    folders: tuple[Path, ...]
    floor_bytes: int

    def fault(self) -> str | None:
        """The fault of a disk, for operators. ``None`` if all disks take writes."""
        for folder in self.folders:
            try:
                free = self._free_bytes(folder)
            except OSError as error:
                return f"the disk of {folder} takes no writes: {error.strerror or error}"
            if free < self.floor_bytes:
                least = self.floor_bytes >> 20
                return f"the disk of {folder} is nearly full: {free >> 20} MiB free, {least} MiB needed"
        return None

    def _free_bytes(self, folder: Path) -> int:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        try:
            probe.write_bytes(bytes(_PROBE_BYTES))
        finally:
            probe.unlink(missing_ok=True)
        facts = os.statvfs(folder)
        return facts.f_bavail * facts.f_frsize
