"""A package's own grader decides a group's verdict and score. Its faults never count against the
submission."""

from __future__ import annotations

import pytest

from judge_core.model.submission import Verdict
from judge_core.packages import BrokenPackage
from tests.golden.conftest import JudgeFixture
from tests.golden.test_scoring import ECHO_UP_TO, Write, cases
from workers.judging.errors import PackageBroken

HALF = """
import sys
least = int(sys.argv[1])
lines = [line.split() for line in sys.stdin]
good = sum(verdict == "AC" for verdict, score in lines)
print("AC" if good >= least else lines[-1][0], sum(float(score) for _, score in lines))
"""
GRADED = {
    "problem.yaml": "type: scoring\nlimits: {time_limit: 1, memory: 256}\n",
    "data/testdata.yaml": "on_reject: continue\n",
    "data/secret/testdata.yaml": "grading: custom\ngrader_flags: '2'\naccept_score: 10\nreject_score: 1\n",
    "graders/half.py": HALF,
    **cases("secret/1", "secret/2", "secret/3"),
}


@pytest.mark.parametrize(
    ("up_to", "verdict", "score"), [(9, Verdict.AC, 30), (2, Verdict.AC, 21), (1, Verdict.WA, 0)]
)
def test_a_package_s_own_grader_decides_the_verdict_and_the_score(
    judging: JudgeFixture, package: Write, up_to: int, verdict: Verdict, score: float
) -> None:
    outcome = judging.submit(package(GRADED), ECHO_UP_TO.format(up_to))
    assert (outcome.verdict, outcome.score) == (verdict, score)


def test_a_package_s_own_grader_decides_a_pass_fail_problem(judging: JudgeFixture, package: Write) -> None:
    problem = {"problem.yaml": "name: X\nlimits: {time_limit: 1, memory: 256}\n"}
    secret = "on_reject: continue\ngrading: custom\ngrader_flags: '2'\n"
    folder = package({**GRADED, **problem, "data/secret/testdata.yaml": secret})
    assert judging.submit(folder, ECHO_UP_TO.format(2)).verdict is Verdict.AC
    assert judging.submit(folder, ECHO_UP_TO.format(1)).verdict is Verdict.WA


@pytest.mark.parametrize("body", ["print('AC')", "print('YES 1')", "raise SystemExit(1)"])
def test_a_grader_without_a_readable_answer_is_a_fault_of_the_package(
    judging: JudgeFixture, package: Write, body: str
) -> None:
    with pytest.raises(PackageBroken, match="half"):
        judging.submit(package({**GRADED, "graders/half.py": body}), ECHO_UP_TO.format(9))


def test_a_package_that_names_a_missing_grader_is_refused(judging: JudgeFixture, package: Write) -> None:
    files = {name: text for name, text in GRADED.items() if not name.startswith("graders/")}
    with pytest.raises(BrokenPackage, match="graders"):
        judging.submit(package(files), ECHO_UP_TO.format(9))
