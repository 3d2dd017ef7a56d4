"""Thirty packages in the style of five authors, each with a typical mistake or a special case of its format.

`verify` must name the mistake clearly, or get the right verdicts.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from workers.verify.command import main

OK, BROKEN_PROMISE, UNREADABLE = 0, 1, 2
Text = str | bytes


@dataclass(frozen=True)
class Case:
    """A package's files, and the exit status and words that `verify` must give for it."""

    trap: str
    files: Mapping[str, Text]
    status: int = OK
    words: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    zipped: bool = False
    folder: str = "sum"
    without: tuple[str, ...] = ()


SUM = "print(sum(map(int, input().split())))\n"
STATEMENT = {"problem_statement/problem.en.tex": "\\problemname{Sum}\nAdd two numbers.\n"}
TESTS = {
    "data/sample/1.in": "1 2\n",
    "data/sample/1.ans": "3\n",
    "data/secret/1.in": "40 2\n",
    "data/secret/1.ans": "42\n",
}
LIMITS = "limits: {time_limit: 2, memory: 256}\n"
BASE: dict[str, Text] = {
    "problem.yaml": f"name: Sum\n{LIMITS}",
    **STATEMENT,
    **TESTS,
    "submissions/accepted/sum.py": SUM,
}


def crlf(files: Mapping[str, str]) -> dict[str, Text]:
    return {name: text.replace("\n", "\r\n").encode("utf-8-sig") for name, text in files.items()}


BEGINNER = [
    Case(
        "CRLF and a BOM in every file",
        crlf({**{k: str(v) for k, v in BASE.items() if not k.startswith("data")}}) | TESTS,
    ),
    Case(
        "upper-case endings",
        {"data/secret/2.IN": "5 5\n", "data/secret/2.ANS": "10\n"},
        OK,
        ("2.IN", "lower case"),
    ),
    Case("endings of a text editor", {"data/secret/2.in.txt": "5 5\n"}, OK, ("2.in.txt", "tests end in .in")),
    Case(
        "answers end in .out",
        {"data/secret/2.in": "5 5\n", "data/secret/2.out": "10\n"},
        UNREADABLE,
        ("has no .ans file beside it",),
    ),
    Case(
        "Explorer's zip with Thumbs.db and desktop.ini",
        {"data/secret/Thumbs.db": b"\xd0\xcf", "desktop.ini": "[x]\n"},
        OK,
        ("left out", "Thumbs.db"),
        zipped=True,
    ),
    Case(
        "a folder with spaces and capitals",
        {},
        OK,
        ("is no slug: read as sum",),
        folder="My First Problem (1)",
    ),
]

TESTLIB = """#include "testlib.h"
int main(int argc, char *argv[]) { registerTestlibCmd(argc, argv); }
"""
STAND_IN = """#include <cstdio>
#include <cstdlib>
#include <fstream>
static std::ifstream out_, ans_;
static void registerTestlibCmd(int, char *v[]) {
    out_.open(v[2]); ans_.open(v[3]);
    long a, b;
    if (!(out_ >> a) || !(ans_ >> b)) { std::fprintf(stderr, "wrong output format\\n"); std::exit(2); }
    std::fprintf(stderr, a == b ? "ok\\n" : "wrong answer\\n");
    std::exit(a == b ? 0 : 1);
}
"""
POLYGON = [
    Case(
        "a testlib checker, loose beside its header",
        {
            "problem.yaml": f"name: Sum\nvalidation: custom\n{LIMITS}",
            "output_validators/check.cpp": TESTLIB,
            "output_validators/testlib.h": STAND_IN,
            "submissions/wrong_answer/w.py": "print(0)\n",
        },
    ),
    Case("tests without endings", {"tests/01": "1 2\n", "tests/01.a": "3\n"}, OK, ("tests: is not used",)),
    Case("answers end in .a", {"data/secret/2.a": "3\n"}, OK, ("2.a", "answers end in .ans")),
    Case(
        "solutions by Polygon's tags",
        {"submissions/wa/w.py": "print(0)\n"},
        OK,
        ("the format calls it wrong_answer",),
    ),
    Case("problem.xml and nothing else", {"problem.xml": "<problem/>\n"}, OK, ("problem.xml: is not used",)),
    Case(
        "a solution that does not halve its time",
        {"submissions/time_limit_exceeded/t.py": SUM},
        BROKEN_PROMISE,
        ("OLE or TLE",),
    ),
]

