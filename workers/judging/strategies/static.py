"""Static validators (2023-07): a program of the package judges the submission's source, and the submission is
not run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from judge_core.packages import TestCase
from sandbox import Command, InputFile
from workers.checkers.submission_files import SubmissionFiles
from workers.checkers.validator import ValidationRequest, Validator
from workers.judging.compiler import CompiledProgram
from workers.judging.results import NOT_RUN, CaseRun
from workers.judging.test_runner import JudgingStrategy
from workers.judging.verdict import verdict_from_check

_FOLDER = "submission"
_ENTER_FOLDER = ("/usr/bin/sh", "-c", f'cd /w/{_FOLDER} && rm -f .keep && exec "$@"', "sh")
"""The folder contains only the submission, because a static validator may read everything in it."""


@dataclass(frozen=True, slots=True)
class StaticStrategy:
    """Runs the static validator for static tests, and another strategy for all other tests."""

    strategy: JudgingStrategy
    validator: Validator
    submission: SubmissionFiles

    def run_test(self, case: TestCase) -> CaseRun:
        if not case.static:
            return self.strategy.run_test(case)
        report = self.validator.sandbox.run(self._command(case))
        check = self.validator.result(report, ValidationRequest(case, case.input))
        decision = verdict_from_check(check, "the source is not accepted")
        return CaseRun(case, NOT_RUN, decision, check)

    def _command(self, case: TestCase) -> Command:
        plain = self.validator.command(ValidationRequest(case, case.input), None)
        program = self.validator.program.program
        language, entry = language_and_entry(self.submission, program)
        argv = (
            *_ENTER_FOLDER,
            *program.argv,
            language,
            entry,
            "/w/feedback/",
            *case.settings.validator_flags,
        )
        shown = tuple(replace(file, name=f"{_FOLDER}/{file.name}") for file in self.submission.files)
        files = (*shown, InputFile(f"{_FOLDER}/.keep", b""), InputFile("feedback/.keep", b""))
        return replace(plain, argv=argv, files=files, mounts=(program.mount,))


def language_and_entry(submission: SubmissionFiles, program: CompiledProgram) -> tuple[str, str]:
    """The submission's language code and entry point, as the format names them."""
    submitted = submission.program or program
    entry = submitted.entry if submission.program and submitted.entry else submission.bundle.main
    return submitted.language.kattis_id or submitted.language.id, entry
