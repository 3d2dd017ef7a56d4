"""The compile commands are right for languages whose compilers need their files in a certain way."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge_core.languages import load_languages
from workers.judging.compiler import CompileRequest, fill_placeholders
from workers.judging.sources import SourceFile, make_bundle
from workers.judging.toolchains import Toolchains

LANGUAGES = load_languages()
MODULE = ["go.mod", "main.go", "help.go", "adder/adder.go"]


def command(language: str, *names: str) -> tuple[str, ...]:
    bundle = make_bundle(LANGUAGES[language], [SourceFile(name, b"") for name in names])
    return fill_placeholders(
        LANGUAGES[language].compile, CompileRequest(LANGUAGES[language], bundle, 256), "/src"
    )


@pytest.mark.parametrize(
    ("names", "folder", "files"),
    [
        (MODULE, "/w/src", ("help.go", "main.go")),
        (["go.mod", "cmd/app/main.go", "adder/adder.go"], "/w/src/cmd/app", ("main.go",)),
        (["adder/adder.go", "solution.go"], "/w/src", ("solution.go",)),
    ],
)
def test_go_builds_the_package_of_the_main_file(
    names: list[str], folder: str, files: tuple[str, ...]
) -> None:
    words = command("go", *names)
    assert words[1] == f"--chdir={folder}"
    assert words[words.index("/w/out/program") + 1 :] == files


@pytest.mark.parametrize(
    ("names", "main"),
    [
        (["a/x.py", "solution.py"], "solution.py"),
        (["solution.py", "lib/main.py"], "lib/main.py"),
        (["b/y.py", "a/x.py"], "a/x.py"),
        (["z.py", "MAIN.py"], "MAIN.py"),
    ],
)
def test_the_main_file_is_named_main_or_is_the_first_outside_of_folders(names: list[str], main: str) -> None:
    assert make_bundle(LANGUAGES["python3"], [SourceFile(name, b"") for name in names]).main == main


@pytest.mark.parametrize("has_types", [True, False])
def test_the_typescript_compiler_gets_node_s_types_if_they_are_installed_beside_the_compiler(
    has_types: bool, tmp_path: Path
) -> None:
    modules = tmp_path / "lib/node_modules"
    (modules / "typescript/bin").mkdir(parents=True)
    (modules / "typescript/bin/tsc").touch(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/tsc").symlink_to(modules / "typescript/bin/tsc")
    if has_types:
        (modules / "@types/node").mkdir(parents=True)
    flags = Toolchains((str(tmp_path / "bin"),)).node_types_flags()
    assert flags == (
        ("--typeRoots", f"{modules}/@types", "--types", "node", "--lib", "es2023") if has_types else ()
    )