VALIDATOR = (
    "import sys\nsys.exit(42 if sys.stdin.read().strip() == open(sys.argv[2]).read().strip() else 43)\n"
)
SCORING = f"name: Sum\ntype: scoring\n{LIMITS}"
GROUPS = {
    **{
        f"data/secret/g{n}/{n}.{end}": text
        for n in (1, 2)
        for end, text in (("in", f"{n} 1\n"), ("ans", f"{n + 1}\n"))
    },
    "data/secret/testdata.yaml": "on_reject: continue\naccept_score: 33.3\nrange: 0 66.6\n",
    "data/testdata.yaml": "grader_flags: ignore_sample\nrange: 0 66.6\n",
    "data/secret/g1/testdata.yaml": "on_reject: break\ngrader_flags: min\nrange: 0 33.3\n",
    "data/secret/g2/testdata.yaml": "on_reject: break\ngrader_flags: min\nrange: 0 33.3\n",
}
NO_SECRET = ("data/secret/1.in", "data/secret/1.ans")
KATTIS = [
    Case(
        "groups inherit accept_score",
        {"problem.yaml": SCORING, **GROUPS},
        OK,
        ("score 66.6",),
        without=NO_SECRET,
    ),
    Case(
        "a tolerance above, on_reject below",
        {
            "data/testdata.yaml": "output_validator_flags: float_tolerance 1e-3\n",
            "data/secret/testdata.yaml": "on_reject: break\n",
            "submissions/accepted/float.py": "print(sum(map(int, input().split())) + 0.0001)\n",
        },
    ),
    Case(
        "flags of the package's own grader",
        {"data/secret/testdata.yaml": "grader_flags: my_rule\n"},
        OK,
        ("my_rule", "no effect"),
    ),
    Case(
        "a header shared by the repository",
        {
            "problem.yaml": f"name: Sum\nvalidation: custom\n{LIMITS}",
            "output_validators/v/v.cpp": '#include "shared.h"\nint main() { return accept(); }\n',
        },
        links={"output_validators/v/shared.h": "../../../shared.h"},
    ),
    Case(
        "no time limit, and a wrong submission that spins",
        {
            "problem.yaml": "name: Sum\n",
            "submissions/wrong_answer/w.py": "print(0)\nfor i in range(10**7): pass\n",
        },
        OK,
        ("(calibrated here)", "accepted/sum.py needs"),
    ),
    Case(
        "a range that does not hold the sum",
        {"problem.yaml": SCORING, "data/secret/testdata.yaml": "range: 0 0.5\n"},
        BROKEN_PROMISE,
        ("outside its range",),
    ),
]

SCORING_2023 = f"problem_format_version: 2023-07\nname: {{en: Sum}}\nuuid: 1\ntype: scoring\n{LIMITS}"
INI = "name='The \"Best\" Sum'\ntimelimit = 1.5 ; seconds\ncolor='#ff0000'\n"
DOMJUDGE = [
    Case(
        "no problem.yaml, and a comment in the ini",
        {"domjudge-problem.ini": INI},
        OK,
        ("time limit 1.5 s",),
        without=("problem.yaml",),
    ),
    Case(
        "a tag in lower case",
        {"submissions/mixed/m.py": "# @expected_results@: wrong-answer\nprint(0)\n"},
        OK,
        ("WA",),
    ),
    Case(
        "a tag that is broken",
        {"submissions/mixed/m.py": f"# @EXPECTED_RESULTS@: WRONG-ANSWER\n{SUM}"},
        BROKEN_PROMISE,
    ),
    Case(
        "endless output that is promised as TIMELIMIT",
        {"submissions/mixed/m.py": "# @EXPECTED_SCORE@: TIMELIMIT\nwhile True: print('x' * 1000)\n"},
        OK,
        ("OLE",),
    ),
    Case("a flat zip", {"domjudge-problem.ini": INI}, OK, ("time limit 2 s",), zipped=True, folder=""),
    Case(
        "a language list of DOMjudge's",
        {"problem.yaml": f"name: Sum\nlanguages: py3, c++17, plg\n{LIMITS}"},
        OK,
        ("'plg' means no language here",),
    ),
]

