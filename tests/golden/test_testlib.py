"""Packages with the real testlib.h work: checkers, validators, interactors, points and exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.model.submission import Outcome, Verdict
from judge_core.packages import Package, inspect_package, read_package
from judge_core.packages.metadata import ValidatorProtocol
from tests.golden.conftest import JudgeFixture
from workers.judging.errors import PackageBroken
from workers.verify.input_validators import InputValidation

pytestmark = pytest.mark.xdist_group("testlib")
TESTLIB = Path(__file__).with_name("testlib") / "testlib.h"
Write = Callable[[dict[str, str]], Path]
CHECKER = """
#include "testlib.h"

// The input says how to end; the output is only read.
int main(int argc, char *argv[]) {
    registerTestlibCmd(argc, argv);
    std::string how = inf.readToken();
    ouf.readToken();
    if (how == "ok") quitf(_ok, "fine");
    if (how == "wa") quitf(_wa, "wrong");
    if (how == "pe") quitf(_pe, "odd");
    if (how == "fail") quitf(_fail, "the jury is wrong");
    if (how == "eof") ouf.readToken();
    if (how == "points") quitp(12.5, "a part");
    if (how == "info") quitpi("12", "no number");
    quitf(_pc(atoi(how.c_str())), "in parts");
}
"""
SCORING = """problem_format_version: 2023-07-draft
name: X
type: scoring
limits: {time_limit: 1, memory: 256}
"""
ECHO = "print(input())\n"


def ends(judging: JudgeFixture, how: str, kind: str = "pass-fail") -> Outcome:
    """The outcome of a submission if the checker ends as ``how`` says. The checker is compiled once for each
    kind."""
    metadata = SCORING if kind == "scoring" else SCORING.replace("type: scoring\n", "")
    folder = judging.write(
        f"testlib-{kind}",
        {
            "problem.yaml": metadata,
            "data/secret/1.in": f"{how}\n",
            "data/secret/1.ans": "x\n",
            "output_validators/checker/check.cpp": CHECKER,
            "output_validators/checker/testlib.h": TESTLIB.read_text(),
        },
    )
    return judging.submit(folder, ECHO)


@pytest.mark.parametrize(
    ("how", "verdict"),
    [
        ("ok", Verdict.AC),
        ("wa", Verdict.WA),
        ("pe", Verdict.WA),
        ("eof", Verdict.WA),
        ("200", Verdict.AC),
        ("0", Verdict.WA),  # _pc(0) ends with the exit code by which testlib accepts
        ("1", Verdict.WA),
        ("100", Verdict.WA),
    ],
)
def test_the_exit_codes_of_codeforces_testlib_give_these_verdicts(
    judging: JudgeFixture, how: str, verdict: Verdict
) -> None:
    assert ends(judging, how).verdict is verdict


@pytest.mark.parametrize(
    ("how", "words"),
    [("fail", "the jury is wrong"), ("points", "not of type scoring"), ("info", "not of type scoring")],
)
def test_a_checker_that_gives_no_verdict_is_a_fault_of_the_package(
    judging: JudgeFixture, how: str, words: str
) -> None:
    with pytest.raises(PackageBroken, match=words):
        ends(judging, how)


@pytest.mark.parametrize(
    ("how", "score"),
    [("ok", 100), ("points", 12.5), ("100", 50), ("1", 0.5), ("200", 100), ("wa", 0), ("0", 0)],
)
def test_points_and_partial_results_of_testlib_become_scores(
    judging: JudgeFixture, how: str, score: float
) -> None:
    assert ends(judging, how, "scoring").score == score


def test_points_that_are_not_a_number_are_a_fault_of_the_package(judging: JudgeFixture) -> None:
    with pytest.raises(PackageBroken, match="no usable number"):
        ends(judging, "info", "scoring")


def test_a_port_of_testlib_uses_the_exit_codes_of_the_package_format(
    judging: JudgeFixture, package: Write
) -> None:
    """DOMjudge's port of testlib has other exit codes in its header, and reads the output from stdin."""
    ported = TESTLIB.read_text().replace("define OK_EXIT_CODE 0\n", "define OK_EXIT_CODE 42\n")
    ported = ported.replace("define WA_EXIT_CODE 1\n", "define WA_EXIT_CODE 43\n")
    checker = """
    #include "testlib.h"
    int main(int, char *argv[]) {
        testlibMode = _checker;
        inf.init(argv[1], _input);
        ans.init(argv[2], _answer);
        ouf.init(stdin, _output);
        quitf(ouf.readInt() == ans.readInt() ? _ok : _wa, "compared");
    }
    """
    folder = package(
        {"output_validators/check/check.cpp": checker, "output_validators/check/testlib.h": ported}
    )
    assert judging.submit(folder, "print(4)").verdict is Verdict.AC
    assert judging.submit(folder, "print(5)").verdict is Verdict.WA


