"""Runs the package's answer validators on the answer of every test. They are an extension by BAPCtools.

An answer validator is called as ``PROGRAM INPUT < ANSWER``, and accepts as an input validator does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from judge_core.packages import Package, TestCase
from sandbox import Command, InputFile, Mount
from workers.checkers.programs import PackageProgram, compile_program, validation_limits
from workers.judging.strategies.factory import JudgingContext
from workers.verify.input_validators import is_foreign, refusal_of

_DATA = "/d"


def _nothing() -> None:
    """Let the check go on."""


@dataclass(frozen=True, slots=True)
class AnswerValidation:
    """Runs the answer validators of a package on its tests."""

    context: JudgingContext
    before_each: Callable[[], None] = _nothing
    """Called before each answer is read. It may raise, to stop the check."""

    def faults(self, package: Package) -> Iterator[str]:
        """One line for each refusal of an answer by a validator. There is no line for interactive and
        multi-pass problems, whose answers are not outputs."""
        kind = package.metadata.type
        if kind.interactive or kind.multi_pass:
            return
        programs = [
            compile_program(package, source, self.context.compiler, self.context.languages)
            for source in package.answer_validators
            if not is_foreign(source)
        ]
        for case in package.cases:
            for program in programs:
                refusal = self._refusal(package, program, case)
                if refusal is not None:
                    yield f"{case.name}.ans: {program.name} {refusal}"

    def _refusal(self, package: Package, program: PackageProgram, case: TestCase) -> str | None:
        if case.static or case.answer is None:
            return None
        self.before_each()
        compiled = program.program
        report = self.context.sandbox.run(
            Command(
                argv=(*compiled.argv, f"{_DATA}/{case.input.name}"),
                limits=validation_limits(package, compiled.language, self.context.settings.memory_mb_at_most),
                stdin=case.answer,
                files=tuple(
                    InputFile(file.name, file.content, executable=True) for file in program.folder_files
                ),
                mounts=(compiled.mount, Mount(case.input.parent, _DATA)),
                environment=program.environment,
                seccomp_profile=compiled.language.seccomp_profile,
            )
        )
        return refusal_of(report, program)
