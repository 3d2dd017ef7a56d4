"""Chooses the way of trying that a package asks for."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge_api.catalog.packages import Package
from judge_api.catalog.packages import Program as SourceProgram
from judge_api.domain.language import Language
from sandbox import Sandbox
from workers.checkers.contract import Checker
from workers.checkers.programs import compile_program, validation_limits
from workers.checkers.tokens import TokenChecker
from workers.checkers.validator import AllOf, Validator
from workers.judging.compiling import Compiler, Program
from workers.judging.interaction import InteractiveTrial
from workers.judging.passes import MultiPassTrial
from workers.judging.running import Runner, allowance, run_limits
from workers.judging.settings import JudgingSettings
from workers.judging.sources import SourceFile
from workers.judging.trial import AnswerTrial, BatchTrial, Trial


@dataclass(frozen=True, slots=True)
class Bench:
    """What every trial works with."""

    sandbox: Sandbox
    compiler: Compiler
    languages: Mapping[str, Language]
    settings: JudgingSettings


def make_trial(package: Package, program: Program, bench: Bench) -> Trial:
    """The trial of a compiled submission by a package's kind and checker."""
    limits, kind = package.metadata.limits, package.metadata.type
    settings, language = bench.settings, program.language
    allowed = allowance(limits, language, settings)
    box = run_limits(allowed, limits, language)
    runner = Runner(bench.sandbox, program, box, settings.scratch / "output")
    passes = limits.validation_passes if kind.multi_pass else 1
    if kind.interactive:
        validator = make_validator(package, package.output_validators[0], bench)
        again = settings.rerun_borderline
        return InteractiveTrial(bench.sandbox, runner, validator, allowed, passes, settings.scratch, again)
    if kind.multi_pass:
        validator = make_validator(package, package.output_validators[0], bench)
        again = settings.rerun_borderline
        return MultiPassTrial(runner, validator, allowed, language, passes, settings.scratch, again)
    return BatchTrial(runner, make_checker(package, bench), allowed, language, settings.rerun_borderline)


def make_answer_trial(package: Package, files: tuple[SourceFile, ...], bench: Bench) -> Trial:
    """The trial of handed-in answers: a file for each test by its name, or one without a name for all."""
    folder = bench.settings.scratch / "answers"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    answers = {}
    for number, file in enumerate(files):
        path = folder / str(number)
        path.write_bytes(file.content)
        answers[Path(file.name).stem] = path
    return AnswerTrial(answers, make_checker(package, bench))


def make_checker(package: Package, bench: Bench) -> Checker:
    """The package's own validators, or the format's default one."""
    validators = tuple(make_validator(package, each, bench) for each in package.output_validators)
    if not validators:
        return TokenChecker()
    return validators[0] if len(validators) == 1 else AllOf(validators)


def make_validator(package: Package, source: SourceProgram, bench: Bench) -> Validator:
    """One validator, compiled (or found compiled)."""
    program = compile_program(package, source, bench.compiler, bench.languages)
    limits = validation_limits(package, program.program.language, bench.settings.memory_mb_at_most)
    return Validator(bench.sandbox, program, limits, package.metadata.type.scoring)