INTERACTOR = """
#include "testlib.h"
#include <iostream>

int main(int argc, char *argv[]) {
    registerInteraction(argc, argv);
    int number = inf.readInt();
    std::cout << number << std::endl;
    if (ouf.readInt() != number * number) quitf(_wa, "no square");
    quitf(_ok, "a square");
}
"""


def test_an_interactor_of_testlib_talks_to_the_submission(judging: JudgeFixture, package: Write) -> None:
    folder = package(
        {
            "problem.yaml": "name: X\nvalidation: custom interactive\nlimits: {time_limit: 1, memory: 256}\n",
            "output_validators/talk/talk.cpp": INTERACTOR,
            "output_validators/talk/testlib.h": TESTLIB.read_text(),
        }
    )
    assert judging.submit(folder, "print(int(input()) ** 2, flush=True)").verdict is Verdict.AC
    assert judging.submit(folder, "print(int(input()) + 1, flush=True)").verdict is Verdict.WA
    late = "print(int(input()) ** 2, flush=True)\nraise SystemExit(7)\n"
    assert judging.submit(folder, late).verdict is Verdict.RTE


VALIDATOR = """
#include "testlib.h"

int main(int argc, char *argv[]) {
    registerValidation(argc, argv);
    inf.readInt(1, 3, "n");
    inf.readEoln();
    inf.readEof();
}
"""


@pytest.mark.slow  # checkers and interactors compile the same header
def test_an_input_validator_with_testlib_refuses_wrong_blanks_and_line_ends(
    judging: JudgeFixture, package: Write
) -> None:
    tests = {"1": "2\n", "2": "4\n", "3": "2", "4": "2\r\n", "5": " 2\n"}
    folder = package(
        {
            "input_validators/val/val.cpp": VALIDATOR,
            "input_validators/val/testlib.h": TESTLIB.read_text(),
            **{f"data/secret/{name}.ans": "\n" for name in tests},
            **{f"data/secret/{name}.in": text for name, text in tests.items()},
        }
    )
    for name, text in tests.items():
        (folder / f"data/secret/{name}.in").write_bytes(text.encode())
    faults = list(InputValidation(judging.judge.context).faults(read_package(folder)))
    assert [fault.split(".")[0] for fault in faults] == [f"secret/{name}" for name in "2345"]


def test_a_package_may_declare_that_its_validators_use_testlib_s_protocol(
    judging: JudgeFixture, package: Write
) -> None:
    """A checker needs this key if its source does not show that it uses testlib's protocol."""
    checker = "import sys\nsys.exit(0 if open(sys.argv[2]).read() == open(sys.argv[3]).read() else 1)\n"
    text = "name: X\nvalidation: custom\nlimits: {time_limit: 1, memory: 256}\nvalidator_protocol: testlib\n"
    folder = package({"problem.yaml": text, "output_validators/check.py": checker})
    assert judging.submit(folder, "print(4)").verdict is Verdict.AC
    assert judging.submit(folder, "print(5)").verdict is Verdict.WA


def faults_of(folder: Path) -> tuple[Package, str]:
    found, faults = inspect_package(folder)
    return found, "\n".join(map(str, faults.found))


def test_an_unknown_protocol_is_an_error_with_its_key(package: Write) -> None:
    text = "name: X\nvalidator_protocol: ejudge\nlimits: {time_limit: 1}\n"
    found, faults = faults_of(package({"problem.yaml": text}))
    assert "problem.yaml:2: validator_protocol: must be one of kattis, testlib, not 'ejudge'" in faults
    assert found.metadata.validator_protocol is ValidatorProtocol.KATTIS
