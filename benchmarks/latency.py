"""Compares the time from POST to verdict on an idle machine with a bare loop that compiles, spawns and
compares.

The "time of its own" is the time from the POST to the verdict by the client's clock, less the time of the
bare loop for the same program in the same round. The two take turns, so that a change of the machine's speed
affects both.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import requests

from benchmarks.posting import SOURCES, Run, milliseconds_between, post_run, wait
from benchmarks.result import Result, Row, spread
from benchmarks.stack import Stack, await_idle, started

INPUT, EXPECTED = b"1 2\n", b"3\n"
WARM_UP = 2


def measure(short: bool = False) -> Result:
    rounds = 5 if short else 40
    with started() as stack, tempfile.TemporaryDirectory() as folder:
        bare = Bare(Path(folder))
        rows = [row for case in _cases(bare) for row in _compare(stack, case, rounds)]
        rows += _split(stack, rounds)
    return Result("Submit to verdict over HTTP with a watching client, one test", tuple(rows))


def _split(stack: Stack, rounds: int) -> list[Row]:
    """Where the time of a cached C++ run goes.

    The parts are computed from the server's times (whole milliseconds) and the client's clock. The parts
    ``intake`` and ``queue`` overlap, because a worker may begin before the client has the answer to its POST.
    """
    session = stack.session("premium")
    parts: dict[str, list[float]] = {"intake": [], "queue": [], "judging": [], "recorded and sent": []}
    for _ in range(rounds):
        began = time.perf_counter()
        run = post_run(session, stack.url, Run("cpp20", SOURCES["cpp20"]))
        parts["intake"].append((time.perf_counter() - began) * 1000)
        status = wait(session, stack.url, run)
        delay = datetime.now(UTC) - datetime.fromisoformat(status["finished_at"])
        parts["queue"].append(milliseconds_between(status, "submitted_at", "started_at"))
        parts["judging"].append(milliseconds_between(status, "started_at", "finished_at"))
        parts["recorded and sent"].append(delay.total_seconds() * 1000)
    return [
        Row(f"C++ cached, of it {name}", spread(values).p50, note=f"p99 {spread(values).p99:.1f}")
        for name, values in parts.items()
    ]


class Bare:
    """The floor: the plain compiler, a plain spawn, and a comparison of tokens. Nothing is isolated, so it
    runs only this benchmark's own programs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._binary = folder / "main"
        self._python = folder / "main.py"
        self._python.write_text(SOURCES["python3"])
        self.compile(SOURCES["cpp20"])
        (folder / "Main.java").write_text(SOURCES["java"])
        subprocess.run(["javac", "-d", folder, folder / "Main.java"], check=True)

    def compile(self, source: str) -> None:
        (self._folder / "main.cpp").write_text(source)
        command = ["g++", "-O2", "-std=gnu++20", "-o", str(self._binary), str(self._folder / "main.cpp")]
        subprocess.run(command, check=True)

    def run_cpp(self, source: str) -> None:
        self._spawn([str(self._binary)])

    def compile_and_run_cpp(self, source: str) -> None:
        self.compile(source)
        self.run_cpp(source)

    def run_python(self, source: str) -> None:
        self._spawn(["/usr/bin/python3", str(self._python)])

    def compile_and_run_java(self, source: str) -> None:
        subprocess.run(["javac", "-d", self._folder, self._folder / "Main.java"], check=True)
        self._spawn(["/usr/bin/java", "-cp", str(self._folder), "Main"])

    def _spawn(self, argv: list[str]) -> None:
        """Run a program by posix_spawn with files for standard input and output, then compare the tokens of
        its output."""
        given, got = self._folder / "in", self._folder / "out"
        given.write_bytes(INPUT)
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, str(given), os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(got), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        ]
        pid = os.posix_spawn(argv[0], argv, {"PATH": "/usr/bin:/bin"}, file_actions=actions)
        os.waitpid(pid, 0)
        if got.read_bytes().split() != EXPECTED.split():
            raise AssertionError(f"the bare loop's own program is wrong: {argv}")


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of submission with its floor. If ``fresh`` is true, each round has a source that is in no
    cache."""

    name: str
    language: str
    floor: Callable[[str], None]
    fresh: bool = False
    most_own_ms: float | None = None
    most_ratio: float | None = None

    def source(self, number: int) -> str:
        mark = f"// {number} {time.time_ns()}\n" if self.fresh else ""
        return SOURCES[self.language] + mark


def _cases(bare: Bare) -> tuple[Case, ...]:
    return (
        Case("C++ cached", "cpp20", bare.run_cpp, most_own_ms=12.0),
        Case("C++ uncached", "cpp20", bare.compile_and_run_cpp, fresh=True, most_ratio=1.0),
        Case("Python", "python3", bare.run_python, most_own_ms=12.0),
        Case("Java uncached", "java", bare.compile_and_run_java, fresh=True),
    )


def _compare(stack: Stack, case: Case, rounds: int) -> list[Row]:
    session = stack.session("premium")
    ours, floor = [], []
    for number in range(WARM_UP + rounds):
        if number == WARM_UP:
            await_idle()
        source = case.source(number)
        ours.append(_timed(partial(_judge, stack, session, case, source)))
        floor.append(_timed(partial(case.floor, source)))
    return _rows(case, ours[WARM_UP:], floor[WARM_UP:])


def _judge(stack: Stack, session: requests.Session, case: Case, source: str) -> None:
    status = wait(session, stack.url, post_run(session, stack.url, Run(case.language, source)))
    if status["verdict"] != "AC":
        raise AssertionError(f"{case.name}: {status}")


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _rows(case: Case, ours: list[float], floor: list[float]) -> list[Row]:
    mine, base = spread(ours), spread(floor)
    own = spread([a - b for a, b in zip(ours, floor, strict=True)])
    ratio = mine.p50 / base.p50
    return [
        Row(f"{case.name}: bare loop", base.p50, note=f"p99 {base.p99:.1f}"),
        Row(f"{case.name}: Gavel", mine.p50, "ms", ratio, case.most_ratio, note=f"p99 {mine.p99:.1f}"),
        Row(f"{case.name}: time of its own", own.p50, target=case.most_own_ms, note=f"p99 {own.p99:.1f}"),
    ]
