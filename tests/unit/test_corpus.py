"""The corpus has every language, enough programs and three worst ones. `make test-corpus` judges it."""

from __future__ import annotations

from collections import Counter

from judge_core.languages import load_languages
from judge_core.model.verdict import Verdict
from tests.corpus.programs import read_corpus
from tests.corpus.toolchains import install_lines

TWENTY = {"java", "kotlin", "scala", "csharp", "go", "javascript", "typescript", "haskell", "rust"}


def test_every_language_has_its_programs() -> None:
    counts = Counter(program.language for program in read_corpus())
    assert set(counts) == set(load_languages())
    assert {id for id, count in counts.items() if count < (20 if id in TWENTY else 10)} == set()


def test_every_language_has_three_worst_programs() -> None:
    worst = Counter(program.language for program in read_corpus() if program.worst)
    assert {id: count for id, count in worst.items() if count != 3} == {}
    assert set(worst) == set(load_languages())


def test_expectations_are_verdicts() -> None:
    for program in read_corpus():
        assert all(Verdict(verdict) for verdict in program.verdicts), program.name


def test_missing_compilers_are_installed_by_apt_or_npm() -> None:
    assert install_lines(["go", "gofmt"]) == ["apt-get install -y --no-install-recommends golang-go"]
    lines = install_lines(["tsc"])
    assert "nodejs npm" in lines[0]
    assert lines[-1].endswith("typescript/bin/tsc /usr/local/bin/tsc")
    assert install_lines([]) == []
