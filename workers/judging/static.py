"""Static validators (2023-07): a package's program looks at a submission's source instead of running it."""

from __future__ import annotations

from dataclasses import dataclass

from judge_api.catalog.packages import Package, TestCase
from judge_api.domain.verdict import Verdict
from sandbox import Command, FileIn
from workers.checkers.validator import Question, Validator
from workers.judging.compiling import Program
from workers.judging.results import CaseRun
from workers.judging.sources import Bundle
from workers.judging.trial import NOTHING_RUN, Trial
from workers.judging.trials import Bench, make_validator
from workers.judging.verdicts import Opinion

_AT = "/w/submission"
_ENTER = ("/usr/bin/sh", "-c", f'mkdir -p {_AT}; cp -rn /s/. {_AT}; cd {_AT} && exec "$@"', "sh")
"""The format wants the submission and what was compiled of it in the working folder, and nothing else."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A submission as a static validator sees it."""

    program: Program
    bundle: Bundle

    @property
    def words(self) -> tuple[str, str]:
        """The language's code and the entry point, as the format names them."""
        language = self.program.language
        has_classes = language.id in ("java", "kotlin", "scala")
        entry = self.bundle.main_class if has_classes else self.bundle.main
        return language.kattis_id or language.id, entry


@dataclass(frozen=True, slots=True)
class StaticTrial:
    """Asks the static validator at static tests, and leaves every other to the trial within."""

    inner: Trial
    validator: Validator
    handed: Handed

    def attempt(self, case: TestCase) -> CaseRun:
        if not case.static:
            return self.inner.attempt(case)
        report = self.validator.sandbox.run(self._command(case))
        check = self.validator.read(report, Question(case, case.input))
        opinion = (
            Opinion(Verdict.AC, "") if check.accepted else Opinion(Verdict.WA, "the source is not accepted")
        )
        return CaseRun(case, NOTHING_RUN, opinion, check)

    def _command(self, case: TestCase) -> Command:
        question = Question(case, case.input)
        plain = self.validator.command(question, None)
        sources = [FileIn(f"submission/{file.name}", file.content) for file in self.handed.bundle.files]
        program = self.validator.program.program
        return Command(
            argv=(*_ENTER, *program.argv, *self.handed.words, "/w/feedback/", *case.settings.validator_flags),
            limits=plain.limits,
            files=(*sources, FileIn("feedback/.keep", b"")),
            mounts=(program.mount, self.handed.program.mount_at("/s")),
            collect=plain.collect,
            environment=plain.environment,
            needs=plain.needs,
        )


def with_static(trial: Trial, package: Package, handed: Handed, bench: Bench) -> Trial:
    """The same trial, or one that also asks the package's static validator where a test wants it."""
    if package.static_validator is None or not any(case.static for case in package.cases):
        return trial
    return StaticTrial(trial, make_validator(package, package.static_validator, bench), handed)
