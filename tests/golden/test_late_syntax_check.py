"""A syntax check after the first run gives the same verdict and message as a check before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from judge_core.languages import load_languages
from judge_core.messages import CustomRun
from judge_core.model.submission import Outcome, Verdict
from judge_core.packages import read_package
from sandbox import Command, RunReport
from tests.golden.conftest import FolderPackages, JudgeFixture
from tests.support.installed import skip_unless_installed
from workers.judging.compile_cache import CompileCache
from workers.judging.judge import Judge, Solution
from workers.judging.progress import NoProgress
from workers.judging.settings import JudgingSettings
from workers.judging.sources import SourceFile

LANGUAGES = load_languages()
PYTHON = {
    "right": "print(int(input()) ** 2)",
    "no newline at the end, BOM": "\ufeffn = int(input())\nprint(n * n)",
    "Windows lines": "n = int(input())\r\nprint(n * n)\r\n",
    "wrong": "print(5)",
    "reads nothing, prints nothing": "pass",
    "empty": "",
    "raises": "print(1 / 0)",
    "exit code": "import sys\nsys.exit(3)",
    "exit code of a syntax error, said by hand": (
        "import sys\nsys.stderr.write('  File \"solution.py\", line 1\\nSyntaxError: invalid syntax\\n')\n"
        "sys.exit(1)"
    ),
    "SyntaxError while it runs": "print(4)\nexec('1 +')",
    "imports a broken module of its own": (
        "open('/tmp/m.py', 'w').write('1 +')\nimport sys\nsys.path.insert(0, '/tmp')\nimport m"
    ),
    "kills itself": "import os\nos.kill(os.getpid(), 9)",
    "colon forgotten": "n = int(input())\nif n > 1\n    print(n)",
    "last line": "print(int(input()) ** 2)\nprint((",
    "indentation": "if True:\nprint(4)",
    "tabs and spaces": "if True:\n        x = 1\n\ty = 2\nprint(4)",
    "open string": "print('4)",
    "Python 2": "print 4",
    "return outside": "print(4)\nreturn",
    "await outside": "await x",
    "nonlocal at the top": "nonlocal n",
    "encoding that is not there": "# coding: klingon\nprint(4)",
    "nested too deep": "(" * 300 + "1" + ")" * 300,
    "future after code": "print(4)\nfrom __future__ import annotations",
    "smart quotes": "print(“4”)",
}
OTHERS = {
    "ruby": ("n = gets.to_i\nputs n * n", "puts 1 +", "raise 'no'", "BEGIN { exit 0 }\nputs (", "exit 1"),
    "perl": (
        "my $n = <STDIN>; print $n * $n, qq(\\n);",
        "print (1 +;",
        "die 'no'",
        "BEGIN { exit 0 }\nprint (",
        "exit 1",
    ),
    "php": (
        "<?php $n = (int) fgets(STDIN); echo $n * $n, PHP_EOL;",
        "<?php echo 1 +;",
        "<?php exit(3);",
        "no tag",
    ),
    "lua": ("n = io.read('n')\nprint(n * n)", "print(1 +", "error('no')", "os.exit(1)"),
    "javascript": (
        "const n = +require('fs').readFileSync(0); console.log(n * n);",
        "console.log(1 +;",
        "throw new Error('SyntaxError: no')",
        "eval('1 +')",
        "process.exit(1)",
        "import fs from 'fs';",
    ),
    "pypy3": ("print(int(input()) ** 2)", "print 4", "raise SyntaxError('no')", "print(5)"),
}
CASES = [("python3", source) for source in PYTHON.values()] + [
    (language, source) for language, sources in OTHERS.items() for source in sources
]
IDS = [*PYTHON, *(f"{language}-{n}" for language, sources in OTHERS.items() for n in range(len(sources)))]


class CountingSandbox:
    """Uses the sandbox of the fixture, and records the programs that it runs."""

    def __init__(self, fixture: JudgeFixture) -> None:
        self._sandbox = fixture.sandbox
        self.isolation = fixture.sandbox.isolation
        self.run_pair = fixture.sandbox.run_pair
        self.cancel = fixture.sandbox.cancel
        self.close = fixture.sandbox.close
        self.commands: list[Command] = []

    def run(self, command: Command) -> RunReport:
        if "version" not in " ".join(command.argv) and command.argv[-1] != "-v":
            self.commands.append(command)
        return self._sandbox.run(command)


class JudgeWithCounter:
    """A judge with an empty compile cache of its own."""

    def __init__(self, fixture: JudgeFixture, folder: Path) -> None:
        self.sandbox = CountingSandbox(fixture)
        settings = JudgingSettings(scratch=folder / "scratch", prepared=fixture.caches / "prepared")
        packages = FolderPackages(fixture.root / "packages")
        self.judge = Judge(self.sandbox, packages, LANGUAGES, CompileCache(folder / "compiled"), settings)

    def submit(self, package: Path, language: str, source: str, *, late: bool = True) -> Outcome:
        known = replace(LANGUAGES[language], check_after_failure=late)
        solution = Solution(known, (SourceFile("", source.encode()),))
        return self.judge.judge_solution(read_package(package), solution, NoProgress())


@pytest.fixture
def judges(judging: JudgeFixture, request: pytest.FixtureRequest) -> Iterator[Callable[[], JudgeWithCounter]]:
    made = iter(range(9))
    place = judging.root / f"late-{abs(hash(request.node.name))}"

    def make() -> JudgeWithCounter:
        folder = place / str(next(made))
        folder.mkdir(parents=True)
        return JudgeWithCounter(judging, folder)

    yield make


@pytest.fixture(scope="module")
def square(judging: JudgeFixture) -> Path:
    files = {
        "problem.yaml": "name: X\nlimits: {time_limit: 2, memory: 256}\n",
        "data/sample/1.in": "3\n",
        "data/sample/1.ans": "9\n",
        "data/secret/1.in": "2\n",
        "data/secret/1.ans": "4\n",
    }
    return judging.write("square", files)


@pytest.mark.parametrize(("language", "source"), CASES, ids=IDS)
def test_the_verdict_and_the_message_do_not_depend_on_when_the_syntax_is_checked(
    judges: Callable[[], JudgeWithCounter], square: Path, language: str, source: str
) -> None:
    skip_unless_installed(language)
    late = judges().submit(square, language, source)
    early = judges().submit(square, language, source, late=False)
    assert late.verdict == early.verdict
    assert [test.verdict for test in late.tests] == [test.verdict for test in early.tests]
    if late.verdict is Verdict.CE:
        assert late.compile_output == early.compile_output


def test_an_accepted_program_starts_its_interpreter_once_for_each_test(
    judges: Callable[[], JudgeWithCounter], square: Path
) -> None:
    judge = judges()
    assert judge.submit(square, "python3", PYTHON["right"]).verdict is Verdict.AC
    assert len(judge.sandbox.commands) == 2
    assert judge.submit(square, "python3", PYTHON["wrong"]).verdict is Verdict.WA
    assert len(judge.sandbox.commands) == 3


def test_the_syntax_of_a_failing_program_is_checked_once_and_the_result_is_kept(
    judges: Callable[[], JudgeWithCounter], square: Path
) -> None:
    judge = judges()
    assert judge.submit(square, "python3", PYTHON["raises"]).verdict is Verdict.RTE
    assert len(judge.sandbox.commands) == 2
    assert judge.submit(square, "python3", PYTHON["raises"]).verdict is Verdict.RTE
    assert len(judge.sandbox.commands) == 3


def test_a_compile_error_of_a_late_syntax_check_is_cached(
    judges: Callable[[], JudgeWithCounter], square: Path
) -> None:
    judge = judges()
    assert judge.submit(square, "python3", PYTHON["Python 2"]).verdict is Verdict.CE
    assert judge.submit(square, "python3", PYTHON["Python 2"]).verdict is Verdict.CE
    assert len(judge.sandbox.commands) == 2


def test_a_syntax_error_is_a_compile_error_even_if_there_is_no_test(
    judging: JudgeFixture, judges: Callable[[], JudgeWithCounter]
) -> None:
    package = judging.write(
        "untested", {"problem.yaml": "name: X\n", "data/secret/1.in": "", "data/secret/1.ans": ""}
    )
    known = LANGUAGES["python3"]
    solution = Solution(known, (SourceFile("", b"print 4"),), samples_only=True)
    outcome = judges().judge.judge_solution(read_package(package), solution, NoProgress())
    assert outcome.verdict is Verdict.CE


@pytest.mark.parametrize("source", [PYTHON["Python 2"], PYTHON["last line"]])
def test_a_custom_run_with_a_syntax_error_is_a_compile_error(judging: JudgeFixture, source: str) -> None:
    outcome = judging.run(source, CustomRun(cases=(("2", None),)))
    assert outcome.verdict is Verdict.CE
    assert "SyntaxError" in (outcome.compile_output or "")
