"""Runs a package's visualizers, which draw tests and outputs of submissions for the author of the package.

An input visualizer is called as ``PROGRAM INPUT ANSWER ARGUMENTS...`` and writes ``testcase.EXT``. An output
visualizer is called like an output validator, after it, and writes ``judgeimage.EXT`` or ``teamimage.EXT``
into the feedback folder. EXT is png, jpg, jpeg or svg. Both run in the sandbox; judging runs neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.packages import Package, TestCase
from sandbox import MIB, Command, Ending, InputFile, Mount, RunReport
from workers.checkers import feedback
from workers.checkers.programs import PackageProgram, compile_program, validation_limits
from workers.judging.errors import PackageBroken
from workers.judging.results import Picture
from workers.judging.strategies.factory import JudgingContext

ENDINGS = ("png", "jpg", "jpeg", "svg")
MOST_PICTURE_BYTES = 2 * MIB
_DATA = "/d"
_NO_ANSWER = "no.ans"
_MESSAGE_CHARACTERS = 300


def draw_test(package: Package, context: JudgingContext, test: str) -> Picture | str:
    """The picture of the test of this name, such as ``secret/01``; or why there is none."""
    case = next((each for each in package.cases if each.name == test and not each.static), None)
    if case is None:
        return f"there is no test {test}"
    try:
        found = InputVisualizer.of(package, context).draw(case)
    except PackageBroken as error:
        return error.reason
    return found


@dataclass(frozen=True, slots=True)
class InputVisualizer:
    """The compiled input visualizer of a package."""

    package: Package
    context: JudgingContext
    program: PackageProgram

    @classmethod
    def of(cls, package: Package, context: JudgingContext) -> InputVisualizer:
        """Compile the package's input visualizer. Raises ``PackageBroken`` if there is none, or if it does
        not compile."""
        if package.input_visualizer is None:
            raise PackageBroken("the package has no program in input_visualizer/")
        program = compile_program(package, package.input_visualizer, context.compiler, context.languages)
        return cls(package, context, program)

    def draw(self, case: TestCase) -> Picture | str:
        """The picture of a test, or why there is none."""
        arguments = (
            *_data_arguments(case),
            *case.settings.input_visualizer_args,
        )
        command = _command(self.package, self.context, self.program, arguments)
        report = self.context.sandbox.run(
            replace(
                command,
                files=(*command.files, *_data_files(case)),
                mounts=(*command.mounts, *_data_mounts(case)),
                collect=tuple(f"testcase.{ending}" for ending in ENDINGS),
            )
        )
        drawn = _pictures(report)
        return drawn[0] if drawn else f"{case.name}: {self.program.name} drew nothing{_how(report)}"


@dataclass(frozen=True, slots=True)
class OutputVisualizer:
    """The compiled output visualizer of a package."""

    package: Package
    context: JudgingContext
    program: PackageProgram

    @classmethod
    def of(cls, package: Package, context: JudgingContext) -> OutputVisualizer:
        """Compile the package's output visualizer. Raises ``PackageBroken`` if there is none, or if it does
        not compile."""
        if package.output_visualizer is None:
            raise PackageBroken("the package has no program in output_visualizer/")
        program = compile_program(package, package.output_visualizer, context.compiler, context.languages)
        return cls(package, context, program)

    def draw(self, case: TestCase, output: Path | None) -> tuple[Picture, ...] | str:
        """The pictures of an output, or why there are none.

        The visualizer also gets the feedback that the validator has just written. An interactive problem has
        no output, so its visualizer gets only the feedback.
        """
        written = self.context.settings.scratch / "feedback" / feedback.NAME
        arguments = (
            *_data_arguments(case),
            f"/w/{feedback.NAME}/",
            *case.settings.output_visualizer_args,
        )
        shown = feedback.files_of_previous_passes(written if written.is_dir() else None)
        command = _command(self.package, self.context, self.program, arguments)
        names = (f"{kind}image.{ending}" for kind in ("judge", "team") for ending in ENDINGS)
        report = self.context.sandbox.run(
            replace(
                command,
                stdin=b"" if self.package.metadata.type.interactive or output is None else output,
                files=(*command.files, *shown, *_data_files(case)),
                mounts=(*command.mounts, *_data_mounts(case)),
                collect=tuple(f"{feedback.NAME}/{name}" for name in names),
            )
        )
        return _pictures(report) or f"{case.name}: {self.program.name} drew nothing{_how(report)}"


def _command(
    package: Package, context: JudgingContext, program: PackageProgram, arguments: tuple[str, ...]
) -> Command:
    compiled = program.program
    return Command(
        argv=(*compiled.argv, *arguments),
        limits=validation_limits(package, compiled.language, context.settings.memory_mb_at_most),
        stdin=b"",
        files=tuple(InputFile(each.name, each.content, executable=True) for each in program.folder_files),
        mounts=(compiled.mount,),
        collect_bytes=MOST_PICTURE_BYTES,
        environment=program.environment,
        seccomp_profile=compiled.language.seccomp_profile,
    )


def _data_arguments(case: TestCase) -> tuple[str, str]:
    answer = f"{_DATA}/ans/{case.answer.name}" if case.answer else f"/w/{_NO_ANSWER}"
    return f"{_DATA}/in/{case.input.name}", answer


def _data_files(case: TestCase) -> tuple[InputFile, ...]:
    """The files for the visualizer's folder of data: an empty answer, if the test has no answer."""
    return () if case.answer else (InputFile(_NO_ANSWER, b""),)


def _data_mounts(case: TestCase) -> tuple[Mount, ...]:
    mounts = (Mount(case.input.parent, f"{_DATA}/in"),)
    return (*mounts, Mount(case.answer.parent, f"{_DATA}/ans")) if case.answer else mounts


def _pictures(report: RunReport) -> tuple[Picture, ...]:
    found = sorted(report.files.items())
    return tuple(Picture(name.rpartition("/")[2], content) for name, content in found if content)


def _how(report: RunReport) -> str:
    """How the visualizer ended, and the last part of its stderr."""
    if report.skipped_files:
        return f": its picture has more than {MOST_PICTURE_BYTES >> 20} MiB"
    message = report.stderr[-_MESSAGE_CHARACTERS:].decode("utf-8", errors="replace").strip()
    if report.ending is not Ending.EXITED:
        how = f" (ended by {report.ending.value})"
    else:
        how = f" (exit code {report.exit_code})"
    return f"{how} {message}".rstrip()
