"""Verification compares the results of bundled submissions with submissions.yaml."""

from __future__ import annotations

import pytest

from judge_core.languages import load_languages
from judge_core.packages import read_package
from tests.golden.conftest import JudgeFixture
from tests.golden.test_scoring import ECHO_UP_TO, V2023, Write, cases
from workers.judging.errors import PackageBroken
from workers.judging.expectations import matches
from workers.verify.submissions import Match, SubmissionVerifier

BASE = {
    "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_limit: 1, memory: 256}\n",
    "submissions/accepted/all.py": ECHO_UP_TO.format(9),
    "submissions/mine/some.py": ECHO_UP_TO.format(1),
    **cases("sample/1", "secret/2"),
}


@pytest.mark.parametrize(
    ("rules", "match"),
    [
        ("mine: {permitted: [AC, WA], required: [WA]}\n", Match.GOOD),
        ("mine/s*.{py,cpp}: {sample: {permitted: [AC]}, secret: {required: [WA]}}\n", Match.GOOD),
        ("mine/*: {permitted: [AC]}\n", Match.BAD),
        ("mine/some.py: {required: [TLE]}\n", Match.BAD),
        ("accepted: {permitted: [AC]}\n", Match.GOOD),
    ],
)
def test_the_rules_of_submissions_yaml_decide_whether_a_submission_passes(
    judging: JudgeFixture, package: Write, rules: str, match: Match
) -> None:
    folder = package({**BASE, "submissions/submissions.yaml": rules})
    verification = SubmissionVerifier(judging.judge, load_languages(), lambda result: None)
    accepted, mine = verification.verify(read_package(folder))
    assert (accepted.match, mine.match) == (Match.GOOD, match)


@pytest.mark.parametrize(
    ("tag", "note"),
    [
        ("30", None),
        ("30.0, 65", None),
        ("ACCEPTED", None),
        ("65", "score 30, but @EXPECTED_SCORE@ says 65"),
        ("thirty", "'thirty' is no score and no verdict"),
        ("1e400", "'1e400' is no score and no verdict"),
    ],
)
def test_a_submission_must_get_the_score_of_its_expected_score_tag(
    judging: JudgeFixture, package: Write, tag: str, note: str | None
) -> None:
    source = f"# @EXPECTED_SCORE@: {tag}\n{ECHO_UP_TO.format(2)}"
    folder = package({**V2023, "submissions/mixed/some.py": source})
    verification = SubmissionVerifier(judging.judge, load_languages(), lambda result: None)
    (result,) = [each for each in verification.verify(read_package(folder)) if "mixed" in each.submission]
    assert result.match is (Match.BAD if note else Match.GOOD)
    assert (note or "") in result.note


def test_an_expected_score_tag_in_a_pass_fail_problem_is_a_fault(
    judging: JudgeFixture, package: Write
) -> None:
    folder = package({"submissions/accepted/a.py": "# @EXPECTED_SCORE@: 60\nprint(4)\n"})
    verification = SubmissionVerifier(judging.judge, load_languages(), lambda result: None)
    (result,) = verification.verify(read_package(folder))
    assert result.note == "@EXPECTED_SCORE@ is for scoring problems only"


@pytest.mark.parametrize(
    ("rules", "match"),
    [
        ("mine: {score: 65, secret/a: {score: 30}, secret/b: {score: [30, 40]}}\n", Match.GOOD),
        ("mine: {secret/b: {score: 70}}\n", Match.BAD),
        ("mine: {'secret/*': {score: [30, 35]}}\n", Match.GOOD),
        ("mine: {score: 30}\n", Match.BAD),
    ],
)
def test_groups_must_get_their_expected_scores(
    judging: JudgeFixture, package: Write, rules: str, match: Match
) -> None:
    files = {**V2023, "submissions/mine/some.py": ECHO_UP_TO.format(3), "submissions/submissions.yaml": rules}
    verification = SubmissionVerifier(judging.judge, load_languages(), lambda result: None)
    (result,) = verification.verify(read_package(package(files)))
    assert result.match is match, result.note


def test_an_unknown_verdict_in_submissions_yaml_is_named_with_its_line(
    judging: JudgeFixture, package: Write
) -> None:
    folder = package({**BASE, "submissions/submissions.yaml": "mine:\n  permitted: [OK]\n"})
    verification = SubmissionVerifier(judging.judge, load_languages(), lambda result: None)
    with pytest.raises(PackageBroken, match=r"submissions.yaml:2: mine.permitted"):
        verification.verify(read_package(folder))


