"""Is every test's input what the problem promises? The package's input validators say, each run in a box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from judge_core.model.language import Language
from judge_core.packages import Package, TestCase
from judge_core.packages import Program as SourceProgram
from sandbox import Command, Ending, InputFile, Sandbox
from workers.checkers.programs import PackageProgram, compile_program, validation_limits
from workers.judging.compiler import Compiler

_NOT_PROGRAMS = (".viva",)
ACCEPT = 42


@dataclass(frozen=True, slots=True)
class InputValidation:
    """Runs the input validators of a package on its tests."""

    sandbox: Sandbox
    compiler: Compiler
    languages: Mapping[str, Language]
    most_mb: int

    def faults(self, package: Package) -> Iterator[str]:
        """What is wrong, one line each: inputs that are refused, and invalid ones that nobody refuses."""
        validators = [source for source in package.input_validators if not _is_foreign(source)]
        programs = [compile_program(package, source, self.compiler, self.languages) for source in validators]
        probes = [case for case in package.probes if not case.name.startswith("invalid_input/")]
        for case in (*(each for each in package.cases if not each.static), *probes):
            for program in programs:
                said = self._refusal(package, program, case.input, _flags(case, program))
                if said is not None:
                    yield f"{case.name}.in: {program.name} {said}"
        if programs:
            yield from self._wrongly_accepted(package, programs)

    def _wrongly_accepted(self, package: Package, programs: list[PackageProgram]) -> Iterator[str]:
        for case in package.probes:
            if case.name.startswith("invalid_input/") and all(
                self._refusal(package, program, case.input, _flags(case, program)) is None
                for program in programs
            ):
                yield f"data/{case.name}.in: is invalid, but every input validator accepts it"

    def _refusal(
        self, package: Package, program: PackageProgram, path: Path, flags: tuple[str, ...]
    ) -> str | None:
        compiled = program.program
        report = self.sandbox.run(
            Command(
                argv=(*compiled.argv, *flags),
                limits=validation_limits(package, compiled.language, self.most_mb),
                stdin=path,
                files=tuple(InputFile(file.name, file.content, executable=True) for file in program.beside),
                mounts=(compiled.mount,),
                environment=program.environment,
                seccomp_profile=compiled.language.seccomp_profile,
            )
        )
        accepting = (ACCEPT, 0) if program.testlib else (ACCEPT,)
        if report.ending is Ending.EXITED and report.exit_code in accepting:
            return None
        words = (report.stderr or report.stdout)[:300].decode("utf-8", errors="replace").strip()
        how = f"exit code {report.exit_code}" if report.ending is Ending.EXITED else report.ending.value
        return f"refuses it ({how}) {words}".strip()


def _is_foreign(source: SourceProgram) -> bool:
    """VIVA files need a program of their own, which is not here."""
    return source.path.suffix in _NOT_PROGRAMS


def _flags(case: TestCase, program: PackageProgram) -> tuple[str, ...]:
    flags = case.settings.input_validator_flags
    if isinstance(flags, tuple):
        return flags
    name = program.name.split("/")[-1]
    return flags.get(name) or flags.get(Path(name).stem) or ()
