"""A worker checks a package by its own validators, for a verification on the server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.messages import PACKAGE_CHECK, CustomRun, JudgeRequest, PackageRef
from judge_core.model.account import Tier
from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture
from workers.judging.judge import JudgeOptions
from workers.judging.progress import NoProgress
from workers.verify.package_check import package_faults

EVEN = "import sys\nsys.exit(42 if int(input()) % 2 == 0 else 43)\n"
DOUBLE = "import sys\nsys.exit(42 if int(open(sys.argv[1]).read()) * 2 == int(input()) else 43)\n"
HALF = "import sys\nsys.exit(42 if int(open(sys.argv[1]).read()) * 2 == int(input()) else 43)\n"


@pytest.mark.parametrize(
    ("files", "messages"),
    [
        ({"input_validators/even.py": EVEN}, []),
        (
            {"input_validators/even.py": EVEN, "data/secret/2.in": "3\n", "data/secret/2.ans": "6\n"},
            ["secret/2.in: input_validators/even.py refuses it (exit code 43)"],
        ),
        (
            {"input_validators/even.py": EVEN, "data/invalid_input/1.in": "4\n"},
            ["data/invalid_input/1.in: is invalid, but every input validator accepts it"],
        ),
        (
            {
                "answer_validators/double.py": DOUBLE,
                "data/secret/2.in": "3\n",
                "data/secret/2.ans": "7\n",
            },
            ["secret/2.ans: answer_validators/double.py refuses it (exit code 43)"],
        ),
        (
            {
                "problem.yaml": "name: X\nlimits: {time_limit: 1, memory: 256}\nvalidation: custom\n",
                "output_validators/half.py": HALF,
                "data/sample/1.in": "2\n",
                "data/sample/1.ans": "5\n",
            },
            ["data/sample/1.ans is refused by the output validator: it gave no message"],
        ),
    ],
)
def test_a_worker_checks_a_package_with_the_package_s_own_validators(
    judging: JudgeFixture,
    package: Callable[[dict[str, str]], Path],
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, str],
    messages: list[str],
) -> None:
    folder = package(files)
    monkeypatch.setattr(judging.judge, "_options", JudgeOptions(package_check=package_faults))
    run = CustomRun((("", None),), checks_package=True)
    ref = PackageRef(folder.name, "0" * 64)
    request = JudgeRequest("id", 1, Tier.NORMAL, "python3", "print(1)", package=ref, run=run)
    outcome = judging.judge.judge(JudgeRequest.load(request.dump()), NoProgress())
    assert outcome.verdict is (Verdict.WA if messages else Verdict.AC)
    assert {test.name for test in outcome.tests} == {PACKAGE_CHECK}
    assert [test.message for test in outcome.tests if test.message] == messages
