"""Texts of DOMjudge, and other judges' names of languages, are understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge_core.languages import languages_named
from judge_core.model.submission import Verdict
from judge_core.packages import inspect_package, read_package
from judge_core.packages.expected_verdicts import expected_verdicts, score_tags
from judge_core.packages.package import Program
from judge_core.packages.spec import problem_spec

TOO_SLOW = {Verdict.TLE, Verdict.OLE}
CPP = {"cpp17", "cpp20", "cpp20-clang", "cpp23"}


def write(folder: Path, files: dict[str, str]) -> Path:
    base = {"problem.yaml": "name: X\n", "data/secret/1.in": "1\n", "data/secret/1.ans": "1\n"}
    for name, text in {**base, **files}.items():
        path = folder / "some" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "some"


@pytest.mark.parametrize(
    ("comment", "tags"),
    [
        ("// @EXPECTED_SCORE@: 60", ("60",)),
        ("/* @expected_score@: 33.5, 40 */", ("33.5", "40")),
        ("# @EXPECTED_SCORE@: ACCEPTED", ()),
        ("# @EXPECTED_SCORE@: sixty", ("sixty",)),
        ("# @EXPECTED_RESULTS@: CORRECT", ()),
    ],
)
def test_expected_scores_are_read_from_domjudge_s_tag(
    tmp_path: Path, comment: str, tags: tuple[str, ...]
) -> None:
    source = tmp_path / "a.cpp"
    source.write_text(f"{comment}\nint main() {{}}\n")
    assert score_tags(Program("mixed/a.cpp", source)) == tags


@pytest.mark.parametrize(
    ("comment", "verdicts"),
    [
        ("# @EXPECTED_RESULTS@: CORRECT", {Verdict.AC}),
        ("# @expected_results@: correct", {Verdict.AC}),
        ("// @Expected_Results@: Wrong-Answer", {Verdict.WA}),
        ("/* @EXPECTED_RESULTS@: TIMELIMIT */", TOO_SLOW),
        ("# @EXPECTED_SCORE@: TIME_LIMIT_EXCEEDED, WRONG_ANSWER", {*TOO_SLOW, Verdict.WA}),
        ("# @expected_score@: run-error", {Verdict.RTE, Verdict.MLE}),
        ("# @EXPECTED_RESULTS@: CORRECT,\n# WRONG-ANSWER", {Verdict.AC}),
        ("# @EXPECTED_RESULTS@:\n# CORRECT", set(Verdict)),
    ],
)
def test_expected_verdicts_are_read_from_domjudge_s_tag_in_any_case(
    tmp_path: Path, comment: str, verdicts: set[Verdict]
) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"{comment}\nprint(1)\n")
    assert expected_verdicts(Program("mixed/a.py", path)) == verdicts


@pytest.mark.parametrize("folder", ["time_limit_exceeded", "brute_force"])
def test_a_submission_that_must_be_too_slow_may_exceed_the_output_limit_instead(
    tmp_path: Path, folder: str
) -> None:
    path = tmp_path / "a.py"
    path.write_text("while True: print(1)\n")
    assert expected_verdicts(Program(f"{folder}/a.py", path)) >= TOO_SLOW


@pytest.mark.parametrize(
    ("ini", "name", "limit"),
    [
        ("name='The \"Best\"'\ntimelimit = 1.5 ; seconds\n", 'The "Best"', 1.5),
        ("name=\"It's\"\ntimelimit='2'\n", "It's", 2),
        ('name = "a; b" ; the name\r\ntimelimit=3;s\r\n', "a; b", 3),
        ('[problem]\nname = "say \\"hi\\""\n; timelimit = 9\ntimelimit="0.5"\n', 'say "hi"', 0.5),
        ("name = plain text ; not this\ntimelimit=1\n", "plain text", 1),
        ("shortname = A\nname = 'x'\nspecial_run = foo\ntimelimit=4.0 ;", "x", 4),
    ],
)
def test_domjudge_problem_ini_is_read_as_domjudge_reads_the_file(
    tmp_path: Path, ini: str, name: str, limit: float
) -> None:
    folder = write(tmp_path, {"domjudge-problem.ini": ini})
    (folder / "problem.yaml").unlink()
    metadata = read_package(folder).metadata
    assert (metadata.names, metadata.limits.time) == ({"en": name}, limit)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("cpp", CPP),
        ("c++", CPP),
        ("C++", CPP),
        ("g++", CPP),
        ("c++14", CPP),
        ("gnu++11", CPP),
        ("cpp11", CPP),
        ("c++17", {"cpp17"}),
        ("cpp20", {"cpp20"}),
        ("c", {"c17", "c17-clang"}),
        ("c99", {"c17", "c17-clang"}),
        ("gnu11", {"c17", "c17-clang"}),
        ("py3", {"python3", "pypy3"}),
        ("python3", {"python3", "pypy3"}),
        ("Python", {"python3", "pypy3"}),
        ("pypy", {"pypy3"}),
        ("pypy3", {"pypy3"}),
        ("kt", {"kotlin"}),
        ("hs", {"haskell"}),
        ("js", {"javascript"}),
        ("java17", {"java"}),
        ("rs", {"rust"}),
        ("python2", set()),
        ("brainfuck", set()),
    ],
)
def test_language_names_of_other_judges_are_understood(name: str, ids: set[str]) -> None:
    assert {each for each in languages_named(name) if "scientific" not in each} == ids


def test_a_language_list_accepts_other_judges_names_and_warns_of_unknown_names(tmp_path: Path) -> None:
    yaml = "name: X\nlanguages: c++17 pypy kt brainfuck\n"
    package, faults = inspect_package(write(tmp_path, {"problem.yaml": yaml}))
    assert problem_spec(package, "0" * 64, ()).languages == ("cpp17", "pypy3", "kotlin", "brainfuck")
    assert [str(each) for each in faults.warnings if "brainfuck" in str(each)] == [
        "problem.yaml:2: languages: 'brainfuck' means no language here"
    ]


@pytest.mark.parametrize(
    ("folder", "language"), [("c++17", "cpp17"), ("py3", "pypy3"), ("cpp", "cpp23"), ("default", "java")]
)
def test_files_for_a_language_are_found_under_any_name_of_the_language(
    tmp_path: Path, folder: str, language: str
) -> None:
    package = read_package(write(tmp_path, {f"include/{folder}/x.h": "", "include/rust/y.rs": ""}))
    found = package.include_folder(language)
    assert found is not None
    assert found.name == folder
