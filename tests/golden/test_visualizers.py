"""Visualizers of a package draw its tests and a submission's outputs, in the sandbox."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.messages import PICTURE, CustomRun, JudgeRequest, PackageRef
from judge_core.model.account import Tier
from judge_core.model.submission import Verdict
from judge_core.packages import read_package
from judge_core.packages.judging_hash import judging_hash
from tests.golden.conftest import JudgeFixture
from workers.judging.judge import JudgeOptions
from workers.judging.progress import NoProgress
from workers.verify.visualize_command import main
from workers.verify.visualizers import draw_test

Write = Callable[[dict[str, str]], Path]
HEAD = "problem_format_version: 2023-07\nname: X\nuuid: u\nlimits: {time_limit: 1}\n"
DRAW = """import sys
given, answer, args = open(sys.argv[1]).read(), open(sys.argv[2]).read(), sys.argv[3:]
print(f"<svg>{given.strip()} {answer.strip()} {' '.join(args)}</svg>", file=open("testcase.svg", "w"))
"""
VALIDATOR = """import sys
open(sys.argv[3] + "seen", "w").write("seen")
sys.exit(42)
"""
DRAW_OUTPUT = """import sys
seen = open(sys.argv[3] + "seen").read()
image = open(sys.argv[3] + "teamimage.svg", "w")
print(f"<svg>{seen} {sys.stdin.read().strip()} {sys.argv[4:]}</svg>", file=image)
"""
FILES = {
    "problem.yaml": HEAD,
    "input_visualizer/draw.py": DRAW,
    "input_visualizer/README.md": "Draws the test.",
    "output_validator/v.py": VALIDATOR,
    "output_visualizer/draw.py": DRAW_OUTPUT,
    "submissions/accepted/double.py": "print(2 * int(input()))",
    "data/secret/test_group.yaml": "input_visualizer_args: [of, all]\noutput_visualizer_args: [o]\n",
    "data/secret/1.in": "3\n",
    "data/secret/1.ans": "6\n",
    "data/secret/2.in": "4\n",
    "data/secret/2.ans": "8\n",
    "data/secret/2.yaml": "input_visualizer_args: [of, one]\n",
}


def draw(judging: JudgeFixture, monkeypatch: pytest.MonkeyPatch, folder: Path, test: str) -> JudgeRequest:
    monkeypatch.setattr(judging.judge, "_options", JudgeOptions(draw_test=draw_test))
    run = CustomRun((("", None),), draws=test)
    ref = PackageRef(folder.name, "0" * 64)
    return JudgeRequest("id", 1, Tier.NORMAL, "python3", "print(1)", package=ref, run=run)


@pytest.mark.parametrize(("test", "shown"), [("secret/1", "3 6 of all"), ("secret/2", "4 8 of one")])
def test_a_worker_draws_a_test_with_its_arguments(
    judging: JudgeFixture, package: Write, monkeypatch: pytest.MonkeyPatch, test: str, shown: str
) -> None:
    request = draw(judging, monkeypatch, package(FILES), test)
    outcome = judging.judge.judge(JudgeRequest.load(request.dump()), NoProgress())
    drawn = outcome.tests[0]
    assert (outcome.verdict, drawn.name, drawn.output) == (Verdict.AC, PICTURE, "testcase.svg")
    assert base64.b64decode(drawn.output_base64 or "").decode().strip() == f"<svg>{shown}</svg>"


@pytest.mark.parametrize(
    ("program", "test", "why"),
    [
        ("raise SystemExit('no colours')", "secret/1", "drew nothing (exit code 1) no colours"),
        ("while True: pass", "secret/1", "drew nothing (ended by cpu)"),
        ("open('testcase.svg', 'w').write('x' * 3_000_000)", "secret/1", "has more than 2 MiB"),
        ("import os; os.symlink('/etc/passwd', 'testcase.svg')", "secret/1", "drew nothing (exit code 0)"),
        ("pass", "secret/9", "there is no test secret/9"),
        ("pass", "../problem", "there is no test ../problem"),
    ],
)
def test_the_reason_is_given_for_a_test_that_cannot_be_drawn(
    judging: JudgeFixture, package: Write, monkeypatch: pytest.MonkeyPatch, program: str, test: str, why: str
) -> None:
    limits = "limits: {time_limit: 1, validation_time: 1}\n"
    head = {"problem.yaml": HEAD.replace("limits: {time_limit: 1}\n", limits)}
    folder = package({**FILES, **head, "input_visualizer/draw.py": program})
    outcome = judging.judge.judge(draw(judging, monkeypatch, folder, test), NoProgress())
    assert outcome.verdict is Verdict.WA
    assert why in (outcome.tests[0].message or "")


def test_gavel_problems_visualize_writes_pictures_beside_the_tests_and_replaces_old_pictures(
    judging: JudgeFixture, package: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = package({**FILES, "data/secret/1.png": "of an earlier time"})
    assert main([str(folder)]) == 0
    assert (folder / "data/secret/1.svg").read_text() == "<svg>3 6 of all</svg>\n"
    assert not (folder / "data/secret/1.png").exists()
    assert read_package(folder).warnings == read_package(package(FILES)).warnings
    assert main([str(folder), "--test", "secret/2", "--into", str(folder.parent / "drawn")]) == 0
    assert [path.name for path in (folder.parent / "drawn/secret").iterdir()] == ["2.svg"]
    assert main([str(folder), "--test", "none"]) == 2
    assert "no test has a name like none" in capsys.readouterr().out


def test_gavel_problems_visualize_draws_the_outputs_of_a_submission(
    judging: JudgeFixture, package: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = package(FILES)
    assert main([str(folder), "--submission", "double.py", "--into", str(tmp_path)]) == 0
    assert (tmp_path / "secret/1.teamimage.svg").read_text() == "<svg>seen 6 ['o']</svg>\n"
    assert main([str(folder), "--submission", "none.py", "--into", str(tmp_path)]) == 2
    assert "it has accepted/double.py" in capsys.readouterr().out


def test_an_interactive_problem_is_drawn_from_the_validators_feedback(
    judging: JudgeFixture, package: Write, tmp_path: Path
) -> None:
    talks = "import sys\nprint(7, flush=True)\nopen(sys.argv[3] + 'seen', 'w').write(input())\nsys.exit(42)\n"
    files = {
        **FILES,
        "problem.yaml": f"{HEAD}type: interactive\n",
        "output_validator/v.py": talks,
        "submissions/accepted/double.py": "print(2 * int(input()), flush=True)",
    }
    assert main([str(package(files)), "--submission", "double.py", "--into", str(tmp_path)]) == 0
    assert (tmp_path / "secret/1.teamimage.svg").read_text() == "<svg>14  ['o']</svg>\n"


def test_adding_visualizers_and_pictures_does_not_change_the_judging_hash(package: Write) -> None:
    plain = judging_hash(read_package(package(FILES)))
    changed = {**FILES, "input_visualizer/draw.py": "pass", "data/secret/1.svg": "<svg/>"}
    assert judging_hash(read_package(package(changed))) == plain
    assert judging_hash(read_package(package({**FILES, "data/secret/1.in": "5\n"}))) != plain
