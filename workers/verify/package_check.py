"""Checks a package by its own validators, for a verification on the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from judge_core.packages import Package
from workers.judging.errors import PackageBroken
from workers.judging.progress import ProgressListener
from workers.judging.strategies.factory import JudgingContext
from workers.verify.answer_validators import AnswerValidation
from workers.verify.input_validators import InputValidation
from workers.verify.output_validators import answer_faults, output_faults


def package_faults(package: Package, context: JudgingContext, progress: ProgressListener) -> Iterator[str]:
    """One line for each input, answer and output that the package's validators judge otherwise than the
    package says.

    They are the faults of ``gavel problems verify``. A validator that fails ends the check with its reason.
    """
    tick = _Ticker(progress).tick
    try:
        yield from InputValidation(context, tick).faults(package)
        yield from AnswerValidation(context, tick).faults(package)
        yield from output_faults(package, context)
        yield from (line for case, line in answer_faults(package, context) if case.is_sample)
    except PackageBroken as error:
        yield error.reason


@dataclass(frozen=True, slots=True)
class _Ticker:
    """Calls the listener, which stops a cancelled check."""

    progress: ProgressListener

    def tick(self) -> None:
        self.progress.tested(0, 1)
