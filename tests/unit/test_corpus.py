"""The corpus has enough programs for every language, among them worst cases. `make test-corpus` judges it."""

from __future__ import annotations

from collections import Counter

import pytest

from judge_core.languages import load_languages
from judge_core.model.language import Language
from judge_core.model.submission import Verdict
from tests.corpus import __main__ as corpus
from tests.corpus.programs import read_corpus
from tests.corpus.toolchains import install_lines, unpackaged
from workers.judging.toolchains import Toolchains, required_programs

TWENTY = {"java", "kotlin", "scala", "csharp", "go", "javascript", "typescript", "haskell", "rust"}


def test_every_language_has_enough_programs_in_the_corpus() -> None:
    counts = Counter(program.language for program in read_corpus())
    assert set(counts) == set(load_languages())
    assert {id for id, count in counts.items() if count < (20 if id in TWENTY else 10)} == set()


def test_every_language_has_a_program_of_several_files_in_the_corpus() -> None:
    """A language may use the programs of a second language with the same file names, as C by Clang uses the
    programs of C by GCC."""
    languages = load_languages()
    several = {program.language for program in read_corpus() if len(program.files) > 1}
    names = {extension for id in several for extension in languages[id].extensions}
    assert {id for id, each in languages.items() if not names & set(each.extensions)} == set()


def test_every_language_has_three_worst_case_programs_in_the_corpus() -> None:
    worst = Counter(program.language for program in read_corpus() if program.worst)
    assert {id: count for id, count in worst.items() if count != 3} == {}
    assert set(worst) == set(load_languages())


def test_every_expected_verdict_of_the_corpus_exists() -> None:
    for program in read_corpus():
        assert all(Verdict(verdict) for verdict in program.verdicts), program.name


def test_missing_compilers_are_installed_by_apt_or_npm() -> None:
    assert install_lines(["go", "gofmt"]) == ["apt-get install -y --no-install-recommends golang-go"]
    lines = install_lines(["tsc"])
    assert "nodejs npm" in lines[0]
    assert lines[-1].endswith("typescript/bin/tsc /usr/local/bin/tsc")
    assert install_lines([]) == []


def test_a_compiler_that_a_debian_release_lacks_is_left_out_of_the_install_command() -> None:
    assert install_lines(["swiftc", "go"], "bookworm") == [
        "apt-get install -y --no-install-recommends golang-go"
    ]
    assert unpackaged(["swiftc", "go"], "bookworm") == ["# swiftc: Debian has it in trixie only"]
    assert unpackaged(["swiftc", "go"], "trixie") == []
    assert "nim" in install_lines(["nim"], "bookworm")[0]
    assert install_lines(["nim"], "trixie") == []


def test_zig_is_installed_from_its_python_package() -> None:
    lines = install_lines(["zig"])
    assert "zig-requirements.txt" in lines[0]
    assert lines[1].endswith("ziglang/zig /usr/local/bin/zig")


@pytest.mark.parametrize("language", load_languages().values(), ids=lambda language: language.id)
def test_every_language_has_a_command_that_installs_its_compiler(language: Language) -> None:
    for program in set(required_programs(language)) - {"bash", "env", "sh"}:
        assert install_lines([program]), program


def test_without_any_compiler_the_corpus_counts_the_programs_that_were_not_judged_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Toolchains, "find", lambda _self, _program: None)
    monkeypatch.setattr("sys.argv", ["tests.corpus", "--language", "go", "--name", "utf8"])
    assert corpus.main() == 1
    printed = capsys.readouterr().out
    assert "because the compiler is missing: go. To install:" in printed
    assert "1 of 1 programs were not judged for this reason." in printed
    assert printed.endswith("No program was judged: install a compiler.\n")


def test_a_name_that_no_program_of_the_corpus_has_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["tests.corpus", "--language", "bash", "--name", "no such program"])
    assert corpus.main() == 1
    assert capsys.readouterr().out.endswith("No program was judged: none has this language and name.\n")
