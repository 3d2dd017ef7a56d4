"""A sandbox slot with its own file server, and a folder that its boxes share."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import Sandbox, SlotConfig
from sandbox.factory import open_backend
from sandbox.slot import OwnFiles


@contextmanager
def shared_folder() -> Iterator[Path]:
    """A folder that boxes can read. It has a folder ``m``, which tests mount."""
    with tempfile.TemporaryDirectory(prefix="gavel-own-files-") as name:
        Path(name).chmod(0o755)
        (Path(name) / "m").mkdir()
        yield Path(name)


@contextmanager
def opened_slot(slot: int, share: Path) -> Iterator[Sandbox]:
    """The sandbox of the launcher on a slot with its own file server, if the host has FUSE."""
    opened = open_backend(SlotConfig(slot, (share,), share, own_files=OwnFiles.AUTO), "launcher")
    yield opened
    opened.close()
