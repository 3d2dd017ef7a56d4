"""A slot: what one worker owns to make boxes. Claimed by a file lock, so that no two hold the same."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import CannotIsolate
from sandbox.locks import try_lock

FIRST_UID = 61100
"""The outer user of slot 0, where we are root; slot N has FIRST_UID + N. Above Debian's own ranges."""

MOST_SLOTS = 512


@dataclass(frozen=True, slots=True)
class SlotConfig:
    """What a worker says about its slot.

    ``index`` is the slot it would like; when another process holds it the next free one is taken.
    ``shares`` are the host folders whose sub-folders may be mounted into boxes. ``extra_roots`` are
    host folders shown read-only at their own path in every box (toolchains outside /usr).
    ``backend`` is auto, launcher or bubblewrap. ``cpus`` pins every box to these cores; None lets
    the sandbox choose (see ``sandbox.cpu_pinning``), an empty tuple says never.
    """

    index: int
    shares: tuple[Path, ...]
    scratch: Path
    backend: str = "auto"
    cpus: tuple[int, ...] | None = None
    extra_roots: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot held: its number and the locked file that says so."""

    index: int
    lock: int

    @property
    def uid(self) -> int:
        """The user that this slot's boxes run as on the host; 0 when we may not change users."""
        return FIRST_UID + self.index if os.geteuid() == 0 else 0

    @property
    def name(self) -> str:
        return f"gavel-{self.index}"

    def release(self) -> None:
        os.close(self.lock)


def _lock_folder() -> Path:
    if os.geteuid() == 0 and os.access("/run", os.W_OK):
        return Path("/run/gavel-slots")
    return Path(tempfile.gettempdir()) / f"gavel-slots-{os.geteuid()}"


def claim_slot(wanted: int) -> Claim:
    """The wanted slot, or the next one that is free on this machine; freed when the process ends."""
    folder = _lock_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise CannotIsolate(f"{folder} belongs to another user")
    for step in range(MOST_SLOTS):
        index = (wanted + step) % MOST_SLOTS
        lock = try_lock(folder / f"{index}.lock")
        if lock is not None:
            return Claim(index, lock)
    raise CannotIsolate(f"all {MOST_SLOTS} slots of this machine are taken")
