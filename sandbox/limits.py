"""The limits of one run; each is enforced where its enforcer stands and reported by honest counters."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use, all its descendants together unless said otherwise.

    Times are seconds, sizes are bytes. ``cpu_seconds`` is user + system time of the whole tree.
    ``wall_seconds`` ends a run that sleeps. ``memory_bytes`` counts heap, stacks, tmpfs and memfd.
    ``output_bytes`` caps stdout, ``stderr_bytes`` is what is kept of stderr, its last (the rest is dropped,
    not an offence), ``file_bytes`` caps one file, ``workspace_bytes`` the work folder and /tmp.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    processes: int = 16
    output_bytes: int = 8 * MIB
    stderr_bytes: int = 64 * KIB
    file_bytes: int = 64 * MIB
    workspace_bytes: int = 256 * MIB
    open_files: int = 512
    stack_bytes: int | None = None
