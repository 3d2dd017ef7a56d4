"""A package that is exported and imported again gives the same verdicts. Parts that a format cannot express
are named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from judge_api.__main__ import main as gavel
from judge_core.packages import BrokenPackage, Package, read_package
from judge_core.packages.formats import ForeignFormat, import_problems
from judge_core.packages.formats.export import ExportFormat, export_package
from judge_core.packages.metadata import Format, ValidatorProtocol
from judge_core.packages.spec import best_score
from tests.golden.conftest import JudgeFixture
from tests.golden.test_imports import imported, on_the_shares, score, verifies

pytestmark = pytest.mark.xdist_group("imports")  # these tests compile the same checkers
PACKAGES = Path(__file__).parents[2] / "problems"
SCORING = {
    "problem.yaml": "problem_format_version: 2023-07-draft\nname: {en: Squares}\ntype: scoring\n"
    "uuid: 4f0e5a2e-9a62-4d3c-8a3f-2f1f1a6f7f11\nlimits: {time_limit: 2, memory: 128}\nkeywords: [easy]\n",
    "statement/problem.en.tex": "Print $n^2$.\n",
    "data/sample/1.in": "3\n",
    "data/sample/1.ans": "9\n",
    "data/secret/test_group.yaml": "scoring: {score: 100}\n",
    "data/secret/1small/test_group.yaml": "scoring: {score: 40}\n",
    "data/secret/1small/1.in": "4\n",
    "data/secret/1small/1.ans": "16\n",
    "data/secret/1small/2.in": "7\n",
    "data/secret/1small/2.ans": "49\n",
    "data/secret/2large/test_group.yaml": "scoring: {score: 60, aggregation: sum}\n",
    "data/secret/2large/1.in": "1000\n",
    "data/secret/2large/1.ans": "1000000\n",
    "data/secret/2large/2.in": "2000\n",
    "data/secret/2large/2.ans": "4000000\n",
    "submissions/accepted/square.py": "print(int(input()) ** 2)\n",
}
WRONG = "n = int(input()); print(n * n if n != {} else 0)"


def exported(package: Package, format: ExportFormat, place: Path) -> tuple[Path, str]:
    target = place / f"{package.slug}.zip"
    return target, "\n".join(map(str, export_package(package, format, target)))


def data_of(package: Package) -> list[tuple[bytes, bytes]]:
    return [
        (case.input.read_bytes(), case.answer.read_bytes() if case.answer else b"") for case in package.cases
    ]


@pytest.mark.slow_on("2023", "legacy")
@pytest.mark.parametrize("format", list(ExportFormat))
def test_an_exported_package_has_the_same_groups_and_points_after_its_import(
    judging: JudgeFixture, tmp_path: Path, format: ExportFormat
) -> None:
    package = read_package(judging.write("squares", SCORING))
    archive, notes = exported(package, format, tmp_path)
    data = data_of(package)
    [problem] = import_problems(archive, tmp_path / "back")
    back = on_the_shares(judging, problem)
    assert not notes or format is ExportFormat.POLYGON
    assert data_of(back) == data
    assert (back.metadata.limits.time, back.metadata.limits.memory) == (2, 128)
    assert back.metadata.names == {"en": "Squares"} and back.metadata.keywords == ("easy",)
    points = {None: 100, 4: 60, 7: 60, 1000: 70, 2000: 70}
    for odd, wanted in points.items():
        assert score(judging, back, WRONG.format(odd)) == wanted


def laid(place: Path, files: dict[str, str]) -> Package:
    """A package of these files, with one accepted submission."""
    for name, text in {"submissions/accepted/echo.py": "print(input())\n", **files}.items():
        path = place / "echo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_package(place / "echo")


def back_again(package: Package, format: ExportFormat, place: Path) -> Package:
    """The exported package, as the judge reads it."""
    archive, _ = exported(package, format, place)
    [problem] = import_problems(archive, place / "back")
    return read_package(problem.folder)


ONE_TEST = {"data/secret/1.in": "1\n", "data/secret/1.ans": "1\n"}
SAMPLE = {"data/sample/1.in": "1\n", "data/sample/1.ans": "1\n"}
V2023 = "problem_format_version: 2023-07-draft\nname: {en: Echo}\nlimits: {time_limit: 1}\n"


@pytest.mark.parametrize("format", list(ExportFormat))
@pytest.mark.parametrize("secret", [{}, {"data/secret/test_group.yaml": "scoring: {score: 100}\n"}])
def test_a_scoring_problem_that_has_only_samples_can_be_exported(
    tmp_path: Path, format: ExportFormat, secret: dict[str, str]
) -> None:
    package = laid(tmp_path, {"problem.yaml": f"{V2023}type: scoring\n", **SAMPLE, **secret})
    assert any(case.is_sample for case in back_again(package, format, tmp_path).cases)


@pytest.mark.parametrize("format", list(ExportFormat))
def test_an_exported_scoring_problem_without_points_has_no_points_after_its_import(
    tmp_path: Path, format: ExportFormat
) -> None:
    files = {
        "problem.yaml": f"{V2023}type: scoring\n",
        "data/secret/test_group.yaml": "scoring: {score: 0}\n",
    }
    package = laid(tmp_path, {**files, **ONE_TEST})
    assert best_score(back_again(package, format, tmp_path)) in (0, None)


@pytest.mark.parametrize("format", [ExportFormat.POLYGON, ExportFormat.KATTIS_LEGACY])
@pytest.mark.parametrize("kind", ["pass-fail", "scoring"])
def test_static_tests_are_left_out_of_an_export_with_a_note(
    tmp_path: Path, format: ExportFormat, kind: str
) -> None:
    files = {
        "problem.yaml": f"{V2023}type: {kind}\n",
        "data/secret/test_group.yaml": "static_validation: true\n",
        "static_validator/check.py": "raise SystemExit(42)\n",
        **ONE_TEST,
    }
    archive, notes = exported(laid(tmp_path, files), format, tmp_path)
    [problem] = import_problems(archive, tmp_path / "back")
    assert len([case for case in read_package(problem.folder).cases if not case.static]) == 1
    assert "static" in notes


@pytest.mark.parametrize("format", [ExportFormat.KATTIS_LEGACY, ExportFormat.DOMJUDGE])
def test_an_exported_package_has_the_same_limits_of_languages_after_its_import(
    tmp_path: Path, format: ExportFormat
) -> None:
    limits = "limits: {time_limit: 1, time_factors: {python3: 5}, memory_extras: {java: 100}}\n"
    package = laid(tmp_path, {"problem.yaml": V2023.replace("limits: {time_limit: 1}\n", limits), **ONE_TEST})
    assert back_again(package, format, tmp_path).metadata.extras == package.metadata.extras


def test_a_legacy_package_keeps_its_validator_protocol_and_required_files_as_2023_07(tmp_path: Path) -> None:
    text = "name: Echo\nvalidation: custom\nvalidator_protocol: testlib\nrequired_files: [echo.py]\n"
    check = {"output_validators/check.cpp": '#include "checks.h"\n'}
    package = laid(tmp_path, {"problem.yaml": f"{text}limits: {{time_limit: 1}}\n", **check, **ONE_TEST})
    metadata = back_again(package, ExportFormat.V2023_07, tmp_path).metadata
    assert metadata.format is Format.V2023_07
    assert (metadata.validator_protocol, metadata.required_files) == (
        ValidatorProtocol.TESTLIB,
        ("echo.py",),
    )


def test_an_exported_legacy_problem_still_minimises_the_score(tmp_path: Path) -> None:
    text = "name: Echo\ntype: scoring\ngrading: {objective: min}\nlimits: {time_limit: 1}\n"
    files = {"problem.yaml": text, "data/secret/testdata.yaml": "on_reject: continue\n", **ONE_TEST}
    _, notes = exported(laid(tmp_path, files), ExportFormat.V2023_07, tmp_path)
    assert back_again(laid(tmp_path, files), ExportFormat.V2023_07, tmp_path).metadata.minimize
    assert "a low score is the aim" in notes


@pytest.mark.parametrize("slug", ["aplusb", "polygonarea", "lighthouse"])
@pytest.mark.parametrize("format", [ExportFormat.KATTIS_LEGACY, ExportFormat.DOMJUDGE])
def test_exported_sample_problems_have_the_same_data_after_their_import(
    tmp_path: Path, slug: str, format: ExportFormat
) -> None:
    package = read_package(PACKAGES / slug)
    archive, _ = exported(package, format, tmp_path)
    [problem] = import_problems(archive, tmp_path / "back")
    back = read_package(problem.folder)
    assert problem.format is (
        ForeignFormat.DOMJUDGE if format is ExportFormat.DOMJUDGE else ForeignFormat.KATTIS
    )
    assert data_of(back) == data_of(package)
    assert back.metadata.type == package.metadata.type
    assert back.metadata.limits.time == package.metadata.limits.time
    assert bool(back.output_validators) == bool(package.output_validators)
    assert {each.name for each in back.submissions} == {each.name for each in package.submissions}
    flags = [case.settings.validator_flags for case in package.cases]
    assert [case.settings.validator_flags for case in back.cases] == flags


@pytest.mark.slow
def test_an_exported_polygon_package_has_the_same_data_after_its_import(
    judging: JudgeFixture, tmp_path: Path
) -> None:
    [problem] = imported("polygon", tmp_path)
    archive, notes = exported(read_package(problem.folder), ExportFormat.POLYGON, tmp_path)
    assert "mixed/maybe.cpp: is left out" in notes
    [back] = import_problems(archive, tmp_path / "back")
    assert data_of(read_package(back.folder)) == data_of(read_package(problem.folder))
    assert verifies(judging, back)


def test_an_exported_domjudge_package_has_no_top_folder(judging: JudgeFixture, tmp_path: Path) -> None:
    archive, _ = exported(read_package(PACKAGES / "aplusb"), ExportFormat.DOMJUDGE, tmp_path)
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        settings = opened.read("domjudge-problem.ini").decode()
    assert "problem.yaml" in names and any(name.startswith("data/secret/") for name in names)
    assert "timelimit = " in settings


def test_an_export_to_polygon_names_the_checker_that_polygon_cannot_use(
    judging: JudgeFixture, tmp_path: Path
) -> None:
    checker = {**SCORING, "output_validators/check.py": "raise SystemExit(42)\n"}
    package = read_package(judging.write("own-checker", checker))
    with pytest.raises(
        BrokenPackage, match=r"output_validators/check.py: is no checker of testlib in one file"
    ):
        export_package(package, ExportFormat.POLYGON, tmp_path / "x.zip")


def test_gavel_problems_export_works_without_a_server(judging: JudgeFixture, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    arguments = [
        "problems",
        "export",
        str(PACKAGES / "aplusb"),
        "--format",
        "kattis-legacy",
        "-o",
        str(target),
    ]
    result = CliRunner().invoke(gavel, arguments)
    assert result.exit_code == 0, result.output
    assert f"{target}: kattis-legacy" in result.output
    with zipfile.ZipFile(target) as opened:
        assert "aplusb/problem_statement/problem.en.md" in opened.namelist()
