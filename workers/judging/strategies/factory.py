"""Chooses the way of trying that a package asks for."""

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
from workers.judging.strategies.batch import BatchStrategy, JudgingStrategy, SubmitAnswerStrategy
from workers.judging.strategies.interactive import InteractiveStrategy
from workers.judging.strategies.multipass import MultipassStrategy
from workers.judging.verdict import Allowance


@dataclass(frozen=True, slots=True)
class JudgingContext:
    """What every trial works with."""

    sandbox: Sandbox
    compiler: Compiler
    languages: Mapping[str, Language]
    settings: JudgingSettings


def make_strategy(
    package: Package, program: CompiledProgram, bundle: SourceBundle, bench: JudgingContext
) -> JudgingStrategy:
    """The trial of a compiled submission by a package's kind and checker."""
    limits, kind = package.metadata.limits, package.metadata.type
    settings, language = bench.settings, program.language
    allowed, handed = allowance_for(limits, language, settings), SubmissionFiles(bundle, program)
    runner = _runner(package, handed, allowed, bench)
    again, passes = settings.rerun_borderline, limits.validation_passes if kind.multi_pass else 1
    if kind.interactive:
        validator = make_validator(package, package.output_validators[0], bench, handed)
        return InteractiveStrategy(bench.sandbox, runner, validator, allowed, passes, settings.scratch, again)
    if kind.multi_pass:
        validator = make_validator(package, package.output_validators[0], bench, handed)
        return MultipassStrategy(runner, validator, allowed, language, passes, settings.scratch, again)
    return BatchStrategy(runner, make_checker(package, bench, handed), allowed, language, again)


def _runner(
    package: Package, handed: SubmissionFiles, allowed: Allowance, bench: JudgingContext
) -> ProgramRunner:
    """The files of a submission lie where it runs, but for a lone one: nobody reads his own source."""
    program, files = handed.program, handed.bundle.files
    assert program is not None
    box = sandbox_limits(allowed, package.metadata.limits, program.language)
    laid = tuple(InputFile(file.name, file.content) for file in files) if len(files) > 1 else ()
    folder = WorkingFolder(laid, package.metadata.may_only_read)
    return ProgramRunner(bench.sandbox, program, box, bench.settings.scratch / "output", folder)


def make_submit_answer_strategy(
    package: Package, files: tuple[SourceFile, ...], bench: JudgingContext
) -> JudgingStrategy:
    """The trial of handed-in answers: a file for each test by its name, or one without a name for all."""
    folder = bench.settings.scratch / "answers"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    answers = {}
    for number, file in enumerate(files):
        path = folder / str(number)
        path.write_bytes(file.content)
        answers[Path(file.name).stem] = path
    named = tuple(SourceFile(file.name or "answers", file.content) for file in files)
    return SubmitAnswerStrategy(
        answers, make_checker(package, bench, SubmissionFiles(SourceBundle(named, (), "", "")))
    )


def make_checker(package: Package, bench: JudgingContext, handed: SubmissionFiles | None = None) -> Checker:
    """The package's own validators, or the format's default one."""
    validators = tuple(make_validator(package, each, bench, handed) for each in package.output_validators)
    if not validators:
        return TokenChecker()
    return validators[0] if len(validators) == 1 else AllValidators(validators)


def make_validator(
    package: Package, source: SourceProgram, bench: JudgingContext, handed: SubmissionFiles | None = None
) -> Validator:
    """One validator, compiled (or found compiled); 2023-07 lays before it what was handed in."""
    program = compile_program(package, source, bench.compiler, bench.languages)
    limits = validation_limits(package, program.program.language, bench.settings.memory_mb_at_most)
    shown = handed if package.metadata.format is Format.V2023_07 else None
    desk = ValidatorFiles(bench.settings.scratch / "feedback", shown)
    return Validator(bench.sandbox, program, limits, desk, _scores(package.metadata))


def _scores(metadata: Metadata) -> ScoreRules:
    if not metadata.type.scoring:
        return ScoreRules.NONE
    return ScoreRules.LEGACY if metadata.is_graded_as_legacy else ScoreRules.ACCEPTED_ONLY
