"""Does the checker refuse the outputs that the author calls invalid, and accept those called valid?"""

from __future__ import annotations

from collections.abc import Iterator

from judge_api.catalog.packages import Package, TestCase
from judge_api.catalog.packages.package import CaseSettings
from workers.checkers.contract import Checker
from workers.judging.errors import PackageBroken
from workers.judging.trials import Bench, make_checker


def output_faults(package: Package, bench: Bench) -> Iterator[str]:
    """One line for each ``.out`` file of ``data/invalid_output`` and ``data/valid_output`` that is judged
    otherwise.

    Interactive and multi-pass validators are left out: there an output alone says nothing.
    """
    kind = package.metadata.type
    cases = list(_cases(package))
    if not cases or kind.interactive or kind.multi_pass:
        return
    checker = make_checker(package, bench)
    for case, wanted in cases:
        output = case.input.with_suffix(".out")
        check = checker.check(case, output)
        if check.accepted is not wanted:
            said = "is accepted and should not be" if check.accepted else f"is refused: {check.message[:200]}"
            yield f"{output.relative_to(package.folder)}: {said}"


def answer_faults(package: Package, bench: Bench) -> Iterator[tuple[TestCase, str]]:
    """Each test whose answer file the package's own validator does not accept as an output.

    The format lets a custom validator's answer files hold whatever it likes, so this may be meant; in a
    sample, where the answer is shown as an output, it cannot be.
    """
    kind = package.metadata.type
    if kind.interactive or kind.multi_pass or not package.output_validators:
        return
    checker = make_checker(package, bench)
    for case in package.cases:
        words = _refusal(checker, case)
        if words is not None:
            yield case, f"data/{case.name}.ans is refused by the output validator: {words[:200]}"


def _refusal(checker: Checker, case: TestCase) -> str | None:
    if case.answer is None:
        return None
    try:
        check = checker.check(case, case.answer)
    except PackageBroken as error:
        return error.reason
    return None if check.accepted else check.message or "it says nothing"


def _cases(package: Package) -> Iterator[tuple[TestCase, bool]]:
    settings = CaseSettings(validator_flags=package.metadata.validator_flags)
    for name, wanted in (("invalid_output", False), ("valid_output", True)):
        root = package.folder / "data" / name
        for path in sorted(root.rglob("*.in")) if root.is_dir() else ():
            if path.with_suffix(".out").is_file():
                answer = path.with_suffix(".ans")
                found = answer if answer.is_file() else None
                yield TestCase(f"{name}/{path.stem}", path, found, settings), wanted
