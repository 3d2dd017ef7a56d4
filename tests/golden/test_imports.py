"""Packages in other judges' formats are imported, and their solutions get the expected verdicts and
scores."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from judge_core.packages import read_package
from judge_core.packages.formats import ForeignFormat, ImportedProblem, import_problems
from judge_core.packages.package import Package
from tests.golden.conftest import JudgeFixture
from workers.verify.command import main

pytestmark = pytest.mark.xdist_group("imports")  # these tests compile the same checkers
IMPORTS = Path(__file__).with_name("imports")
TESTLIB = Path(__file__).with_name("testlib") / "testlib.h"


def lay_out(name: str, place: Path) -> Path:
    """A copy of a package in which testlib.h is in its place, and inner zips are packed."""
    folder = place / name
    shutil.copytree(IMPORTS / name, folder)
    for mark in list(folder.rglob("TESTLIB")):
        shutil.copy(TESTLIB, mark.with_name("testlib.h"))
        mark.unlink()
    for inner in [each for each in folder.rglob("*.zip") if each.is_dir()]:
        packed = inner.with_suffix(".packed")
        pack(inner, packed)
        shutil.rmtree(inner)
        packed.rename(inner)
    return folder


def pack(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return target


def imported(name: str, place: Path) -> list[ImportedProblem]:
    return import_problems(lay_out(name, place), place / "out")


def verifies(judging: JudgeFixture, *problems: ImportedProblem) -> bool:
    folders = [str(each.folder) for each in problems]
    return main([*folders, "--cache", str(judging.caches)]) == 0


def notes_of(problem: ImportedProblem) -> str:
    return "\n".join(map(str, problem.notes))


def score(judging: JudgeFixture, package: Package, source: str) -> float | None:
    return judging.submit(package.folder, source, run_all=True).score


def on_the_shares(judging: JudgeFixture, problem: ImportedProblem) -> Package:
    """Copy the package to a folder that the sandbox may mount, and read it."""
    folder = judging.root / "packages" / problem.folder.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(problem.folder, folder)
    return read_package(folder)


@pytest.mark.parametrize(
    ("name", "format", "slugs"),
    [
        pytest.param("polygon", ForeignFormat.POLYGON, ["two-parts"], marks=pytest.mark.slow),
        pytest.param("polygon-points", ForeignFormat.POLYGON, ["largest-part"], marks=pytest.mark.slow),
        pytest.param("polygon-interactive", ForeignFormat.POLYGON, ["guess-it"], marks=pytest.mark.slow),
        ("dmoj", ForeignFormat.DMOJ, ["hungry"]),
        pytest.param("hydro", ForeignFormat.HYDRO, ["p1042"], marks=pytest.mark.slow),
        pytest.param("qduoj", ForeignFormat.QDUOJ, ["split", "double"], marks=pytest.mark.slow),
        pytest.param("fps", ForeignFormat.FPS, ["two-numbers-one"], marks=pytest.mark.slow),
        pytest.param("cms", ForeignFormat.CMS, ["parti"], marks=pytest.mark.slow),
        ("kattis", ForeignFormat.KATTIS, ["kattis"]),
        pytest.param("codeforces", ForeignFormat.CODEFORCES, ["codeforces"], marks=pytest.mark.slow),
    ],
)
def test_the_solutions_of_an_imported_package_get_their_expected_verdicts(
    judging: JudgeFixture, tmp_path: Path, name: str, format: ForeignFormat, slugs: list[str]
) -> None:
    problems = imported(name, tmp_path)
    assert [each.folder.name for each in problems] == slugs
    assert {each.format for each in problems} == {format}
    assert verifies(judging, *problems)
    assert all((each.folder / "submissions").is_dir() for each in problems)


def test_a_polygon_package_keeps_its_statements_samples_and_tags(
    judging: JudgeFixture, tmp_path: Path
) -> None:
    [problem] = imported("polygon", tmp_path)
    package = read_package(problem.folder)
    assert package.metadata.names == {"en": "Two Parts", "ru": "Две части"}
    assert "Дано число" in (problem.folder / "statement/problem.ru.tex").read_text()
    sample = package.cases[0]
    # The sample has the answer that the statement shows.
    assert sample.answer is not None and sample.answer.read_text() == "4 6\n"
    assert all(b"\r" not in case.input.read_bytes() for case in package.cases)
    names = {each.name for each in package.submissions}
    assert {"mixed/maybe.cpp", "rejected/crash.cpp", "wrong_answer/words.py"} <= names
    assert "6 files had Windows' line ends" in notes_of(problem)
    assert "generators' command lines" in notes_of(problem)
    assert (problem.folder / "generators/gen.cpp").is_file()


@pytest.mark.slow
def test_the_points_and_dependencies_of_polygon_s_groups_are_imported(
    judging: JudgeFixture, tmp_path: Path
) -> None:
    [problem] = imported("polygon-points", tmp_path)
    package = on_the_shares(judging, problem)
    assert score(judging, package, "print(int(input()) - 1)") == 100
    assert score(judging, package, "n = int(input()); print(n - 1 if n < 100 else 0)") == 30
    # By quitp(10) the checker gives 10 points for each of the two tests of the last group.
    assert score(judging, package, "n = int(input()); print(n - 1 if n < 100 else n - 2)") == 50
    # The last group depends on the group that fails.
    assert score(judging, package, "n = int(input()); print(n - 1 if n != 7 else 0)") == 0
    assert "'pretests'" in notes_of(problem)


def test_the_points_and_dependencies_of_dmoj_s_batches_are_imported(
    judging: JudgeFixture, tmp_path: Path
) -> None:
    [problem] = imported("dmoj", tmp_path)
    package = on_the_shares(judging, problem)
    assert package.metadata.limits.time == 2 and package.metadata.limits.memory == 64
    assert score(judging, package, "print(int(input()) ** 2)") == 100
    assert score(judging, package, "n = int(input()); print(n * n if n != 1000 else 0)") == 40
    assert score(judging, package, "n = int(input()); print(n * n if n != 10 else 0)") == 0
    assert "init.yml hints: not carried over" in notes_of(problem)


@pytest.mark.slow  # test_a_cms_subtask_gives_the_lowest_score_of_its_tests imports subtasks too
def test_the_points_of_hydro_s_subtasks_and_checker_are_imported(
    judging: JudgeFixture, tmp_path: Path
) -> None:
    [problem] = imported("hydro", tmp_path)
    package = on_the_shares(judging, problem)
    assert score(judging, package, "print(int(input()) - 1)") == 100
    half = "n = int(input()); print(n - 1 if n != 1000 else n - 2)"
    assert score(judging, package, half) == 85  # the checker gives half of 30 points by quitp(0.5)
    assert score(judging, package, "n = int(input()); print(n - 1 if n != 9 else 0)") == 0
    statement = (problem.folder / "statement/problem.zh.md").read_text()
    assert "input1" not in statement and "样例" not in statement and "(pic.png)" in statement
    assert [case.input.read_text() for case in package.cases if case.is_sample] == ["5\n"]
    assert (problem.folder / "attachments/note.txt").is_file()


def test_the_points_of_a_hoj_checker_are_percentages(judging: JudgeFixture, tmp_path: Path) -> None:
    [problem] = imported("hoj", tmp_path)
    assert "brings no solutions" in notes_of(problem)
    package = on_the_shares(judging, problem)
    assert score(judging, package, "n = int(input()); print(1, n - 1)") == 100
    assert (
        score(judging, package, "n = int(input()); print(1 if n == 2 else 0, n - 1 if n == 2 else n)") == 80
    )
    assert score(judging, package, "print('x')") == 0
    assert package.metadata.keywords == ("入门", "easy")


def test_each_test_of_qduoj_has_its_own_points(judging: JudgeFixture, tmp_path: Path) -> None:
    split, double = imported("qduoj", tmp_path)
    package = on_the_shares(judging, split)
    assert score(judging, package, "n = int(input()); print(0 if n == 2 else 1, n - 1)") == 30
    assert "'Brainfuck'" in notes_of(split) and "'Brainfuck'" not in notes_of(double)
    tests = [case.input.read_text() for case in read_package(double.folder).cases]
    assert tests == ["10\n", "9\n"]  # the tests are in the order of problem.json


def test_an_fps_item_is_imported_with_its_picture_and_its_limits(tmp_path: Path) -> None:
    [problem] = imported("fps", tmp_path)
    package = read_package(problem.folder)
    limits = package.metadata.limits
    assert (limits.time, limits.memory) == (1.5, 64)
    assert package.metadata.names == {"en": "Two Numbers & One"}
    assert (problem.folder / "statement/picture1_a_b.png").read_bytes().startswith(b"\x89PNG")
    assert 'src="picture1_a_b.png"' in (problem.folder / "statement/problem.en.html").read_text()


def test_a_cms_subtask_gives_the_lowest_score_of_its_tests(judging: JudgeFixture, tmp_path: Path) -> None:
    [problem] = imported("cms", tmp_path)
    package = on_the_shares(judging, problem)
    assert score(judging, package, "n = int(input()); print(n // 2, n - n // 2)") == 100
    assert (
        score(judging, package, "n = int(input()); print(0 if n == 5 else 1, n if n == 5 else n - 1)") == 85
    )
    assert [case.settings.full_feedback for case in package.cases] == [True, True, True, False, False]


def test_a_legacy_package_of_kattis_is_converted_to_format_2023_07(tmp_path: Path) -> None:
    [problem] = imported("kattis", tmp_path)
    package = read_package(problem.folder)
    assert package.metadata.declared == "2023-07-draft" and package.metadata.limits.time == 2
    assert package.metadata.authors == ("Ada Author", "Bob Builder")
    assert not list(problem.folder.rglob("testdata.yaml")) and not package.warnings
    assert not problem.notes


def test_the_problems_in_a_zip_are_imported_like_problems_in_a_folder(tmp_path: Path) -> None:
    packed = pack(lay_out("qduoj", tmp_path / "export"), tmp_path / "problem-export.zip")
    problems = import_problems(packed, tmp_path / "out")
    assert [each.folder.name for each in problems] == ["split", "double"]


@pytest.mark.parametrize(("name", "slug"), [("kattis", "kattis"), ("codeforces", "codeforces")])
def test_an_imported_zip_is_named_after_its_folder_or_by_the_given_name(
    tmp_path: Path, name: str, slug: str
) -> None:
    lay_out(name, tmp_path / "export")
    packed = pack(tmp_path / "export", tmp_path / "download.zip")
    [problem] = import_problems(packed, tmp_path / "out")
    assert problem.folder.name == slug
    [named] = import_problems(packed, tmp_path / "out", name="mine")
    assert named.folder.name == "mine"
