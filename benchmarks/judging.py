"""Measures how much longer a test takes than running its program alone, and how much memory a worker needs
for a large input."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from pathlib import Path

from benchmarks.judge_fixture import JudgeFixture, open_judge
from benchmarks.result import Result, Row
from judge_core.languages import load_languages
from judge_core.model.submission import Verdict
from judge_core.packages import read_package
from workers.judging.compiler import CompiledProgram, CompileRequest
from workers.judging.judge import Solution
from workers.judging.progress import NoProgress
from workers.judging.sources import SourceFile, make_bundle

_SUM = rb"""#include <stdio.h>
int main(void) { long a, b; scanf("%ld %ld", &a, &b); printf("%ld\n", a + b); }
"""
_COUNT = rb"""#include <stdio.h>
int main(void) {
    static char block[1 << 16];
    long total = 0;
    for (size_t n; (n = fread(block, 1, sizeof block, stdin)) > 0;) total += (long)n;
    printf("%ld\n", total);
}
"""
_YAML = "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_limit: 5, memory: 512}\n"
TESTS = 100
LARGE = 100 * 1024 * 1024


def measure(short: bool = False) -> Result:
    rounds = 3 if short else 15
    with open_judge() as fixture:
        overhead = _overheads(fixture, rounds)
        grown = _memory_growth(fixture)
    rows = (
        Row(
            "overhead per test",
            statistics.median(overhead),
            target=2.0,
            note="beyond the bare runs",
        ),
        Row("worker's memory, 100 MB input above idle", grown, "MiB", target=30.0),
    )
    return Result(f"A problem of {TESTS} tests, {rounds} interleaved rounds", rows)


def _overheads(fixture: JudgeFixture, rounds: int) -> list[float]:
    folder = _write(
        fixture.root / "packages" / "many", {f"{n:03d}": (f"{n} 1\n", f"{n + 1}\n") for n in range(TESTS)}
    )
    _judge(fixture, folder, _SUM)
    program = _program(fixture, _SUM)
    inputs = sorted((folder / "data" / "secret").glob("*.in"))
    found = []
    for _ in range(rounds):
        bare = _bare(program, inputs)
        found.append((_judge(fixture, folder, _SUM) - bare) / TESTS)
    return found


def _judge(fixture: JudgeFixture, folder: Path, source: bytes) -> float:
    package = read_package(folder)
    solution = Solution(load_languages()["c17"], (SourceFile("", source),))
    began = time.perf_counter()
    outcome = fixture.judge.judge_solution(package, solution, NoProgress())
    taken = (time.perf_counter() - began) * 1000
    if outcome.verdict is not Verdict.AC:
        raise RuntimeError(f"expected AC, not {outcome.verdict}")
    return taken


def _program(fixture: JudgeFixture, source: bytes) -> Path:
    language = load_languages()["c17"]
    made = fixture.compiler.compile(
        CompileRequest(language, make_bundle(language, [SourceFile("", source)]), memory_mb=512)
    )
    if not isinstance(made, CompiledProgram):
        raise RuntimeError(made.output)
    return made.folder / "program"


def _bare(program: Path, inputs: list[Path]) -> float:
    """The milliseconds of all runs without a judge. The program is trusted, so it is started by a plain
    spawn."""
    began = time.perf_counter()
    for path in inputs:
        with path.open("rb") as stdin:
            subprocess.run([str(program)], stdin=stdin, stdout=subprocess.PIPE, check=True)
    return (time.perf_counter() - began) * 1000


def _memory_growth(fixture: JudgeFixture) -> float:
    folder = _write(fixture.root / "packages" / "large", {"1": ("", f"{LARGE}\n")})
    with (folder / "data/secret/1.in").open("wb") as out:
        for _ in range(LARGE >> 20):
            out.write(b"x" * (1 << 20))
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _judge(fixture, folder, _COUNT)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) / 1024


def _write(folder: Path, tests: dict[str, tuple[str, str]]) -> Path:
    secret = folder / "data" / "secret"
    secret.mkdir(parents=True)
    (folder / "problem.yaml").write_text(_YAML)
    for name, (text, answer) in tests.items():
        (secret / f"{name}.in").write_text(text)
        (secret / f"{name}.ans").write_text(answer)
    return folder
