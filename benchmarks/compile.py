"""Compares the compile stage with plain ``g++ -O2`` or javac: first for a new source, then for the same
source again."""

from __future__ import annotations

import statistics
import subprocess
import time
from pathlib import Path

from benchmarks.judge_fixture import JudgeFixture, open_judge
from benchmarks.result import Result, Row
from judge_core.languages import load_languages
from workers.judging.compiler import CompiledProgram, CompileRequest
from workers.judging.sources import SourceFile, make_bundle

_BODY = (
    "int main() {{ long long a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; return {number} * 0; }}\n"
)
_TARGETS = {"iostream": 0.9, "bits/stdc++.h": 0.3}


def measure(short: bool = False) -> Result:
    rounds = 3 if short else 15
    with open_judge() as fixture:
        rows = [row for header in _TARGETS for row in _measure_header(fixture, header, rounds)]
        rows += _measure_java(fixture, rounds)
    return Result(f"Compile stage of C++20 and Java, {rounds} interleaved rounds", tuple(rows))


def _measure_java(fixture: JudgeFixture, rounds: int) -> list[Row]:
    """Compare javac that has a class archive with plain javac, and java that has the JVM's own archive with
    java that has none."""
    with_archive, without, run, unshared = [], [], [], []
    _compile_java(fixture, -1)
    for number in range(rounds):
        without.append(_plain_java(fixture.root, number))
        with_archive.append(_compile_java(fixture, number))
        run.append(_run_java(fixture.root, "-Xshare:auto"))
        unshared.append(_run_java(fixture.root, "-Xshare:off"))
    floor, off = statistics.median(without), statistics.median(unshared)
    return [
        Row("plain javac, no box", floor),
        Row(
            "compile stage of Java",
            statistics.median(with_archive),
            ratio=statistics.median(with_archive) / floor,
        ),
        Row("java without class-data sharing, no box", off),
        Row("java with it", statistics.median(run), ratio=statistics.median(run) / off),
    ]


def _java(number: int) -> bytes:
    text = load_languages()["java"].self_test.source
    return f"{text}// {number}\n".encode()


def _plain_java(root: Path, number: int) -> float:
    (root / "Main.java").write_bytes(_java(number))
    return _timed("javac", "-encoding", "UTF-8", "-d", str(root / "classes"), str(root / "Main.java"))


def _run_java(root: Path, sharing: str) -> float:
    command = ("java", sharing, "-XX:+UseSerialGC", "-cp", str(root / "classes"), "Main")
    return _timed(*command, given="20 22")


def _timed(*command: str, given: str = "") -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, input=given.encode(), stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000


def _compile_java(fixture: JudgeFixture, number: int) -> float:
    language = load_languages()["java"]
    return _compiled(
        fixture,
        CompileRequest(language, make_bundle(language, [SourceFile("", _java(number))]), memory_mb=256),
    )


def _measure_header(fixture: JudgeFixture, header: str, rounds: int) -> list[Row]:
    _compile(fixture, _source(header, -1))
    plain, ours, again = [], [], []
    for number in range(rounds):
        source = _source(header, number)
        plain.append(_plain(fixture.root, source))
        ours.append(_compile(fixture, source))
        again.append(_compile(fixture, source))
    floor = statistics.median(plain)
    ratio = statistics.median(ours) / floor
    return [
        Row(f"plain g++ -O2 <{header}>", floor),
        Row(f"compile stage <{header}>", statistics.median(ours), ratio=ratio, target=_TARGETS[header]),
        Row(f"the same source again <{header}>", statistics.median(again), target=5.0),
    ]


def _source(header: str, number: int) -> bytes:
    return f"#include <{header}>\n{_BODY.format(number=number)}".encode()


def _plain(root: Path, source: bytes) -> float:
    path = root / "plain.cpp"
    path.write_bytes(source)
    began = time.perf_counter()
    subprocess.run(["g++", "-O2", "-o", str(root / "plain"), str(path)], check=True)
    return (time.perf_counter() - began) * 1000


def _compile(fixture: JudgeFixture, source: bytes) -> float:
    language = load_languages()["cpp20"]
    return _compiled(
        fixture, CompileRequest(language, make_bundle(language, [SourceFile("", source)]), memory_mb=256)
    )


def _compiled(fixture: JudgeFixture, request: CompileRequest) -> float:
    began = time.perf_counter()
    made = fixture.compiler.compile(request)
    taken = (time.perf_counter() - began) * 1000
    if not isinstance(made, CompiledProgram):
        raise RuntimeError(made.output)
    return taken
