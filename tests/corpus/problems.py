"""The few small problems that the programs of the corpus solve, written as packages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_GUESS = """import sys
secret = int(open(sys.argv[1]).read())
for _ in range(12):
    line = sys.stdin.readline()
    if not line.strip().isdigit():
        sys.exit(43)
    guess = int(line)
    if guess == secret:
        print("correct", flush=True)
        sys.exit(42)
    print("higher" if guess < secret else "lower", flush=True)
sys.exit(43)
"""
_FIRST_LINE = """import sys
sys.exit(42 if sys.stdin.readline().split() == ["37"] else 43)
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem. Its ``cases`` are pairs of input and answer. With an ``interactor`` the answers are not
    used."""

    about: str
    cases: tuple[tuple[str, str], ...]
    flags: str = ""
    interactor: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in seconds, MiB and MiB. The defaults are enough for a JVM on a busy host. A program's
    expectation can set others."""

    time: float = 4
    memory: int = 256
    output: int = 8


def _many() -> tuple[str, str]:
    numbers = [(i * 7919 + 13) % 1_000_000_007 * (-1) ** (i % 3 == 0) for i in range(100_000)]
    return f"{len(numbers)}\n" + "\n".join(map(str, numbers)) + "\n", f"{sum(numbers)}\n"


def _upto(n: int) -> tuple[str, str]:
    return f"{n}\n", "".join(f"{i}\n" for i in range(1, n + 1))


PROBLEMS: Mapping[str, Problem] = {
    "hello": Problem("no input: print Hello, World!", (("", "Hello, World!\n"),)),
    "echo": Problem("the first line again", (("20 22\n", "20 22\n"), ("7\n", "7\n"))),
    "sum": Problem(
        "two numbers on one line: their sum",
        (("20 22\n", "42\n"), ("-7 3\n", "-4\n"), ("1000000 2345678\n", "3345678\n")),
    ),
    "bigsum": Problem(
        "two numbers up to 4e9: their sum",
        (("3 4\n", "7\n"), ("3000000000 4000000000\n", "7000000000\n")),
    ),
    "total": Problem(
        "n, then n numbers on one line: their sum",
        (("3\n1 2 3\n", "6\n"), ("1\n-5\n", "-5\n"), ("5\n10 20 30 40 50\n", "150\n")),
    ),
    "many": Problem("n = 100000, then as many lines with a number: their sum", (_many(),)),
    "eof": Problem(
        "numbers to the end of the input: their sum; no line end after the last, or no number at all",
        (("1 2 3\n4 5\n6\n", "21\n"), ("7", "7\n"), ("", "0\n")),
    ),
    "reverse": Problem(
        "one line of UTF-8: its characters backwards",
        (("hello\n", "olleh\n"), ("grün 日本\n", "本日 nürg\n")),
    ),
    "count": Problem("n: the numbers 1 to n, one a line; 1.3 MB for the largest", (_upto(5), _upto(200_000))),
    "depth": Problem(
        "n up to 100000: 1 + 2 + ... + n, by recursion", (("10\n", "55\n"), ("100000\n", "5000050000\n"))
    ),
    "words": Problem(
        "words to the end of the input: each word and how often, sorted",
        (("the cat the dog\na cat\n", "a 1\ncat 2\ndog 1\nthe 2\n"), ("x\n", "x 1\n")),
    ),
    "maze": Problem(
        "r c, then r rows of . # S E: the shortest way from S to E, or -1",
        (("3 4\nS.#E\n..#.\n....\n", "7\n"), ("2 3\nS#E\n.#.\n", "-1\n")),
    ),
    "factorial": Problem(
        "n: n!, also beyond 64 bits", (("5\n", "120\n"), ("30\n", "265252859812191058636308480000000\n"))
    ),
    "mean": Problem(
        "n, then n decimal numbers: their mean, within 1e-4",
        (("4\n1 2 3 5\n", "2.75\n"), ("3\n0.5 1.5 2.6\n", "1.5333333\n")),
        flags="float_tolerance 1e-4",
    ),
    "sort": Problem(
        "n, then n numbers: the same in order", (("5\n3 1 2 -4 10\n", "-4 1 2 3 10\n"), ("1\n7\n", "7\n"))
    ),
    "ignore": Problem("700 KB of input that need not be read: print ok", ((_many()[0], "ok\n"),)),
    "guess": Problem(
        "interactive: find a number of 1 to 1000 by `higher`, `lower` and `correct` in 12 guesses",
        (("1\n", ""), ("1000\n", ""), ("317\n", "")),
        interactor=_GUESS,
    ),
    "firstline": Problem(
        "interactive: the first line has to be 37; the interactor leaves after it",
        (("37\n", ""),),
        interactor=_FIRST_LINE,
    ),
}


@dataclass(slots=True)
class PackageFolder:
    """Writes problems as packages into a folder, each once for each set of limits."""

    folder: Path
    _written: dict[tuple[Problem, Limits], Path] = field(default_factory=dict)

    def package(self, problem: Problem, limits: Limits) -> Path:
        key = (problem, limits)
        if key not in self._written:
            self._written[key] = self.folder / f"p{len(self._written)}"
            _write(self._written[key], problem, limits)
        return self._written[key]


def _write(folder: Path, problem: Problem, limits: Limits) -> None:
    secret = folder / "data" / "secret"
    secret.mkdir(parents=True)
    for number, (given, answer) in enumerate(problem.cases, 1):
        (secret / f"{number}.in").write_text(given, "utf-8", newline="")
        (secret / f"{number}.ans").write_text(answer, "utf-8", newline="")
    metadata: dict[str, object] = {
        "name": problem.about,
        "limits": {"time_limit": limits.time, "memory": limits.memory, "output": limits.output},
    }
    if problem.flags:
        metadata["validator_flags"] = problem.flags
    if problem.interactor:
        metadata["validation"] = "custom interactive"
        validator = folder / "output_validators" / "interactor"
        validator.mkdir(parents=True)
        (validator / "interactor.py").write_text(problem.interactor)
    (folder / "problem.yaml").write_text(json.dumps(metadata))  # JSON is valid YAML
