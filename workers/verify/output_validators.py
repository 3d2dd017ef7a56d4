"""Runs the output validator on the outputs that the package calls valid or invalid, and on its answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from judge_core.packages import Package, TestCase
from workers.checkers.checker import Checker
from workers.judging.errors import PackageBroken
from workers.judging.strategies.factory import JudgingContext, make_checker


def output_faults(package: Package, context: JudgingContext) -> Iterator[str]:
    """One line for each output that the author calls valid or invalid and that is judged otherwise.

    The outputs are the ``.out`` files of ``data/invalid_output``, ``data/valid_output`` and the samples. In
    ``invalid_output`` and ``valid_output`` the answer files are checked too. Interactive and multi-pass
    validators are left out, since they do not judge an output by itself.
    """
    kind = package.metadata.type
    claims = list(_claims(package))
    if not claims or kind.interactive or kind.multi_pass:
        return
    checker = make_checker(package, context)
    for case, output, wanted in claims:
        check = checker.check(case, output)
        if check.accepted is not wanted:
            problem = (
                "is accepted and should not be" if check.accepted else f"is refused: {check.message[:200]}"
            )
            yield f"{output.relative_to(package.folder)}: {problem}"


def answer_faults(package: Package, context: JudgingContext) -> Iterator[tuple[TestCase, str]]:
    """Each test whose answer file the package's own validator does not accept as an output.

    In the format the answer files of a custom validator may hold anything, so a refusal may be intended. In a
    sample it cannot be intended, since a sample shows its answer as an output.
    """
    kind = package.metadata.type
    if kind.interactive or kind.multi_pass or not package.output_validators:
        return
    checker = make_checker(package, context)
    for case in package.cases:
        message = _refusal(checker, case)
        if message is not None:
            yield case, f"data/{case.name}.ans is refused by the output validator: {message[:200]}"


def _refusal(checker: Checker, case: TestCase) -> str | None:
    if case.answer is None:
        return None
    try:
        check = checker.check(case, case.answer)
    except PackageBroken as error:
        return error.reason
    return None if check.accepted else check.message or "it gave no message"


def _claims(package: Package) -> Iterator[tuple[TestCase, Path, bool]]:
    """Tests with an output, and whether the output should be accepted."""
    for case in package.validator_tests:
        folder = case.name.split("/")[0]
        if folder in ("invalid_output", "valid_output") and case.answer is not None:
            yield case, case.answer, True
            yield from _with_output(case, folder == "valid_output")
    for case in package.cases:
        if case.is_sample and not case.static:
            yield from _with_output(case, True)


def _with_output(case: TestCase, wanted: bool) -> Iterator[tuple[TestCase, Path, bool]]:
    output = case.input.with_suffix(".out")
    if output.is_file():
        yield case, output, wanted