def test_a_star_in_a_pattern_matches_within_a_name_and_a_folder_matches_its_contents() -> None:
    assert matches("secret/*-easy", "secret/1-easy/deep")
    assert matches("*", "a/b") and not matches("a/*", "a")
    assert not matches("a*c", "a/c") and matches("{x,y}.py", "y.py")


TELLS = """
import sys
said = sys.stdin.read().strip()
open(sys.argv[3] + "judgemessage.txt", "w").write("answer is too small" if said < "5" else "fine")
sys.exit(42 if said >= "5" else 43)
"""


@pytest.mark.parametrize(("message", "match"), [("too small", Match.GOOD), ("too large", Match.BAD)])
def test_an_expected_validator_message_is_checked(
    judging: JudgeFixture, package: Write, message: str, match: Match
) -> None:
    files = {
        **BASE,
        "output_validator/v.py": TELLS,
        "submissions/accepted/all.py": "print(7)\n",
        "submissions/mine/some.py": "print(3)\n",
        "submissions/submissions.yaml": f"mine: {{required: [WA], message: {message}}}\n",
    }
    verification = SubmissionVerifier(judging.judge, load_languages(), lambda result: None)
    accepted, mine = verification.verify(read_package(package(files)))
    assert (accepted.match, mine.match) == (Match.GOOD, match), mine.note


ALL = ECHO_UP_TO.format(9)
READS = "new java.util.Scanner(System.in).nextInt()"
JAVA = "public class {} {{ public static void main(String[] a) {{ System.out.println({}); }} }}\n"


@pytest.mark.slow_on("class")
@pytest.mark.parametrize(
    ("files", "rules"),
    [
        ({"main.py": "print(0)\n", "start.py": "import part\n", "part.py": ALL}, "start.py"),
        ({"Main.java": JAVA.format("Main", 0), "Start.java": JAVA.format("Start", READS)}, "Start"),
        ({"some.py": ALL, "a.cpp": "int x;\n", "b.cpp": "int y;\n"}, "some.py, language: python3"),
    ],
    ids=["python", "java-class", "language"],
)
def test_a_submission_of_several_files_starts_at_its_entry_point_in_submissions_yaml(
    judging: JudgeFixture, package: Write, files: dict[str, str], rules: str
) -> None:
    many = {f"submissions/accepted/many/{name}": text for name, text in files.items()}
    verification = SubmissionVerifier(judging.judge, load_languages(), lambda result: None)
    for yaml, match in ((f"accepted/many: {{entrypoint: {rules}}}\n", Match.GOOD), ("", Match.BAD)):
        slow = BASE["problem.yaml"].replace("time_limit: 1", "time_limit: 5")
        folder = package({**BASE, **many, "problem.yaml": slow, "submissions/submissions.yaml": yaml})
        results = {result.submission: result for result in verification.verify(read_package(folder))}
        assert results["accepted/many"].match is match, results["accepted/many"].note


LEAST = "type: scoring\ngrading: {objective: min}\n"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "it has the best possible score, 30"),
        ({"data/testdata.yaml": "grader_flags: always_accept\nrange: 0 40\naccept_score: 10\n"}, ""),
        ({"problem.yaml": "limits: {time_limit: 1}\n"}, "partially_accepted is for scoring problems only"),
        (
            {
                "problem.yaml": "type: scoring\ngrading: {objective: min}\n",
                "data/testdata.yaml": "range: 3 40\n",
            },
            "it has the best possible score, 3",
        ),
    ],
    ids=["full", "part", "pass-fail", "least"],
)
def test_a_partially_accepted_submission_must_have_less_than_the_full_score(
    judging: JudgeFixture, package: Write, more: dict[str, str], words: str
) -> None:
    files = {
        "problem.yaml": "type: scoring\nlimits: {time_limit: 1}\n",
        "data/testdata.yaml": "grader_flags: always_accept\nrange: 0 30\naccept_score: 10\n",
        "submissions/partially_accepted/all.py": ECHO_UP_TO.format(9),
        **cases("secret/1", "secret/2", "secret/3"),
        **more,
    }
    verification = SubmissionVerifier(judging.judge, load_languages(), lambda result: None)
    (result,) = verification.verify(read_package(package(files)))
    assert (result.match, words in result.note) == (Match.BAD if words else Match.GOOD, True), result.note
