"""Room in a box for the files that we lay into it: they stand in memory, and are nobody's to pay for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sandbox import InputFile, Limits


def with_memory_for_files(limits: Limits, files: tuple[InputFile, ...]) -> Limits:
    """The limits of a run, with memory and work folder larger by what files of the host are laid into it."""
    size = sum(file.content.stat().st_size for file in files if isinstance(file.content, Path))
    if not size:
        return limits
    return replace(
        limits,
        memory_bytes=limits.memory_bytes + size,
        workspace_bytes=limits.workspace_bytes + size,
    )
