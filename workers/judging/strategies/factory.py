"""Chooses the strategy and the checker for a package's type."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge_core.model.language import Language
from judge_core.packages import Package
from judge_core.packages import Program as SourceProgram
from judge_core.packages.metadata import Format, Metadata
from sandbox import InputFile, Sandbox
from workers.checkers.checker import Checker
from workers.checkers.programs import compile_program, validation_limits
from workers.checkers.submission_files import SubmissionFiles
from workers.checkers.token_compare import TokenChecker
from workers.checkers.validator import AllValidators, ScoreRules, Validator, ValidatorFiles
from workers.judging.compiler import CompiledProgram, Compiler
from workers.judging.program_runner import ProgramRunner, WorkingFolder, allowance_for, sandbox_limits
from workers.judging.settings import JudgingSettings
from workers.judging.sources import SourceBundle, SourceFile
from workers.judging.strategies.batch import BatchStrategy
from workers.judging.strategies.interactive import InteractiveStrategy
from workers.judging.strategies.multipass import MultipassStrategy
from workers.judging.strategies.static import StaticStrategy
from workers.judging.strategies.submit_answer import SubmitAnswerStrategy
from workers.judging.test_runner import JudgingStrategy
from workers.judging.verdict import Allowance


@dataclass(frozen=True, slots=True)
class JudgingContext:
    """The objects that strategies, checkers and verification use."""

    sandbox: Sandbox
    compiler: Compiler
    languages: Mapping[str, Language]
    settings: JudgingSettings


def make_strategy(
    package: Package, program: CompiledProgram, bundle: SourceBundle, context: JudgingContext
) -> JudgingStrategy:
    """The strategy for a compiled submission. It follows from the package's type and validators."""
    submission = SubmissionFiles(bundle, program)
    strategy = _by_type(package, program, submission, context)
    if package.static_validator is None or not any(case.static for case in package.cases):
        return strategy
    validator = make_validator(package, package.static_validator, context, submission)
    return StaticStrategy(strategy, validator, submission)


def _by_type(
    package: Package, program: CompiledProgram, submission: SubmissionFiles, context: JudgingContext
) -> JudgingStrategy:
    limits, kind = package.metadata.limits, package.metadata.type
    settings, language = context.settings, program.language
    allowed = allowance_for(limits, language, settings, package.metadata.extras)
    runner = _runner(package, submission, allowed, context)
    rerun, passes = settings.rerun_borderline, limits.validation_passes if kind.multi_pass else 1
    if kind.interactive:
        validator = make_validator(package, package.output_validators[0], context, submission)
        return InteractiveStrategy(
            context.sandbox, runner, validator, allowed, language, passes, settings.scratch, rerun
        )
    if kind.multi_pass:
        validator = make_validator(package, package.output_validators[0], context, submission)
        return MultipassStrategy(runner, validator, allowed, language, passes, settings.scratch, rerun)
    return BatchStrategy(runner, make_checker(package, context, submission), allowed, language, rerun)


def _runner(
    package: Package, submission: SubmissionFiles, allowed: Allowance, context: JudgingContext
) -> ProgramRunner:
    """The runner of the program. If there are several source files, they are put into its working folder."""
    program, files = submission.program, submission.bundle.files
    assert program is not None
    limits = sandbox_limits(allowed, package.metadata.limits, program.language)
    shown = tuple(InputFile(file.name, file.content) for file in files) if len(files) > 1 else ()
    folder = WorkingFolder(shown, package.metadata.may_only_read)
    return ProgramRunner(context.sandbox, program, limits, context.settings.scratch / "output", folder)


def make_submit_answer_strategy(
    package: Package, files: tuple[SourceFile, ...], context: JudgingContext
) -> JudgingStrategy:
    """The strategy for submitted answers: one file per test, by the test's name, or one file without a name
    for all tests."""
    folder = context.settings.scratch / "answers"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    answers = {}
    for number, file in enumerate(files):
        path = folder / str(number)
        path.write_bytes(file.content)
        answers[Path(file.name).stem] = path
    named = tuple(SourceFile(file.name or "answers", file.content) for file in files)
    return SubmitAnswerStrategy(
        answers, make_checker(package, context, SubmissionFiles(SourceBundle(named, (), "")))
    )


def make_checker(
    package: Package, context: JudgingContext, submission: SubmissionFiles | None = None
) -> Checker:
    """The package's own output validators, or the format's default one."""
    validators = tuple(
        make_validator(package, each, context, submission) for each in package.output_validators
    )
    if not validators:
        return TokenChecker()
    return validators[0] if len(validators) == 1 else AllValidators(validators)


def make_validator(
    package: Package,
    source: SourceProgram,
    context: JudgingContext,
    submission: SubmissionFiles | None = None,
) -> Validator:
    """Compile a validator. In the format 2023-07 the validator finds the submission in its working folder."""
    program = compile_program(package, source, context.compiler, context.languages)
    limits = validation_limits(package, program.program.language, context.settings.memory_mb_at_most)
    shown = submission if package.metadata.format is Format.V2023_07 else None
    files = ValidatorFiles(context.settings.scratch / "feedback", shown)
    return Validator(context.sandbox, program, limits, files, _score_rules(package.metadata))


def _score_rules(metadata: Metadata) -> ScoreRules:
    if not metadata.type.scoring:
        return ScoreRules.NONE
    return ScoreRules.LEGACY if metadata.is_graded_as_legacy else ScoreRules.ACCEPTED_ONLY
