"""The limits of one run."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """The resources that one run may use, with all its descendants unless said otherwise.

    Times are seconds, sizes are bytes. ``cpu_seconds`` is user + system time of the whole tree.
    ``wall_seconds`` ends a run that sleeps; the time that it waited for a CPU does not count, up to
    ``delay_seconds``. ``memory_bytes`` counts heap, stacks, tmpfs and memfd.
    ``output_bytes`` limits stdout. Of stderr the last ``stderr_bytes`` are kept; more is dropped and ends no
    run. ``file_bytes`` limits one file, ``workspace_bytes`` the work folder and /tmp.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    delay_seconds: float = 0.0
    processes: int = 16
    output_bytes: int = 8 * MIB
    stderr_bytes: int = 64 * KIB
    file_bytes: int = 64 * MIB
    workspace_bytes: int = 256 * MIB
    open_files: int = 512
    stack_bytes: int | None = None
