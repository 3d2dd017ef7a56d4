"""Runs a compiled program on one input and tells the facts; its output lies in a file, never in our
memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.model.language import Language
from judge_core.model.problem import ProblemLimits
from judge_core.packages import TestCase
from sandbox import MIB, Command, InputFile, Limits, RunReport, Sandbox
from workers.judging.compiler import CompiledProgram
from workers.judging.room import with_memory_for_files
from workers.judging.settings import JudgingSettings
from workers.judging.verdict import BORDERLINE_SHARE, STARVED_WALL_FACTOR, Allowance, is_starved


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """What a program did on one input: the facts, and the file with its output."""

    report: RunReport
    output: Path


def allowance_for(limits: ProblemLimits, language: Language, settings: JudgingSettings) -> Allowance:
    """What a problem allows to a program in this language.

    The wall clock has room for waiting on the disk and on a busy host, so that CPU time decides.
    """
    cpu = (limits.time or settings.default_seconds) * language.time_factor
    memory = min(limits.memory, settings.memory_mb_at_most) + language.memory_overhead_mb
    return Allowance(cpu_seconds=cpu, wall_seconds=2 * cpu + 1, memory_bytes=memory * MIB)


def sandbox_limits(allowed: Allowance, limits: ProblemLimits, language: Language) -> Limits:
    """The same as limits of a box, which cuts a tenth late: see ``is_borderline``."""
    return Limits(
        cpu_seconds=allowed.cpu_seconds * (1 + BORDERLINE_SHARE),
        wall_seconds=allowed.wall_seconds,
        memory_bytes=allowed.memory_bytes,
        processes=language.processes,
        output_bytes=limits.output * MIB,
    )


@dataclass(frozen=True, slots=True)
class WorkingFolder:
    """What a submission finds where it runs, and whether it may write there."""

    files: tuple[InputFile, ...] = ()
    read_only: bool = False


class ProgramRunner:
    """Runs one program on test after test, all under the same limits."""

    def __init__(
        self,
        sandbox: Sandbox,
        program: CompiledProgram,
        limits: Limits,
        output: Path,
        folder: WorkingFolder = WorkingFolder(),
    ) -> None:
        self._sandbox = sandbox
        self._program = program
        self._limits = limits
        self._output = output
        self._folder = folder
        self._environment = _environment(program.language, folder)
        self._mounts = (program.mount,)

    def run(self, case: TestCase, stdin: Path | bytes | None = None) -> ProgramRun:
        """One run on a test's input, or on ``stdin``; a second, patient one if the host starved it."""
        command = self.command(case, case.input if stdin is None else stdin)
        report = self._sandbox.run(command)
        if is_starved(report):
            patient = replace(command.limits, wall_seconds=self._limits.wall_seconds * STARVED_WALL_FACTOR)
            report = self._sandbox.run(replace(command, limits=patient))
        return ProgramRun(report, self._output)

    def command(self, case: TestCase, stdin: Path | bytes | None) -> Command:
        program, files = self._program, _laid(self._folder.files, _case_files(case))
        return Command(
            argv=(*program.argv, *case.settings.arguments),
            limits=with_memory_for_files(self._limits, files),
            stdin=stdin,
            stdout=self._output,
            files=files,
            mounts=self._mounts,
            environment=self._environment,
            seccomp_profile=program.language.seccomp_profile,
            read_only=self._folder.read_only,
        )


def _environment(language: Language, folder: WorkingFolder) -> dict[str, str]:
    """Runtimes that keep something at home find a home where they may write."""
    home = {"HOME": "/tmp"} if folder.read_only else {}
    return {**home, **dict(language.environment)}


def _laid(folder: tuple[InputFile, ...], case: tuple[InputFile, ...]) -> tuple[InputFile, ...]:
    """A test's own files take the place of others of their name, as the format has it."""
    named = {file.name for file in case}
    return (*(file for file in folder if file.name not in named), *case)


def _case_files(case: TestCase) -> tuple[InputFile, ...]:
    """The files that a test lays into the working folder."""
    root = case.files
    if root is None:
        return ()
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return tuple(InputFile(path.relative_to(root).as_posix(), path) for path in paths)
