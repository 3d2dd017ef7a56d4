"""The folder for the outputs of a worker's runs, which no other process may use.

Workers may share a cache folder, since containers do not see each other's slot locks, and workers that are
started by hand have the same defaults. In a shared scratch folder one worker would check another worker's
output.
So each worker claims its own folder, by a lock beside it in the cache. A worker with a chosen slot gets that
slot's folder, or is refused.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sandbox.slot import try_lock

MAX_FOLDERS = 512


class NoScratchDir(OSError):
    """Every scratch folder of this cache is locked."""


class SlotTaken(OSError):
    """Another worker has the chosen slot."""


@dataclass(frozen=True, slots=True)
class ScratchDir:
    """A claimed folder. The lock ends with the process."""

    folder: Path
    lock: int

    def release(self) -> None:
        os.close(self.lock)


def claim_scratch_dir(cache: Path, wanted: int, exactly: bool = False) -> ScratchDir:
    """The wanted slot's folder, or the next free one. Raises NoScratchDir if all are locked. With ``exactly``
    it raises SlotTaken if the wanted folder is locked."""
    top = cache / "scratch"
    top.mkdir(parents=True, exist_ok=True)
    for step in range(MAX_FOLDERS):
        name = f"slot-{(wanted + step) % MAX_FOLDERS}"
        lock = try_lock(top / f"{name}.lock")
        if lock is not None:
            return ScratchDir(top / name, lock)
        if exactly:
            raise SlotTaken(
                f"GAVEL_SLOT={wanted} is in use by another worker on the cache {cache}: "
                "choose another slot, or leave GAVEL_SLOT out to take a free slot"
            )
    raise NoScratchDir(f"all {MAX_FOLDERS} scratch folders of {cache} are in use: set another GAVEL_CACHE")
