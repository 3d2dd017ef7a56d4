"""A warning names the unused files of a package, and suggests the probable correction."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge_core.packages import BrokenPackage, inspect_package

BASE = {
    "problem.yaml": "name: X\nlimits: {time_limit: 1}\n",
    "problem_statement/problem.en.tex": "\\problemname{X}\nAdd.\n",
    "data/secret/1.in": "1\n",
    "data/secret/1.ans": "1\n",
    "submissions/accepted/a.py": "print(1)\n",
}


def warnings(folder: Path, files: dict[str, str]) -> list[str]:
    for name, text in {**BASE, **files}.items():
        path = folder / "some" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _, faults = inspect_package(folder / "some")
    assert not faults.errors
    return [str(each) for each in faults.warnings]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("data/secret/2.IN", "the ending must be in lower case"),
        ("data/secret/2.Ans", "the ending must be in lower case"),
        ("data/secret/2.in.txt", "tests end in .in"),
        ("data/secret/2.ans.txt", "answers end in .ans"),
        ("data/secret/2.out", "answers end in .ans"),
        ("data/secret/02.a", "answers end in .ans"),
        ("data/secret/input2", "tests end in .in, answers in .ans"),
        ("data/secret/notes", "is not used"),
        ("data/2.in", "tests must be in data/sample or data/secret"),
        ("data/hidden/2.in", "tests must be in data/sample or data/secret"),
        ("tests/2.in", "tests: is not used"),
        ("Data/secret/2.in", "the format calls it data"),
        ("output-validators/v.py", "the format calls it output_validators"),
        ("submission/accepted/b.py", "the format calls it submissions"),
        ("problem.yml", "the format calls it problem.yaml"),
        ("Problem.yaml", "the format calls it problem.yaml"),
        ("problem_statement/Problem.de.TEX", "must be problem.de.tex, in lower case"),
        ("problem_statement/statement.md", "a statement is called problem.<language>.md"),
        ("submissions/b.py", "submissions must be in folders such as submissions/accepted"),
        ("submissions/Accepted/b.py", "the format calls it accepted"),
        ("submissions/wa/b.py", "the format calls it wrong_answer"),
        ("submissions/time-limit-exceeded/b.py", "the format calls it time_limit_exceeded"),
        ("submissions/accepted/b.rs.txt", "no language has its files' extension"),
        ("include/c--/main.cpp", "it names no language here"),
        ("include/main.cpp", "files must be in include/<language>"),
        ("input_validators/validate.ctd.template", "no language has its files' extension"),
        ("input_validators/foo.exe", "no language has its files' extension"),
        ("input_validators/old/notes.rst", "no language has its files' extension"),
        ("input_format_validators/v.py", "the package has input_validators too"),
    ],
)
def test_the_warning_about_an_unused_file_names_the_probable_mistake(
    tmp_path: Path, name: str, words: str
) -> None:
    files = {name: "x\n", "input_validators/v.py": "exit(42)\n"}
    found = warnings(tmp_path, files)
    assert len(found) == 1, found
    assert words in found[0]


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "LICENSE",
        "Makefile",
        ".timelimit",
        "problem.pdf",
        "generators/gen.py",
        "solution/solution.md",
        "attachments/any.thing",
        "data/secret/1.hint",
        "data/secret/1.desc",
        "data/secret/1.png",
        "data/secret/1.yaml",
        "data/secret/1.files/table",
        "data/secret/testdata.yaml",
        "data/sample/1.interaction",
        "data/sample/1.in.statement",
        "problem_statement/picture.png",
        "problem_statement/part.tex",
        "include/default/common.txt",
        "include/cpp/main.cpp",
        "submissions/submissions.yaml",
        "submissions/mixed/b.py",
        "submissions/my_own_folder/b.py",
        "input_validators/README.md",
    ],
)
def test_there_is_no_warning_about_a_file_that_the_format_knows(tmp_path: Path, name: str) -> None:
    text = "1\n" if name == ".timelimit" else ""
    assert [each for each in warnings(tmp_path, {name: text}) if "not used" in each] == []


def test_after_thirty_unused_files_the_rest_are_only_counted(tmp_path: Path) -> None:
    found = warnings(tmp_path, {f"data/secret/{number}.IN": "" for number in range(50)})
    assert found[-1] == "package: 20 more files are not used"
    assert len(found) == 31


def test_there_is_a_warning_for_a_statement_folder_without_a_statement(tmp_path: Path) -> None:
    for name, text in {**BASE, "problem_statement/notes.tex": "x"}.items():
        path = tmp_path / "some" / name
        if name != "problem_statement/problem.en.tex":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    _, faults = inspect_package(tmp_path / "some")
    assert "no statement" in str(faults.warnings[0])


def test_custom_validation_without_a_program_of_a_known_language_is_refused(tmp_path: Path) -> None:
    files = {"problem.yaml": "name: X\nvalidation: custom\n", "output_validators/foo.exe": "MZ"}
    for name, text in {**BASE, **files}.items():
        path = tmp_path / "some" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    package, faults = inspect_package(tmp_path / "some")
    assert package.output_validators == ()
    with pytest.raises(BrokenPackage, match="output_validators: is missing or empty"):
        faults.raise_errors()
