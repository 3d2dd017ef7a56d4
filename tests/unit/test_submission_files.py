"""Validators find the right files of a submission."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge_core.languages import load_languages
from workers.checkers.submission_files import SubmissionFiles
from workers.judging.compiler import CompiledProgram
from workers.judging.sources import SourceBundle, SourceFile


def names(folder: Path, language: str, made: dict[str, int], handed: tuple[str, ...]) -> list[str]:
    for name, size in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(size)
    files = tuple(SourceFile(name, b"") for name in handed)
    program = CompiledProgram(load_languages()[language], folder, ())
    return [file.name for file in SubmissionFiles(SourceBundle(files, handed, handed[0]), program).files]


@pytest.mark.parametrize(
    ("language", "made", "handed", "shown"),
    [
        ("c17", ("program", "solution.c/x"), ("solution.c",), ["program", "solution.c"]),
        ("haskell", ("program", "colour.so", ".x"), ("solution.hs",), ["program", "solution.hs"]),
        ("c17", ("program",), ("program/a.c", "b.c"), ["program/a.c", "b.c"]),
        ("c17", ("program",), ("program", "b.c"), ["program", "b.c"]),
        ("csharp", ("program.exe", "program.exe.config"), ("Solution.cs",), ["program.exe", "Solution.cs"]),
        ("pascal", ("program", "x.o"), ("solution.pas",), ["program", "solution.pas"]),
        ("perl", ("program", "colour.pl"), ("solution.pl",), ["solution.pl"]),
        ("r", ("solution.R",), ("solution.R",), ["solution.R"]),
        (
            "java",
            ("A.class", "p/B.class", "p/x.so", ".C.class"),
            ("A.java",),
            ["A.class", "p/B.class", "A.java"],
        ),
        ("java", ("A.java/x.class",), ("A.java",), ["A.java"]),
        ("typescript", ("solution.js",), ("solution.ts",), ["solution.js", "solution.ts"]),
        ("python3", ("solution.py",), ("solution.py", ".pythonrc", "feedback/x"), ["solution.py"]),
    ],
)
def test_a_validator_gets_the_submitted_files_and_the_files_that_the_language_names(
    tmp_path: Path, language: str, made: tuple[str, ...], handed: tuple[str, ...], shown: list[str]
) -> None:
    assert names(tmp_path, language, dict.fromkeys(made, 1), handed) == shown


def test_a_large_compiled_program_is_not_copied_for_the_validator(tmp_path: Path) -> None:
    assert names(tmp_path, "c17", {"program": 240 << 20}, ("solution.c",)) == ["solution.c"]


def test_more_than_500_class_files_are_not_copied_for_the_validator(tmp_path: Path) -> None:
    made = {f"A${number}.class": 1 for number in range(501)}
    assert names(tmp_path, "java", made, ("A.java",)) == ["A.java"]
