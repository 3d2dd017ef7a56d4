"""Makes the report of a run from its result, with its ending. All backends use this module."""

from __future__ import annotations

import math
import signal
from dataclasses import dataclass, field
from enum import IntEnum

from sandbox.api import Command, Ending, Limits, RunReport
from sandbox.box_files import CollectedFiles
from sandbox.cgroups import MemoryUsage
from sandbox.output_capture import OutputCapture

_NEARLY = 0.9
_BY_TICKS = 0.5


class KillReason(IntEnum):
    """Why the sandbox killed a box. NONE if the target ended by itself. The protocol uses these numbers."""

    NONE = 0
    CPU = 1
    WALL = 2
    CALLER = 3
    MEMORY = 4


@dataclass(frozen=True, slots=True)
class RunResult:
    """All facts about a run that is over. ``signal`` and ``exit_code`` are None if they are unknown."""

    kill_reason: KillReason
    exit_code: int | None
    signal: int | None
    cpu_ns: int
    wall_ns: int
    memory: MemoryUsage
    collected: CollectedFiles = field(default_factory=CollectedFiles)
    ended_ns: int = 0
    delay_ns: int = 0


def ending_of(command: Command, result: RunResult, over_output_limit: bool) -> Ending:
    """The first ending that is true, in the order of ``Ending``."""
    limits = command.limits
    if result.memory.oom_kills or result.kill_reason is KillReason.MEMORY:
        return Ending.MEMORY
    if result.kill_reason is KillReason.CPU or result.cpu_ns > limits.cpu_seconds * 1e9:
        return Ending.CPU
    if result.signal == signal.SIGXCPU and result.cpu_ns > _NEARLY * limits.cpu_seconds * 1e9:
        # The kernel sent the signal. The time is compared too, because a program may send it to itself.
        return Ending.CPU
    if _is_over_process_time(limits, result):
        return Ending.CPU
    if result.kill_reason is KillReason.WALL or _counted_wall_ns(limits, result) > limits.wall_seconds * 1e9:
        return Ending.WALL
    if over_output_limit or result.signal == signal.SIGXFSZ:
        return Ending.OUTPUT
    return Ending.SIGNALLED if _signal_of(result) is not None else Ending.EXITED


def _signal_of(result: RunResult) -> int | None:
    """The signal that ended the run. A caller's kill ends the whole box, so no process reports it."""
    killed = result.kill_reason is KillReason.CALLER and result.exit_code is None
    return signal.SIGKILL if killed else result.signal


def process_seconds(limits: Limits) -> int:
    """The CPU time after which the kernel kills a process, in whole seconds. If the command has no limit for
    each process, this only takes effect if the limit of the whole run fails."""
    if limits.process_cpu_seconds is None:
        return math.ceil(limits.cpu_seconds) + 1
    return math.ceil(limits.process_cpu_seconds)


def _is_over_process_time(limits: Limits, result: RunResult) -> bool:
    """Whether the kernel killed the target because it used up the time of one process. The kernel counts
    that time in ticks of its timer. On a busy host this can be more than the CPU time that is reported."""
    return (
        limits.process_cpu_seconds is not None
        and result.kill_reason is KillReason.NONE
        and result.signal in (signal.SIGKILL, signal.SIGXCPU)
        and result.cpu_ns > _BY_TICKS * limits.process_cpu_seconds * 1e9
    )


def _counted_wall_ns(limits: Limits, result: RunResult) -> float:
    return result.wall_ns - min(result.delay_ns, limits.delay_seconds * 1e9)


def make_report(command: Command, result: RunResult, outputs: OutputCapture, elapsed_ms: float) -> RunReport:
    """The facts of a finished run. ``elapsed_ms`` is the whole time that the caller waited."""
    ending = ending_of(command, result, outputs.over_limit)
    stdout, stderr = outputs.stdout, outputs.stderr
    return RunReport(
        ending=ending,
        exit_code=result.exit_code if ending is Ending.EXITED else None,
        signal=_signal_of(result) if ending is Ending.SIGNALLED else None,
        cpu_ms=result.cpu_ns / 1e6,
        wall_ms=result.wall_ns / 1e6,
        memory_kb=result.memory.memory_kb,
        stdout=stdout.content if stdout else b"",
        stdout_bytes=min(stdout.size, command.limits.output_bytes) if stdout else 0,
        stderr=stderr.content if stderr else b"",
        files=result.collected.files,
        skipped_files=result.collected.skipped,
        delay_ms=result.delay_ns / 1e6,
        overhead_ms=max(0.0, elapsed_ms - result.wall_ns / 1e6),
    )
