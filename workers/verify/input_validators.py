"""Runs the package's input validators on the input of every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from judge_core.packages import Package, TestCase
from judge_core.packages import Program as SourceProgram
from sandbox import Command, Ending, InputFile, RunReport
from workers.checkers.programs import PackageProgram, compile_program, validation_limits
from workers.judging.strategies.factory import JudgingContext

_NOT_PROGRAMS = (".viva",)
ACCEPT = 42


def _nothing() -> None:
    """Let the check go on."""


@dataclass(frozen=True, slots=True)
class InputValidation:
    """Runs the input validators of a package on its tests."""

    context: JudgingContext
    before_each: Callable[[], None] = _nothing
    """Called before each input is read. It may raise, to stop the check."""

    def compiled(self, package: Package) -> list[PackageProgram]:
        """The package's input validators, compiled."""
        return [
            compile_program(package, source, self.context.compiler, self.context.languages)
            for source in package.input_validators
            if not is_foreign(source)
        ]

    def refusal(self, package: Package, programs: list[PackageProgram], case: TestCase) -> str | None:
        """The first refusal of a test's input, or ``None`` if every validator accepts it."""
        refusals = (
            self._refusal(package, program, case.input, _flags(case, program)) for program in programs
        )
        return next((each for each in refusals if each is not None), None)

    def faults(self, package: Package) -> Iterator[str]:
        """One line for each refusal of an input by a validator, and for each invalid input that no validator
        refuses."""
        programs = self.compiled(package)
        probes = [case for case in package.validator_tests if not case.name.startswith("invalid_input/")]
        for case in (*(each for each in package.cases if not each.static), *probes):
            for program in programs:
                refusal = self._refusal(package, program, case.input, _flags(case, program))
                if refusal is not None:
                    yield f"{case.name}.in: {program.name} {refusal}"
        if programs:
            yield from self._wrongly_accepted(package, programs)

    def _wrongly_accepted(self, package: Package, programs: list[PackageProgram]) -> Iterator[str]:
        for case in package.validator_tests:
            if case.name.startswith("invalid_input/") and all(
                self._refusal(package, program, case.input, _flags(case, program)) is None
                for program in programs
            ):
                yield f"data/{case.name}.in: is invalid, but every input validator accepts it"

    def _refusal(
        self, package: Package, program: PackageProgram, path: Path, flags: tuple[str, ...]
    ) -> str | None:
        self.before_each()
        compiled = program.program
        report = self.context.sandbox.run(
            Command(
                argv=(*compiled.argv, *flags),
                limits=validation_limits(package, compiled.language, self.context.settings.memory_mb_at_most),
                stdin=path,
                files=tuple(
                    InputFile(file.name, file.content, executable=True) for file in program.folder_files
                ),
                mounts=(compiled.mount,),
                environment=program.environment,
                seccomp_profile=compiled.language.seccomp_profile,
            )
        )
        return refusal_of(report, program)


def refusal_of(report: RunReport, program: PackageProgram) -> str | None:
    """How a validator refused its input, or ``None`` if it accepted it."""
    accepting = (ACCEPT, 0) if program.testlib else (ACCEPT,)
    if report.ending is Ending.EXITED and report.exit_code in accepting:
        return None
    message = (report.stderr or report.stdout)[:300].decode("utf-8", errors="replace").strip()
    how = f"exit code {report.exit_code}" if report.ending is Ending.EXITED else report.ending.value
    return f"refuses it ({how}) {message}".strip()


def is_foreign(source: SourceProgram) -> bool:
    """Whether this is a VIVA file, which needs a program that Gavel does not have."""
    return source.path.suffix in _NOT_PROGRAMS


def _flags(case: TestCase, program: PackageProgram) -> tuple[str, ...]:
    flags = case.settings.input_validator_flags
    if isinstance(flags, tuple):
        return flags
    name = program.name.split("/")[-1]
    return flags.get(name) or flags.get(Path(name).stem) or ()
