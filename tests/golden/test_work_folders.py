"""The work folders of submissions and validators have the right files, and are writable only where they
should be."""

from __future__ import annotations

import shutil

import pytest

from judge_core.languages import load_languages
from judge_core.model.language import Language
from judge_core.model.submission import Verdict
from judge_core.packages import BrokenPackage, read_package
from tests.golden.conftest import JudgeFixture
from tests.golden.test_scoring import Write, cases
from workers.judging.errors import PackageBroken
from workers.judging.judge import Solution
from workers.judging.progress import NoProgress
from workers.judging.sources import SourceFile

V2023 = "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_limit: 1, memory: 256}\n"
WRITES = "open('note', 'w').write('4')\nprint(open('note').read())\n"


@pytest.mark.parametrize(
    ("yaml", "verdict"),
    [
        (V2023, Verdict.RTE),
        (f"{V2023}allow_file_writing: false\n", Verdict.RTE),
        (f"{V2023}allow_file_writing: true\n", Verdict.AC),
        ("name: X\nlimits: {time_limit: 1}\n", Verdict.AC),
    ],
    ids=["unsaid", "no", "yes", "legacy"],
)
def test_a_submission_may_write_files_if_the_problem_allows_file_writing(
    judging: JudgeFixture, package: Write, yaml: str, verdict: Verdict
) -> None:
    assert judging.submit(package({"problem.yaml": yaml}), WRITES).verdict is verdict


@pytest.mark.parametrize("language", load_languages().values(), ids=lambda language: language.id)
@pytest.mark.slow_on("elixir", "erlang", "kotlin", "racket", "scala", "scientific", "typescript", "zig")
def test_every_installed_language_runs_in_a_read_only_work_folder(
    judging: JudgeFixture, package: Write, language: Language
) -> None:
    if not judging.judge.toolchains.offer(judging.sandbox, [language])[language.id].available:
        return
    test = language.self_test
    yaml = V2023.replace("time_limit: 1,", "time_limit: 10,")
    folder = package({"problem.yaml": yaml, "data/secret/1.in": test.stdin, "data/secret/1.ans": test.stdout})
    outcome = judging.submit(folder, test.source, language.id)
    assert outcome.verdict is Verdict.AC, outcome


def test_included_files_are_in_the_work_folder_and_a_test_s_own_files_replace_them(
    judging: JudgeFixture, package: Write
) -> None:
    files = {
        "problem.yaml": V2023,
        "include/default/table.txt": "4",
        "data/secret/1.in": "",
        "data/secret/1.ans": "4\n",
        "data/secret/2.in": "",
        "data/secret/2.ans": "7\n",
        "data/secret/2.files/table.txt": "7",
    }
    outcome = judging.submit(package(files), "print(open('table.txt').read())")
    assert [test.verdict for test in outcome.tests] == [Verdict.AC, Verdict.AC]


def test_too_many_files_of_a_test_are_a_fault_of_the_package(package: Write) -> None:
    many = {f"data/secret/1.files/{number}": "" for number in range(1001)}
    with pytest.raises(BrokenPackage, match=r"data/secret/1.files: has 1001 files"):
        read_package(package({"data/secret/1.in": "", "data/secret/1.ans": "", **many}))


LOOKS = """
import os, sys
sys.exit(42 if sorted(os.listdir(".")) == {} else 43)
"""


@pytest.mark.parametrize(
    ("language", "source", "found"),
    [
        ("python3", "print(4)", ["feedback", "solution.py"]),
        ("c17", "int main(void) { return 0; }", ["feedback", "program", "solution.c"]),
    ],
)
def test_an_output_validator_finds_the_submitted_and_the_compiled_files(
    judging: JudgeFixture, package: Write, language: str, source: str, found: list[str]
) -> None:
    files = {"problem.yaml": V2023, "output_validator/v.py": LOOKS.format(found)}
    assert judging.submit(package(files), source, language).verdict is Verdict.AC
    legacy = {"problem.yaml": "validation: custom\n", "output_validators/v.py": LOOKS.format(["feedback"])}
    folder = package(files)
    shutil.rmtree(folder)
    assert judging.submit(package(legacy), source, language).verdict is Verdict.AC


def test_a_validator_finds_the_submitted_answers(judging: JudgeFixture, package: Write) -> None:
    yaml = V2023 + "type: submit-answer\n"
    validator = LOOKS.format(["1.out", "feedback", "notes.txt"])
    folder = package({"problem.yaml": yaml, "output_validator/v.py": validator})
    handed = (SourceFile("1.out", b"4\n"), SourceFile("notes.txt", b"guessed"))
    solution = Solution(load_languages()["python3"], handed)
    assert judging.judge.judge_solution(read_package(folder), solution, NoProgress()).verdict is Verdict.AC


SCORES = "import sys\nopen(sys.argv[3] + '{name}', 'w').write('0.5')\nsys.exit({code})\n"
GROUPED = {"data/secret/test_group.yaml": "scoring: {aggregation: pass-fail}\n"}
UNBOUNDED = {"data/secret/test_group.yaml": "scoring: {score: unbounded}\n"}


@pytest.mark.parametrize(
    ("name", "code", "more", "words"),
    [
        ("score.txt", 43, {}, "wrote a score and refused the output"),
        ("score_multiplier.txt", 43, {}, "wrote a score and refused the output"),
        ("score.txt", 42, GROUPED, "its group gives all or nothing"),
        ("score_multiplier.txt", 42, UNBOUNDED, "its maximum is unbounded"),
        ("other.txt", 42, UNBOUNDED, "the validator wrote no score.txt"),
    ],
    ids=["score", "multiplier", "all-or-nothing", "multiplier-unbounded", "no-score"],
)
def test_scores_that_format_2023_07_calls_a_judge_error_are_a_fault_of_the_package(
    judging: JudgeFixture, package: Write, name: str, code: int, more: dict[str, str], words: str
) -> None:
    files = {
        "problem.yaml": f"{V2023}type: scoring\n",
        "output_validator/v.py": SCORES.format(name=name, code=code),
        **cases("secret/1"),
        **more,
    }
    with pytest.raises(PackageBroken, match=words):
        judging.submit(package(files), "print(1)")


def test_a_legacy_validator_may_write_points_for_an_output_that_it_refuses(
    judging: JudgeFixture, package: Write
) -> None:
    files = {
        "problem.yaml": "type: scoring\nvalidation: custom score\n",
        "output_validators/v.py": SCORES.format(name="score.txt", code=43),
    }
    assert judging.submit(package(files), "print(1)").verdict is Verdict.WA


def test_more_feedback_than_allowed_is_a_fault_of_the_package(judging: JudgeFixture, package: Write) -> None:
    wordy = "import sys\nopen(sys.argv[3] + 'log', 'w').write('x' * 2_000_000)\nsys.exit(42)\n"
    yaml = "name: X\nvalidation: custom\nlimits: {validation_output: %d}\n"
    for most, broken in ((1, True), (2, False)):
        files = {"problem.yaml": yaml % most, "output_validators/v.py": wordy}
        if broken:
            with pytest.raises(PackageBroken, match=r"more than limits\.validation_output"):
                judging.submit(package(files), "print(4)")
        else:
            assert judging.submit(package(files), "print(4)").verdict is Verdict.AC


def test_a_program_that_is_too_large_cannot_be_started(judging: JudgeFixture, package: Write) -> None:
    source = "char big[300 << 20] = {1};\nint main(void) { return big[5]; }\n"
    outcome = judging.submit(package({}), source, "c17")
    assert outcome.verdict is Verdict.RTE
