"""What both backends do once a box is dead: name the ending, write the report."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from enum import IntEnum

from sandbox.api import Command, Ending, RunReport
from sandbox.box_files import CollectedFiles
from sandbox.cgroups import MemoryUsage
from sandbox.output_capture import Outputs


class KillReason(IntEnum):
    """Why we ended a box; NONE when the target ended by itself. The numbers are the wire's."""

    NONE = 0
    CPU = 1
    WALL = 2
    CALLER = 3
    MEMORY = 4


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything known about a run that is over. ``signal`` and ``exit_code`` are None when nobody saw it."""

    reason: KillReason
    exit_code: int | None
    signal: int | None
    cpu_ns: int
    wall_ns: int
    tally: MemoryUsage
    harvest: CollectedFiles = field(default_factory=CollectedFiles)
    ended_ns: int = 0


def name_ending(command: Command, evidence: RunResult, over: bool) -> Ending:
    """The first that is true in the contract's order."""
    limits = command.limits
    if evidence.tally.oom_kills or evidence.reason is KillReason.MEMORY:
        return Ending.MEMORY
    if evidence.reason is KillReason.CPU or evidence.signal == signal.SIGXCPU:
        return Ending.CPU
    if evidence.cpu_ns > limits.cpu_seconds * 1e9:
        return Ending.CPU
    if evidence.reason is KillReason.WALL or evidence.wall_ns > limits.wall_seconds * 1e9:
        return Ending.WALL
    if over or evidence.signal == signal.SIGXFSZ:
        return Ending.OUTPUT
    return Ending.SIGNALLED if evidence.signal is not None else Ending.EXITED


def write_report(command: Command, evidence: RunResult, outputs: Outputs, elapsed_ms: float) -> RunReport:
    """The facts of a finished run; ``elapsed_ms`` is the caller's whole time, ours included."""
    ending = name_ending(command, evidence, outputs.over)
    return RunReport(
        ending=ending,
        exit_code=evidence.exit_code if ending is Ending.EXITED else None,
        signal=evidence.signal if ending is Ending.SIGNALLED else None,
        cpu_ms=evidence.cpu_ns / 1e6,
        wall_ms=evidence.wall_ns / 1e6,
        memory_kb=evidence.tally.memory_kb,
        stdout=outputs.out.content if outputs.out else b"",
        stdout_bytes=min(outputs.out.size, command.limits.output_bytes) if outputs.out else 0,
        stderr=outputs.err.content if outputs.err else b"",
        files=evidence.harvest.files,
        skipped_files=evidence.harvest.skipped_files,
        overhead_ms=max(0.0, elapsed_ms - evidence.wall_ns / 1e6),
    )
