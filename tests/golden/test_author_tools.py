"""Tools for authors watch a package, show the margins around its time limit, and check its statement."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from judge_api.__main__ import main as gavel
from judge_api.cli.problem_template import ProblemKind, write_template
from judge_core.packages import inspect_package
from tests.golden.conftest import JudgeFixture
from workers.verify.command import main
from workers.verify.limits_report import LanguageMargins, Timed, language_margins, limits_table
from workers.verify.submissions import Match, VerifiedSubmission
from workers.verify.watch import Changes, Watcher, snapshot

Write = Callable[[dict[str, str]], Path]


def warnings_of(folder: Path) -> str:
    return "\n".join(map(str, inspect_package(folder)[1].warnings))


def test_the_watch_command_judges_a_changed_submission_alone_and_goes_on_after_an_error(
    judging: JudgeFixture, tmp_path: Path
) -> None:
    folder = tmp_path / "sum-of-two"
    write_template(folder)
    shown = io.StringIO()
    looks: list[str] = []

    def edits() -> Iterator[Callable[[], object]]:
        yield lambda: (folder / "submissions/accepted/sum.py").write_text(
            "print(sum(map(int, input().split())))\n"
        )
        yield lambda: (folder / "statement/problem.en.md").write_text("Add {{a}}.\n")
        yield lambda: (folder / "problem.yaml").write_text("limits: {memory: lots}\n")

    pending, quiet = edits(), 0

    def wait() -> bool:
        """Make an edit at every other call. At the calls between, the package has not changed."""
        nonlocal quiet
        quiet += 1
        if quiet % 2 == 0:
            return True
        looks.append(shown.getvalue())
        shown.seek(0)
        shown.truncate()
        edit = next(pending, None)
        if edit is None:
            return False
        edit()
        return True

    root = judging.root / "watched"
    Watcher(folder, root, judging.judge, Console(file=shown, width=140), wait).run()
    whole, submission, statement, broken = looks
    assert "accepted/sum.py" in whole and "wrong_answer/difference.py" in whole
    assert "accepted/sum.py" in submission and "difference.py" not in submission
    assert "{{a}} is shown as it is" in statement and "sum.py" not in statement
    assert "problem.yaml:1: limits.memory:" in broken


@pytest.mark.parametrize(
    ("names", "changes"),
    [
        ((), None),
        (("submissions/accepted/a.py",), Changes(submissions=frozenset({"accepted/a.py"}))),
        (("submissions/accepted/a/x.h",), Changes(submissions=frozenset({"accepted/a"}))),
        (("statement/problem.en.md",), Changes(statement=True)),
        (("submissions/accepted/a.py", "data/secret/1.in"), Changes(everything=True)),
        (("problem.yaml",), Changes(everything=True)),
        (("submissions/submissions.yaml",), Changes(everything=True)),
    ],
)
def test_a_changed_file_decides_what_is_checked_again(
    names: tuple[str, ...], changes: Changes | None
) -> None:
    before = {"problem.yaml": (1, 1), "submissions/accepted/a.py": (1, 1)}
    assert Changes.between(before, {**before, **dict.fromkeys(names, (2, 1))}) == changes


def test_after_a_test_was_deleted_the_whole_package_counts_as_changed(tmp_path: Path) -> None:
    (tmp_path / "p/data").mkdir(parents=True)
    (tmp_path / "p/data/1.in").write_text("1")
    before = snapshot(tmp_path / "p")
    shutil.rmtree(tmp_path / "p/data")
    assert Changes.between(before, snapshot(tmp_path / "p")) == Changes(everything=True)


@pytest.mark.slow
def test_the_limits_report_runs_too_slow_submissions_longer_to_measure_their_time(
    package: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    spin = "import time\nwhile time.process_time() < 1.0: pass\nprint(int(input()) ** 2)\n"
    files = {
        "problem.yaml": "name: X\nlimits: {time_limit: 0.5, memory: 256}\n",
        "submissions/accepted/a.py": "print(int(input()) ** 2)\n",
        "submissions/time_limit_exceeded/slow.py": spin,
        "submissions/time_limit_exceeded/never.py": "while True: pass\n",
    }
    assert main([str(package(files)), "--limits"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "fastest too slow" in printed and "time_limit_exceeded/slow.py: 1." in printed.replace("│ ", "")


def test_the_margins_compare_the_limit_with_the_slowest_accepted_and_the_fastest_slow_program(
    package: Write,
) -> None:
    def result(name: str, verdict: str, ms: int) -> VerifiedSubmission:
        return VerifiedSubmission(name, Match.GOOD, verdict, verdict, "python3", ms)

    folder = package({"problem.yaml": "name: X\nlimits: {time_limit: 1}\n"})
    found, _ = inspect_package(folder)
    results = [
        result("accepted/a.py", "AC", 100),
        result("accepted/b.py", "AC", 250),
        result("accepted/wrong.py", "WA", 500),
        result("accepted/slow.py", "TLE", 1100),
        result("time_limit_exceeded/c.py", "TLE", 1100),
        result("time_limit_exceeded/d.py", "TLE", 1100),
    ]
    again = {
        "accepted/slow.py": result("accepted/slow.py", "AC", 3000),
        "time_limit_exceeded/c.py": result("time_limit_exceeded/c.py", "TLE", 4400),
        "time_limit_exceeded/d.py": result("time_limit_exceeded/d.py", "AC", 2000),
    }
    [row] = language_margins(found, results, again)
    assert row == LanguageMargins(
        "Python 3 (CPython)", 1.0, Timed("accepted/b.py", 0.25), Timed("time_limit_exceeded/d.py", 2.0)
    )
    assert row.margins == "4.0 times above the slowest accepted, 2.0 times below the fastest too slow"


def test_the_limits_report_shows_a_time_limit_without_needless_digits(package: Write) -> None:
    limits = "limits: {time_limit: 0.1, time_factors: {python3: 3}}"
    found, _ = inspect_package(package({"problem.yaml": f"name: X\n{limits}\n"}))
    judged = VerifiedSubmission("accepted/a.py", Match.GOOD, "AC", "AC", "python3", 100)
    console = Console(width=200)
    with console.capture() as printed:
        console.print(limits_table(tuple(language_margins(found, [judged], {}))))
    assert "0.3 s" in printed.get() and "0.30" not in printed.get()


NEW = "problem_format_version: 2023-07-draft\nname: {en: X}\nuuid: 4f0e5a2e-9a62-4d3c-8a3f-2f1f1a6f7f13\n"


def test_the_warning_about_an_undefined_constant_has_its_line(package: Write) -> None:
    files = {
        "problem.yaml": f"{NEW}constants: {{most: 5}}\nlimits: {{time_limit: 1}}\n",
        "statement/problem.en.md": "Up to {{most}}.\n\nAt least {{leest}}.\n\n{{nextsample}}\n",
    }
    warnings = warnings_of(package(files))
    assert "statement/problem.en.md:3: {{leest}} is shown as it is: problem.yaml defines no such" in warnings
    assert "most" not in warnings and "nextsample" not in warnings


def test_double_braces_of_latex_are_not_taken_for_constants(package: Write) -> None:
    files = {"problem.yaml": NEW, "statement/problem.en.tex": "$a_{{n}}$\n"}
    assert "{{n}}" not in warnings_of(package(files))


def test_there_is_a_warning_for_a_sample_that_is_not_shown(package: Write) -> None:
    files = {
        "problem.yaml": f"{NEW}type: interactive\nlimits: {{time_limit: 1}}\n",
        "output_validator/v.py": "import sys\nsys.exit(42)\n",
        "data/sample/1.in": "1\n",
        "data/sample/2.in": "1\n",
        "data/sample/2.interaction": ">1\n",
    }
    warnings = warnings_of(package(files))
    assert "data/sample/1.in: is not shown: put a conversation beside it" in warnings
    assert "data/sample/2.in" not in warnings


def test_there_is_a_warning_for_a_sample_that_is_shown_cut(package: Write) -> None:
    files = {"data/sample/1.in": "1" * 70_000, "data/sample/1.ans": "1\n"}
    assert "data/sample/1.in: is shown cut after 64 KiB: give a shorter one" in warnings_of(package(files))


def test_problems_new_makes_a_package_of_the_named_kind_or_pass_fail(tmp_path: Path) -> None:
    runner = CliRunner()
    for arguments, kind in (([], ProblemKind.PASS_FAIL), (["--kind", "function"], ProblemKind.FUNCTION)):
        folder = tmp_path / kind
        result = runner.invoke(gavel, ["problems", "new", str(folder), *arguments])
        assert result.exit_code == 0, result.output
        assert (folder / "include").is_dir() is (kind is ProblemKind.FUNCTION)
