"""`gavel problems verify` checks that valid outputs of a package are accepted, and invalid outputs
refused."""

from __future__ import annotations

from judge_core.packages import read_package
from tests.golden.conftest import JudgeFixture
from tests.golden.test_scoring import Write
from workers.verify.output_validators import output_faults


def output(folder: str, name: str, text: str) -> dict[str, str]:
    place = f"data/{folder}/{name}"
    return {f"{place}.in": "2\n", f"{place}.ans": "4\n", f"{place}.out": text}


def test_outputs_that_are_judged_as_their_folder_says_are_not_reported(
    judging: JudgeFixture, package: Write
) -> None:
    folder = package({**output("invalid_output", "wrong", "5\n"), **output("valid_output", "fine", " 4")})
    assert list(output_faults(read_package(folder), judging.judge.context)) == []


def test_outputs_that_are_not_judged_as_their_folder_says_are_named(
    judging: JudgeFixture, package: Write
) -> None:
    folder = package({**output("invalid_output", "right", "4\n"), **output("valid_output", "bad", "5\n")})
    first, second = output_faults(read_package(folder), judging.judge.context)
    assert first == "data/invalid_output/right.out: is accepted and should not be"
    assert second.startswith("data/valid_output/bad.out: is refused")