CRASHES = """from decimal import Decimal
import sys
sys.exit(42 if int(Decimal(input())) in (3, 42) else 43)
"""
SCRIPT = [
    Case(
        "numbers without end",
        {"problem.yaml": "name: Sum\nlimits: {time_limit: inf}\n"},
        UNREADABLE,
        ("limits.time_limit", "from 0.001 to 3600 s"),
    ),
    Case(
        "ten thousand digits",
        {"problem.yaml": f"name: Sum\nlimits: {{memory: {'9' * 10_000}}}\n"},
        UNREADABLE,
        ("limits.memory", "10000 characters"),
    ),
    Case(
        "a link to itself",
        {},
        UNREADABLE,
        ("data/secret/loop", "leads back to itself"),
        links={"data/secret/loop": "loop"},
    ),
    Case(
        "seven shares of a hundred",
        {
            "problem.yaml": SCORING_2023,
            "statement/problem.en.md": "Add.\n",
            **{
                f"data/secret/{n}.{end}": text
                for n in range(1, 8)
                for end, text in (("in", "40 2\n"), ("ans", "42\n"))
            },
            "submissions/submissions.yaml": "accepted: {score: 100}\n",
        },
        OK,
        ("score 100",),
        without=tuple(STATEMENT),
    ),
    Case(
        "a checker that crashes on what it does not know",
        {
            "problem.yaml": f"name: Sum\nvalidation: custom\n{LIMITS}",
            "output_validators/v.py": CRASHES,
            "submissions/wrong_answer/w.py": "print('1e')\n",
        },
        BROKEN_PROMISE,
        ("fault", "InvalidOperation", r"begins with '1e\n'"),
    ),
    Case(
        "a template beside the validators",
        {"input_validators/validate.ctd.template": "x\n", "input_validators/v.py": "raise SystemExit(42)\n"},
        OK,
        ("validate.ctd.template", "no language has its files' extension"),
    ),
]

CASES = [
    pytest.param(case, id=f"{author}: {case.trap}")
    for author, cases in (
        ("beginner", BEGINNER),
        ("polygon", POLYGON),
        ("kattis", KATTIS),
        ("domjudge", DOMJUDGE),
        ("script", SCRIPT),
    )
    for case in cases
]


def lay_out(case: Case, place: Path) -> Path:
    """Write the package as its author would upload it, as a folder or a zip. Returns its path."""
    (place / "shared.h").write_text("inline int accept() { return 42; }\n")
    folder = place / (case.folder or "flat")
    for name, text in {**BASE, **case.files}.items():
        if name in case.without and name not in case.files:
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    for name, target in case.links.items():
        (folder / name).symlink_to(target)
    return pack(case, folder) if case.zipped else folder


def pack(case: Case, folder: Path) -> Path:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for parent, _, names in os.walk(folder):
            for name in names:
                path = Path(parent) / name
                top = f"{case.folder}/" if case.folder else ""
                archive.write(path, f"{top}{path.relative_to(folder).as_posix()}")
    path = folder.with_suffix(".ZIP")
    path.write_bytes(out.getvalue())
    return path


@pytest.mark.parametrize("case", CASES)
def test_a_package_with_a_mistake_gets_a_clear_message_or_the_right_verdicts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: Case
) -> None:
    status = main([str(lay_out(case, tmp_path))])
    printed = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert status == case.status, printed
    assert [word for word in case.words if word not in printed] == [], printed
    assert "Traceback (most recent call last)" not in printed or case.trap.startswith(
        "a checker that crashes"
    )


def test_there_are_thirty_packages() -> None:
    assert len(CASES) == 30
