"""What `gavel problems verify` finds: wrong verdicts, wrong inputs, packages that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from judge_api.catalog.packages import read_package
from tests.golden.conftest import House
from workers.verify import main

Write = Callable[[dict[str, str]], Path]
GOOD = "print(int(input()) ** 2)\n"


def test_a_package_that_keeps_its_promises_is_green(package: Write) -> None:
    files = {"submissions/accepted/a.py": GOOD, "submissions/wrong_answer/b.py": "print(5)\n"}
    assert main([str(package(files))]) == 0


@pytest.mark.parametrize(
    "files",
    [
        {"submissions/wrong_answer/b.py": GOOD, "submissions/accepted/a.py": GOOD},
        {"submissions/accepted/a.py": "print(5)\n"},
        {"submissions/wrong_answer/b.py": "print(5)\n"},
        {"submissions/accepted/a.py": GOOD, "input_validators/v.py": "raise SystemExit(43)\n"},
        {
            "submissions/accepted/a.py": GOOD,
            "input_validators/v.py": "raise SystemExit(42)\n",
            "data/invalid_input/bad.in": "x\n",
        },
    ],
    ids=["right-in-wrong", "wrong-in-right", "none-accepted", "input-refused", "invalid-accepted"],
)
def test_a_package_that_does_not_is_red(package: Write, files: dict[str, str]) -> None:
    assert main([str(package(files))]) == 1


def test_a_package_that_cannot_be_read_is_told_with_its_faults(
    package: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(package({"problem.yaml": "limits: {memory: lots}\n"}))]) == 2
    assert "problem.yaml:1: limits.memory: must be a number" in capsys.readouterr().out


def test_input_validators_get_the_flags_of_their_test(house: House, package: Write) -> None:
    validator = "import sys\nsys.exit(42 if sys.argv[1:] == ['--max', '9'] else 1)\n"
    files = {"input_validators/v.py": validator, "data/testdata.yaml": "input_validator_flags: --max 9\n"}
    assert house.judge.input_faults(read_package(package(files))) == []


def test_a_time_limit_that_nobody_names_is_found_from_the_accepted_submissions(
    house: House, package: Write
) -> None:
    busy = "import time\nwhile time.process_time() < {}: pass\nprint(int(input()) ** 2)\n"
    files = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_resolution: 0.1}\n",
        "submissions/accepted/a.py": busy.format(0.12),
        "submissions/accepted/b.py": GOOD,
    }
    folder = package(files)
    assert house.submit(folder, busy.format(0.2)).verdict.value == "AC"
    slow = house.submit(folder, busy.format(0.6))
    assert slow.tests[0].detail == "CPU time: more than 0.3 s"
