"""A failed interactive sample shows its transcript. A secret test does so only with full feedback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture
from workers.judging.strategies.interaction import MOST_LINES

Write = Callable[[dict[str, str]], Path]
GUESSING = """
import sys
secret = int(open(sys.argv[1]).read())
for _ in range(3):
    word = sys.stdin.readline().strip()
    guess = int(word) if word.isdigit() else sys.exit(43)
    if guess == secret:
        print("right", flush=True)
        sys.exit(42)
    print("more" if guess < secret else "less", flush=True)
sys.exit(43)
"""
PACKAGE = {
    "problem.yaml": "name: X\nvalidation: custom interactive\nlimits: {time_limit: 1, memory: 256}\n",
    "output_validators/v/v.py": GUESSING,
}
SAMPLE = {"data/sample/1.in": "37\n", "data/sample/1.ans": "", "data/secret/1.in": "5\n"}
WRONG = "for guess in (1, 50, 20):\n    print(guess, flush=True)\n    input()\n"
DIALOGUE = ">1\n<more\n>50\n<less\n>20\n<more"
CRASHES = "print(1, flush=True)\nint(input())\n"
WAITS = "print(1, flush=True)\ninput()\ninput()\n"
TALKS = "while True: print(1, flush=True)\n"


@pytest.mark.parametrize(
    ("source", "verdict", "said"),
    [
        (WRONG, Verdict.WA, DIALOGUE),
        (CRASHES, Verdict.RTE, ">1\n<more"),
        (WAITS, Verdict.TLE, ">1\n<more"),
    ],
    ids=["wrong", "crash", "deadlock"],
)
def test_a_failed_sample_shows_its_transcript(
    judging: JudgeFixture, package: Write, source: str, verdict: Verdict, said: str
) -> None:
    outcome = judging.submit(package({**PACKAGE, **SAMPLE}), source)
    assert outcome.verdict is verdict
    assert outcome.tests[-1].interaction == said


def test_an_accepted_sample_has_no_transcript(judging: JudgeFixture, package: Write) -> None:
    outcome = judging.submit(package({**PACKAGE, **SAMPLE}), "print(37, flush=True)\nprint(input() and '')\n")
    assert outcome.tests[0].verdict is Verdict.AC
    assert [test.interaction for test in outcome.tests] == [None, None]


def test_the_transcript_of_a_secret_test_is_not_shown(judging: JudgeFixture, package: Write) -> None:
    outcome = judging.submit(package({**PACKAGE, "data/secret/1.in": "37\n"}), WRONG)
    assert outcome.verdict is Verdict.WA
    assert [test.interaction for test in outcome.tests] == [None]
    assert "interaction" not in outcome.tests[0].to_json()


def test_a_secret_test_with_full_feedback_shows_its_transcript(judging: JudgeFixture, package: Write) -> None:
    files = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\n"
        "uuid: 5f0f9b8e-0000-4000-8000-000000000001\ntype: interactive\n"
        "limits: {time_limit: 2, memory: 256}\n",
        "output_validator/v.py": GUESSING,
        "data/secret/1.in": "37\n",
        "data/secret/1.ans": "",
        "data/secret/test_group.yaml": "full_feedback: true\n",
    }
    outcome = judging.submit(package(files), WRONG)
    assert outcome.verdict is Verdict.WA
    assert outcome.tests[0].interaction == DIALOGUE


def test_a_long_transcript_is_cut(judging: JudgeFixture, package: Write) -> None:
    endless = {**PACKAGE, **SAMPLE, "output_validators/v/v.py": "import sys\nfor line in sys.stdin: pass\n"}
    outcome = judging.submit(package(endless), "for _ in range(9999): print(1)\nraise SystemExit(1)\n")
    assert outcome.verdict is Verdict.RTE
    lines = (outcome.tests[0].interaction or "").split("\n")
    assert (len(lines), lines[0], lines[-1]) == (MOST_LINES + 1, ">1", "...")
