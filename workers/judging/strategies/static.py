"""Static validators (2023-07): a package's program looks at a submission's source instead of running it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from judge_core.model.verdict import Verdict
from judge_core.packages import Package, TestCase
from sandbox import Command, InputFile
from workers.checkers.submission_files import SubmissionFiles
from workers.checkers.validator import ValidationRequest, Validator
from workers.judging.compiler import CompiledProgram
from workers.judging.results import CaseRun
from workers.judging.strategies.batch import NOT_RUN, JudgingStrategy
from workers.judging.strategies.factory import JudgingContext, make_validator
from workers.judging.verdict import TestVerdict

_HERE = "submission"
_ENTER = ("/usr/bin/sh", "-c", f'cd /w/{_HERE} && rm -f .keep && exec "$@"', "sh")
"""A static validator may look at whatever lies there: so nothing of ours does, not even the feedback."""


@dataclass(frozen=True, slots=True)
class StaticStrategy:
    """Asks the static validator at static tests, and leaves every other to the trial within."""

    inner: JudgingStrategy
    validator: Validator
    handed: SubmissionFiles

    def attempt(self, case: TestCase) -> CaseRun:
        if not case.static:
            return self.inner.attempt(case)
        report = self.validator.sandbox.run(self._command(case))
        check = self.validator.read(report, ValidationRequest(case, case.input))
        opinion = (
            TestVerdict(Verdict.AC, "")
            if check.accepted
            else TestVerdict(Verdict.WA, "the source is not accepted")
        )
        return CaseRun(case, NOT_RUN, opinion, check)

    def _command(self, case: TestCase) -> Command:
        plain = self.validator.command(ValidationRequest(case, case.input), None)
        program = self.validator.program.program
        words = language_and_entry(self.handed, program)
        argv = (*_ENTER, *program.argv, *words, "/w/feedback/", *case.settings.validator_flags)
        shown = tuple(replace(file, name=f"{_HERE}/{file.name}") for file in self.handed.files)
        files = (*shown, InputFile(f"{_HERE}/.keep", b""), InputFile("feedback/.keep", b""))
        return replace(plain, argv=argv, files=files, mounts=(program.mount,))


def language_and_entry(handed: SubmissionFiles, program: CompiledProgram) -> tuple[str, str]:
    """The language's code and the entry point of what was handed in, as the format names them."""
    language = (handed.program or program).language
    has_classes = language.id in ("java", "kotlin", "scala")
    entry = handed.bundle.main_class if has_classes else handed.bundle.main
    return language.kattis_id or language.id, entry


def with_static_validator(
    trial: JudgingStrategy, package: Package, handed: SubmissionFiles, bench: JudgingContext
) -> JudgingStrategy:
    """The same trial, or one that also asks the package's static validator where a test wants it."""
    if package.static_validator is None or not any(case.static for case in package.cases):
        return trial
    return StaticStrategy(trial, make_validator(package, package.static_validator, bench, handed), handed)
