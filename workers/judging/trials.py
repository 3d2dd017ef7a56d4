"""Chooses the way of trying that a package asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from judge_api.catalog.packages import Package
from judge_api.domain.language import Language
from sandbox import Sandbox
from workers.checkers.contract import Checker
from workers.checkers.tokens import TokenChecker
from workers.judging.compiling import Compiler, Program
from workers.judging.running import Runner, allowance, run_limits
from workers.judging.settings import JudgingSettings
from workers.judging.trial import BatchTrial, Trial


@dataclass(frozen=True, slots=True)
class Bench:
    """What every trial works with."""

    sandbox: Sandbox
    compiler: Compiler
    languages: Mapping[str, Language]
    settings: JudgingSettings


def make_trial(package: Package, program: Program, bench: Bench) -> Trial:
    """The trial of a compiled submission by a package's kind and checker."""
    limits = package.metadata.limits
    allowed = allowance(limits, program.language, bench.settings)
    box = run_limits(allowed, limits, program.language)
    runner = Runner(bench.sandbox, program, box, bench.settings.scratch / "output")
    checker = make_checker(package, bench)
    return BatchTrial(runner, checker, allowed, program.language, bench.settings.rerun_borderline)


def make_checker(package: Package, bench: Bench) -> Checker:
    """The package's own validator, or the format's default one."""
    return TokenChecker()
