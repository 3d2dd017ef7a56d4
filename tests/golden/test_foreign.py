"""Packages in the style of other judges are read, and every bundled submission gets its expected verdict."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from judge_core.languages import load_languages
from judge_core.model.problem import ProblemSpec
from judge_core.model.submission import Verdict
from judge_core.packages import BrokenPackage, Package, inspect_package, read_package
from judge_core.packages.spec import problem_spec
from judge_core.packages.statements import render_statements
from tests.golden.conftest import JudgeFixture
from workers.judging.sources import main_language
from workers.verify.command import main

FOREIGN = Path(__file__).with_name("foreign")
SLUGS = sorted(path.parent.name for path in FOREIGN.glob("*/problem.yaml"))


def lay_out(judging: JudgeFixture, slug: str) -> Path:
    folder = judging.root / "packages" / slug
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(FOREIGN / slug, folder)
    for source in folder.rglob("validate.cc"):
        shutil.copy(FOREIGN / "validate.h", source.with_name("validate.h"))
    return folder


def spec_of(package: Package) -> ProblemSpec:
    return problem_spec(package, "0" * 64, render_statements(package).statements)


LONG = ("different", "guess")
"""These packages have a program that is stopped only after many times the limit, on every test."""
SLOW = ("boolfind", "bplusa", "expected", "maximal", "twice", "weird")
"""These packages compile several programs. Other packages in the same style remain in `make test`."""


def _cost(slug: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.long] * (slug in LONG) + [pytest.mark.slow] * (slug in SLOW)


@pytest.mark.parametrize("slug", [pytest.param(slug, marks=_cost(slug)) for slug in SLUGS])
def test_a_package_in_the_style_of_another_judge_passes_verification(
    judging: JudgeFixture, slug: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = main([str(lay_out(judging, slug)), "--cache", str(judging.caches)])
    assert ending == 0, capsys.readouterr().out


def test_an_unusual_latex_statement_is_shown_completely(judging: JudgeFixture) -> None:
    spec = spec_of(read_package(lay_out(judging, "weird")))
    shown = spec.statements[0].html
    assert spec.name == "Weird Sum"
    for words in (
        "<em>else</em>",
        "http://pictures.example",
        'colspan="2" align="center">both',
        "Beside",
        "their sum",
    ):
        assert words in shown, words
    assert shown.count("/problems/weird/files/problem_statement/pic.png") == 3
    assert "problemname" not in shown and "a^{2}" not in shown


def test_the_values_of_constants_are_filled_into_the_statement(judging: JudgeFixture) -> None:
    spec = spec_of(read_package(lay_out(judging, "constant")))
    assert spec.statements[0].html == "<p>From 5 (five) to 6, not {{SEVEN}}.</p>\n"


def test_a_python_2_program_is_not_taken_for_a_known_language(judging: JudgeFixture) -> None:
    programs = {each.name: each for each in read_package(lay_out(judging, "different")).submissions}
    assert main_language(programs["accepted/old.py"], load_languages()) is None
    assert main_language(programs["accepted/different.cc"], load_languages()) is not None


def bundled(
    judging: JudgeFixture, folder: Path, name: str, language: str = "python3"
) -> tuple[Verdict, float | None]:
    outcome = judging.submit(folder, (folder / "submissions" / name).read_text(), language)
    return outcome.verdict, outcome.score


def test_legacy_groups_are_scored_in_a_package_of_the_2023_07_draft(judging: JudgeFixture) -> None:
    folder = lay_out(judging, "oddecho")
    assert bundled(judging, folder, "accepted/all.py") == (Verdict.AC, 100)
    assert bundled(judging, folder, "partially_accepted/five.py") == (Verdict.AC, 50)
    assert bundled(judging, folder, "wrong_answer/none.py")[0] is Verdict.WA


def test_the_scores_of_a_validator_are_combined_in_each_group_and_added_up(judging: JudgeFixture) -> None:
    folder = lay_out(judging, "largest")
    assert bundled(judging, folder, "accepted/full.py") == (Verdict.AC, 100)
    assert bundled(judging, folder, "partially_accepted/max.py") == (Verdict.AC, 50)
    assert bundled(judging, folder, "partially_accepted/last.py") == (Verdict.AC, 20)


def test_a_static_validator_judges_the_source_and_decides_its_share_of_the_score(
    judging: JudgeFixture,
) -> None:
    folder = lay_out(judging, "short")
    outcome = judging.submit(folder, (folder / "submissions/partly/long.py").read_text())
    assert (outcome.verdict, outcome.score) == (Verdict.AC, 70)
    refused = next(test for test in outcome.tests if test.verdict is Verdict.WA)
    assert (refused.name, refused.detail) == (
        "secret/golf/1",
        "the source is not accepted",
    )


def test_a_static_test_without_a_static_validator_is_a_fault(judging: JudgeFixture) -> None:
    folder = lay_out(judging, "short")
    shutil.rmtree(folder / "static_validator")
    with pytest.raises(BrokenPackage, match=r"static_validator: is missing or empty"):
        read_package(folder)


def test_the_codes_of_languages_in_a_package_become_gavel_s_languages(judging: JudgeFixture) -> None:
    spec = spec_of(read_package(lay_out(judging, "maximal")))
    assert {"python3", "pypy3", "cpp17", "cpp20", "cpp23"} <= set(spec.languages)
    assert "java" not in spec.languages
    assert spec.names == {"en": "Sample problem", "sv": "Exempelproblem"}
    assert (spec.authors[1], spec.source) == ("Author Two", "My Contest 2024, Another Contest")


def test_a_statement_may_be_problem_pdf_in_the_top_folder(judging: JudgeFixture) -> None:
    folder = lay_out(judging, "hello")
    (folder / "problem.pdf").write_bytes(b"%PDF-1.4")
    package = read_package(folder)
    assert [each.pdf for each in spec_of(package).statements] == ["problem.pdf"]
    assert not any("statement" in str(each) for each in package.warnings)


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("oddecho", "data/secret/testdata.yaml: is of the legacy format"),
        ("bplusa", "validation: is not a key of this format"),
    ],
)
def test_a_key_without_effect_is_reported(judging: JudgeFixture, slug: str, words: str) -> None:
    _, faults = inspect_package(lay_out(judging, slug))
    assert any(words in str(each) for each in faults.warnings)
