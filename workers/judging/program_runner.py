"""Runs a compiled program on one input. The output goes to a file, so it takes no memory of the worker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.model.language import Language
from judge_core.model.problem import NO_EXTRAS, LanguageExtras, ProblemLimits
from judge_core.packages import TestCase
from sandbox import MIB, Command, InputFile, Limits, RunReport, Sandbox
from workers.judging.compiler import CompiledProgram
from workers.judging.errors import FilesChanged
from workers.judging.settings import FALLBACK_SECONDS, JudgingSettings
from workers.judging.shared_cache_folder import FileStamp, stamp_of
from workers.judging.verdict import BORDERLINE_SHARE, DELAY_FACTOR, MOST_REPEATS, Allowance

MAX_IDLE_SECONDS = 60.0
"""How long a submission may sleep or wait for a disk in all its tests together."""


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """The run of a program on one input: the sandbox's report, and the file with the output."""

    report: RunReport
    output: Path
    stamp: FileStamp | None = None

    def or_faster(self, earlier: ProgramRun) -> ProgramRun:
        """This run, with the earlier run's report if the earlier run needed less CPU time. The earlier run
        was over its limit too, so the output is not judged in that case."""
        return self if self.report.cpu_ms <= earlier.report.cpu_ms else replace(self, report=earlier.report)

    def require_intact_output(self) -> None:
        """Raise FilesChanged if the output file is not the one that the run wrote. Call it after the output
        was checked."""
        try:
            found = stamp_of(self.output)
        except FileNotFoundError:
            found = None
        if found is None or found != self.stamp:
            raise FilesChanged(f"the output {self.output} was removed or changed while it was judged")


def allowance_for(
    limits: ProblemLimits,
    language: Language,
    settings: JudgingSettings,
    extras: LanguageExtras = NO_EXTRAS,
) -> Allowance:
    """The time and memory that a problem allows for a program in this language.

    The wall limit leaves time for the disk and for a busy host, so that the CPU time decides.
    """
    cpu = (limits.time or FALLBACK_SECONDS) * extras.time_factor(language)
    memory = min(limits.memory, settings.memory_mb_at_most) + extras.memory_extra(language)
    return Allowance(cpu_seconds=cpu, wall_seconds=2 * cpu + 1, memory_bytes=memory * MIB)


def sandbox_limits(allowed: Allowance, limits: ProblemLimits, language: Language) -> Limits:
    """The sandbox's limits for an allowance. A run is stopped only a tenth above its CPU limit: see
    ``is_borderline``."""
    return Limits(
        cpu_seconds=allowed.cpu_seconds * (1 + BORDERLINE_SHARE),
        wall_seconds=allowed.wall_seconds,
        delay_seconds=DELAY_FACTOR * allowed.wall_seconds,
        memory_bytes=allowed.memory_bytes,
        processes=language.processes,
        output_bytes=limits.output * MIB,
    )


@dataclass(frozen=True, slots=True)
class WorkingFolder:
    """The files in a submission's working folder, and whether the submission may only read there."""

    files: tuple[InputFile, ...] = ()
    read_only: bool = False


class ProgramRunner:
    """Runs one program on one test after another, under the same limits."""

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
        self._idle_seconds = 0.0
        self._repeats = 0

    def run(self, case: TestCase, stdin: Path | bytes | None = None) -> ProgramRun:
        """Run the program on a test's input, or on ``stdin``, for at most the wall time that is left."""
        command = self.command(case, case.input if stdin is None else stdin)
        left = self._wall_seconds()
        if left != command.limits.wall_seconds:
            command = replace(command, limits=replace(command.limits, wall_seconds=left))
        report = self._sandbox.run(command)
        self._idle_seconds += max(0.0, report.wall_ms - report.cpu_ms - report.delay_ms) / 1000
        return ProgramRun(report, self._output, self._stamp(report))

    def may_repeat(self) -> bool:
        """Whether one more run of the submission may be repeated: see MOST_REPEATS. Each call counts one
        repetition."""
        self._repeats += 1
        return self._repeats <= MOST_REPEATS

    def _stamp(self, report: RunReport) -> FileStamp:
        """The stamp of the output. Raises FilesChanged if the output does not have the size that the run
        wrote."""
        try:
            stamp = stamp_of(self._output)
        except FileNotFoundError as gone:
            raise FilesChanged(f"the output {self._output} was removed at the end of a run") from gone
        if stamp[1] != report.stdout_bytes:
            raise FilesChanged(f"the output {self._output} has {stamp[1]} bytes, not {report.stdout_bytes}")
        return stamp

    def _wall_seconds(self) -> float:
        """The wall time that is left. It is less than the limit of one test if the submission slept long in
        earlier tests, because a submission must not occupy the worker for much longer than it computes."""
        left = max(0.0, MAX_IDLE_SECONDS - self._idle_seconds)
        return min(self._limits.wall_seconds, self._limits.cpu_seconds + 1 + left)

    def command(self, case: TestCase, stdin: Path | bytes | None) -> Command:
        program, files = self._program, _merged(self._folder.files, _case_files(case))
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


def with_memory_for_files(limits: Limits, files: tuple[InputFile, ...]) -> Limits:
    """The limits with more memory and workspace, so that the program is not charged for the memory of files
    that are put into the box."""
    size = sum(file.content.stat().st_size for file in files if isinstance(file.content, Path))
    if not size:
        return limits
    return replace(
        limits,
        memory_bytes=limits.memory_bytes + size,
        workspace_bytes=limits.workspace_bytes + size,
    )


def environment_of(language: Language) -> dict[str, str]:
    """The variables of a submission's program: those of its language, and ``ONLINE_JUDGE``.

    Many programs read files of their author's host unless ``ONLINE_JUDGE`` is set, as it is on other judges.
    The language files also define this name as a macro for compilers and as a property for Java.
    """
    return {"ONLINE_JUDGE": "true", **dict(language.environment)}


def _environment(language: Language, folder: WorkingFolder) -> dict[str, str]:
    """The environment of the program. If the working folder is read-only, it has a writable home folder."""
    home = {"HOME": "/tmp"} if folder.read_only else {}
    return {**home, **environment_of(language)}


def _merged(folder: tuple[InputFile, ...], case: tuple[InputFile, ...]) -> tuple[InputFile, ...]:
    """The files of the working folder and of the test. A file of the test replaces one of the same name, as
    the format says."""
    named = {file.name for file in case}
    return (*(file for file in folder if file.name not in named), *case)


def _case_files(case: TestCase) -> tuple[InputFile, ...]:
    """The files that a test adds to the working folder."""
    root = case.files
    if root is None:
        return ()
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return tuple(InputFile(path.relative_to(root).as_posix(), path) for path in paths)
