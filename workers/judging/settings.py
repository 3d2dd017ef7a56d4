"""Settings of judging that neither a problem nor a request decides."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workers.judging.toolchains import SEARCH_PATH

FALLBACK_SECONDS = 10.0
"""The time limit of a problem if no limit can be found. It is long enough for most programs."""


@dataclass(frozen=True, slots=True)
class JudgingSettings:
    """The settings of judging. ``scratch`` is a folder that only this worker uses, for the outputs of runs.
    ``prepared`` is shared by all workers of the host, and must be inside a share of the sandbox.

    ``run_all`` goes on after the first failing test. ``text_bytes`` is how much of an input or output a
    sample's result shows. ``custom_*`` bound the limits that a custom run may ask for.
    """

    scratch: Path
    prepared: Path
    run_all: bool = False
    memory_mb_at_most: int = 4096
    text_bytes: int = 8192
    search_path: tuple[str, ...] = SEARCH_PATH
    host_path: tuple[str, ...] = ()
    rerun_borderline: bool = True
    custom_seconds: float = 5.0
    custom_seconds_at_most: float = 15.0
    custom_memory_mb: int = 256
    custom_memory_mb_at_most: int = 1024
    custom_output_kb: int = 1024
    custom_processes_at_most: int = 128
    limits: Path | None = None

    @property
    def limits_folder(self) -> Path:
        """The folder of calibrated time limits on this host."""
        return self.limits or self.prepared / "limits"
