"""`gavel problems stress` finds an input that a program fails on, makes it smaller, and adds it as a test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.golden.conftest import JudgeFixture
from tests.golden.test_testlib import TESTLIB
from workers.verify.shrink import shrink
from workers.verify.stress_command import main

pytestmark = pytest.mark.xdist_group("testlib")
GENERATOR = """import random, sys
random.seed(int(sys.argv[-1]))
n = random.randint(3, int(sys.argv[1]))
print(n)
print(*(random.randint(1, 1000) for _ in range(n)))
"""
VALIDATOR = """import sys
lines = sys.stdin.read().split("\\n")
ok = len(lines) == 3 and lines[2] == "" and lines[0].isdigit() and int(lines[0]) >= 1
numbers = lines[1].split(" ") if ok else []
ok = ok and len(numbers) == int(lines[0]) and all(x.isdigit() and 1 <= int(x) <= 1000 for x in numbers)
sys.exit(42 if ok else 43)
"""
PACKAGE = {
    "problem.yaml": "problem_format_version: 2023-07-draft\nname: {en: Greatest}\n"
    "uuid: 4f0e5a2e-9a62-4d3c-8a3f-2f1f1a6f7f12\nlimits: {time_limit: 1, memory: 256}\n",
    "statement/problem.en.md": "The greatest number.\n",
    "data/secret/1.in": "1\n5\n",
    "data/secret/1.ans": "5\n",
    "generators/random_list.py": GENERATOR,
    "input_validators/list.py": VALIDATOR,
    "submissions/accepted/max.py": "input(); print(max(map(int, input().split())))\n",
    "submissions/wrong_answer/last.py": "input(); a = input().split()\nprint(max(map(int, a[:-1] or a)))\n",
}


@pytest.fixture
def folder(judging: JudgeFixture, tmp_path: Path) -> Path:
    place = tmp_path / "greatest"
    shutil.copytree(judging.write("greatest", PACKAGE), place)
    return place


@pytest.mark.slow
def test_gavel_stress_finds_a_failing_input_makes_it_smaller_and_adds_the_test(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(folder), "--candidate", "last.py", "--argument=30", "--add"]
    assert main(arguments) == 1
    shown = capsys.readouterr().out
    assert "wrong_answer/last.py got WA" in shown and "made smaller" in shown
    assert (folder / "data/secret/stress01.in").read_text() == "2\n0 1\n".replace("0 1", "1 2")
    assert (folder / "data/secret/stress01.ans").read_text() == "2\n"


def test_gavel_stress_finds_no_difference_between_equal_programs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = folder.parent / "sorted.py"
    other.write_text("input(); print(sorted(map(int, input().split()))[-1])\n")
    assert main([str(folder), "--candidate", str(other), "--argument=9", "--runs", "3"]) == 0
    assert "3 inputs tried, from seed 1" in capsys.readouterr().out


def test_gavel_stress_compares_two_programs_with_the_same_file_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right, wrong = folder.parent / "old" / "max.py", folder.parent / "new" / "max.py"
    for file, source in ((right, "accepted/max.py"), (wrong, "wrong_answer/last.py")):
        file.parent.mkdir()
        shutil.copy(folder / "submissions" / source, file)
    (folder / "input_validators/list.py").unlink()
    compared = ["--reference", str(right), "--candidate", str(wrong)]
    assert main([str(folder), *compared, "--argument=30"]) == 1
    assert "new/max.py got WA" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("changes", "arguments", "words"),
    [
        ({"generators/random_list.py": "print(0)\nprint()\n"}, [], "a validator refuses it (exit code 43)"),
        ({"generators/random_list.py": "raise SystemExit(3)\n"}, [], "random_list.py ended by exit code 3"),
        ({"submissions/accepted/max.py": "raise SystemExit(1)\n"}, ["--argument=9"], "max.py got RTE"),
        ({"generators/other.py": GENERATOR}, [], "name one generator with --generator"),
        (
            {},
            ["--candidate", "nothing.py"],
            "nothing.py is neither a file nor a bundled submission; the package has accepted/max.py",
        ),
    ],
    ids=["invalid", "crash", "reference", "generators", "candidate"],
)
def test_gavel_stress_names_a_fault_of_the_package_with_its_seed(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    arguments: list[str],
    words: str,
) -> None:
    for name, text in changes.items():
        (folder / name).write_text(text)
    assert main([str(folder), "--candidate", "last.py", *arguments]) == 2
    assert words in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.slow
def test_a_generator_of_testlib_writes_inputs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "generators/random_list.py").unlink()
    (folder / "generators/gen.cpp").write_text(
        '#include "testlib.h"\n'
        "int main(int argc, char *argv[]) {\n"
        "    registerGen(argc, argv, 1);\n"
        '    int n = opt<int>("n");\n'
        "    println(n);\n"
        "    println(rnd.perm(n, 1));\n"
        "}\n"
    )
    shutil.copy(TESTLIB, folder / "generators/testlib.h")
    arguments = ["--candidate", "last.py", "--argument=-n=8", "--argument=-seed={seed}"]
    assert main([str(folder), *arguments]) == 1
    assert "wrong_answer/last.py got WA" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "still", "smallest"),
    [
        ("5\n1 2 9 3 4\n", lambda t: _counts(t) and "9" in t.split()[1:], "1\n9\n"),
        ("3\na b\nc d\ne f\n", lambda t: _lines(t) and "c d" in t, "1\nc d\n"),
        ("1000000\n", lambda t: t.strip().isdigit() and int(t) > 100, "101\n"),
        ("keep\n", lambda t: t == "keep\n", "keep\n"),
    ],
    ids=["words", "lines", "numbers", "nothing"],
)
def test_an_input_is_made_smaller_together_with_its_counts(
    text: str, still: Callable[[str], bool], smallest: str
) -> None:
    assert shrink(text, still) == smallest


def _counts(text: str) -> bool:
    words = text.split()
    return text.count("\n") == 2 and words[0].isdigit() and int(words[0]) == len(words) - 1


def _lines(text: str) -> bool:
    lines = text.splitlines()
    return bool(lines) and lines[0].isdigit() and int(lines[0]) == len(lines) - 1
