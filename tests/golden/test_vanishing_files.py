"""If files are removed or changed during judging, that is a transient error, and there is no verdict."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from judge_core.messages import JudgeRequest, PackageRef
from judge_core.model.account import Tier
from judge_core.model.submission import Outcome, Verdict
from tests.golden.conftest import JudgeFixture, open_judging
from workers.judging.errors import FilesChanged
from workers.judging.progress import NoProgress
from workers.transient_errors import is_transient

RIGHT = '#include <cstdio>\nint main() { int n; scanf("%d", &n); printf("%d\\n", 2 * n); }  // '
VALIDATOR = "import sys\nsys.exit(42 if sys.stdin.read() == open(sys.argv[2]).read() else 43)\n"
TWO_TESTS = {
    "data/secret/1.in": "2\n",
    "data/secret/1.ans": "4\n",
    "data/secret/2.in": "3\n",
    "data/secret/2.ans": "6\n",
}
WITH_VALIDATOR = {
    **TWO_TESTS,
    "problem.yaml": "problem_format_version: 2023-07\nname: X\nlimits: {time_limit: 1, memory: 256}\n",
    "output_validator/check.py": VALIDATOR,
}


@pytest.fixture(scope="module")
def judging() -> Iterator[JudgeFixture]:
    """A judge with caches of its own, which these tests damage."""
    with open_judging() as opened:
        yield opened


@dataclass
class DamageAfter(NoProgress):
    """Calls ``damage`` after this many tests."""

    tests: int
    damage: Callable[[], object]

    def running(self, tests_total: int) -> None:
        if self.tests == 0:
            self.damage()

    def tested(self, tests_done: int, tests_total: int) -> None:
        if tests_done == self.tests:
            self.damage()


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def zero_programs(judging: JudgeFixture, _folder: Path) -> None:
    for path in judging.root.glob("compiled/*/*/program/**/*"):
        if path.is_file():
            zero(path)


def remove_programs(judging: JudgeFixture, _folder: Path) -> None:
    for path in judging.root.glob("compiled/*"):
        shutil.rmtree(path)


def sweep_scratch(judging: JudgeFixture, _folder: Path) -> None:
    shutil.rmtree(judging.root / "scratch")


def empty_scratch(judging: JudgeFixture, _folder: Path) -> None:
    shutil.rmtree(judging.root / "scratch")
    (judging.root / "scratch").mkdir()


def zero_answers(_judging: JudgeFixture, folder: Path) -> None:
    for path in folder.glob("data/secret/*.ans"):
        zero(path)


def cut_inputs(_judging: JudgeFixture, folder: Path) -> None:
    for path in folder.glob("data/secret/*.in"):
        path.write_bytes(b"")


def remove_tests(_judging: JudgeFixture, folder: Path) -> None:
    shutil.rmtree(folder / "data" / "secret")


DAMAGES_TO_PROGRAMS = [zero_programs, remove_programs]
DAMAGES_TO_TESTS = [zero_answers, cut_inputs, remove_tests]
DAMAGES = [*DAMAGES_TO_PROGRAMS, sweep_scratch, empty_scratch, *DAMAGES_TO_TESTS]


def judge(judging: JudgeFixture, folder: Path, source: str, progress: NoProgress | None = None) -> Outcome:
    package = PackageRef(folder.name, "0" * 64)
    request = JudgeRequest("id", 1, Tier.NORMAL, "cpp20", source, package=package)
    return judging.judge.judge(request, progress or NoProgress())


@pytest.mark.parametrize("files", [TWO_TESTS, WITH_VALIDATOR], ids=["compared", "validated"])
@pytest.mark.parametrize("tests", [0, 1])
@pytest.mark.parametrize("damage", DAMAGES)
def test_an_attempt_whose_package_is_damaged_gives_no_verdict_and_the_next_attempt_succeeds(
    judging: JudgeFixture,
    package: Callable[[dict[str, str]], Path],
    damage: Callable[[JudgeFixture, Path], None],
    tests: int,
    files: dict[str, str],
) -> None:
    folder, source = package(files), RIGHT + str((damage, tests))
    with pytest.raises(FilesChanged) as fault:
        judge(judging, folder, source, DamageAfter(tests, lambda: damage(judging, folder)))
    assert is_transient(fault.value)
    package(files)  # stands for the package cache, which would fetch the package again
    assert judge(judging, folder, source).verdict is Verdict.AC


@pytest.mark.parametrize("damage", DAMAGES_TO_PROGRAMS)
def test_programs_that_were_damaged_before_judging_are_compiled_again(
    judging: JudgeFixture,
    package: Callable[[dict[str, str]], Path],
    damage: Callable[[JudgeFixture, Path], None],
) -> None:
    folder = package(WITH_VALIDATOR)
    assert judge(judging, folder, RIGHT).verdict is Verdict.AC
    damage(judging, folder)
    assert judge(judging, folder, RIGHT).verdict is Verdict.AC


@pytest.mark.slow  # the tests above damage the other files
def test_a_damaged_precompiled_header_does_not_lead_to_a_compile_error(
    judging: JudgeFixture, package: Callable[[dict[str, str]], Path]
) -> None:
    """Precompiled headers are built when they are first needed. Later sources are compiled with them."""
    folder = package(TWO_TESTS)
    source = "#include <iostream>\n" + RIGHT
    assert judge(judging, folder, source + "1").verdict is Verdict.AC
    built = [path for path in judging.root.glob("prepared/*/**/*.gch") if path.is_file()]
    assert built
    for path in built:
        zero(path)
    assert judge(judging, folder, source + "2").verdict is Verdict.AC
    assert judge(judging, folder, source + "3").verdict is Verdict.AC
