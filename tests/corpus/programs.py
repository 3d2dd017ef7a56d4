"""Reads the corpus: each program with its expectation."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judge_core.model.language import Language
from tests.corpus.problems import PROBLEMS, Limits, Problem

CORPUS = Path(__file__).parent
EXPECTATIONS = "expect.toml"
WELCOME = CORPUS.parents[1] / "problems" / "aplusb"
_KEYS = {"why", "verdict", "problem", "worst", "named", "says", "time", "memory", "output"}


@dataclass(frozen=True, slots=True)
class Program:
    """One program. ``files`` has the name and content of each file. The name of a single file is empty, as if
    its author had pasted it, unless the expectation says ``named``. ``says`` is a text that the compiler's
    output must contain."""

    language: str
    name: str
    why: str
    verdicts: tuple[str, ...]
    problem: Problem
    limits: Limits
    files: tuple[tuple[str, bytes], ...]
    says: str = ""
    worst: bool = False


def read_corpus(folder: Path = CORPUS) -> list[Program]:
    """Every program of every language. Raises ValueError, which names the file and what is wrong with it."""
    return [
        program
        for place in sorted(folder.iterdir())
        if (place / EXPECTATIONS).is_file()
        for program in _read_language(place)
    ]


def self_test(language: Language) -> Program:
    """A language's own self-test as a program of the corpus."""
    test = language.self_test
    problem = Problem("the self-test of a language", ((test.stdin, test.stdout),))
    files = (("", test.source.encode()),)
    return Program(language.id, "self-test", problem.about, ("AC",), problem, Limits(), files, worst=True)


def starters(language: Language) -> Iterator[Program]:
    """The starter codes of the pages' editor: that of the language, and that of the first problem."""
    if language.starter:
        yield _starter(language, "starter", PROBLEMS["echo"], language.starter)
    for path in (WELCOME / "attachments").glob("starter.*"):
        if path.suffix in language.extensions:
            yield _starter(language, "first-problem", _welcome_problem(), path.read_text("utf-8"))


def _starter(language: Language, name: str, problem: Problem, source: str) -> Program:
    why = "the unchanged starter code gets the right output"
    return Program(language.id, name, why, ("AC",), problem, Limits(), (("", source.encode()),))


def _welcome_problem() -> Problem:
    inputs = sorted((WELCOME / "data").rglob("*.in"))
    cases = tuple((each.read_text(), each.with_suffix(".ans").read_text()) for each in inputs)
    return Problem("the first problem of the samples", cases)


def _read_language(folder: Path) -> Iterator[Program]:
    path = folder / EXPECTATIONS
    entries = tomllib.loads(path.read_text("utf-8"))
    present = {each.name for each in folder.iterdir() if each.name != EXPECTATIONS}
    for name in sorted(present ^ set(entries)):
        raise ValueError(f"{path}: {name} is there without an expectation, or the other way round")
    for name, entry in entries.items():
        if unknown := set(entry) - _KEYS:
            raise ValueError(f"{path}: {name}: unknown keys {sorted(unknown)}")
        if entry.get("problem", "hello") not in PROBLEMS:
            raise ValueError(f"{path}: {name}: there is no problem {entry['problem']!r}")
        yield _program(folder, name, entry)


def _program(folder: Path, name: str, entry: dict[str, Any]) -> Program:
    verdict = entry["verdict"]
    limits = {key: entry[key] for key in ("time", "memory", "output") if key in entry}
    return Program(
        language=folder.name,
        name=name,
        why=entry["why"],
        verdicts=(verdict,) if isinstance(verdict, str) else tuple(verdict),
        problem=PROBLEMS[entry.get("problem", "hello")],
        limits=Limits(**limits),
        files=_files(folder / name, entry.get("named", False)),
        says=entry.get("says", ""),
        worst=entry.get("worst", False),
    )


def _files(path: Path, named: bool) -> tuple[tuple[str, bytes], ...]:
    if path.is_file():
        return ((path.name if named else "", path.read_bytes()),)
    inside = sorted(each for each in path.rglob("*") if each.is_file())
    return tuple((each.relative_to(path).as_posix(), each.read_bytes()) for each in inside)
