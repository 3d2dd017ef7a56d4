"""The compile stage beside plain ``g++ -O2`` of the same source in the same run, and a second time."""

from __future__ import annotations

import statistics
import subprocess
import time
from pathlib import Path

from benchmarks.answer import Answer, Row
from benchmarks.bench_room import Room, opened
from judge_api.catalog.languages import load_languages
from workers.judging.compiling import Order, Program
from workers.judging.sources import SourceFile, bundle

_BODY = (
    "int main() {{ long long a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; return {number} * 0; }}\n"
)
_TARGETS = {"iostream": 0.9, "bits/stdc++.h": 0.3}


def measure(short: bool = False) -> Answer:
    rounds = 3 if short else 15
    with opened() as room:
        rows = [row for header in _TARGETS for row in _measure_header(room, header, rounds)]
    return Answer(f"Compile stage of C++20, {rounds} interleaved rounds", tuple(rows))


def _measure_header(room: Room, header: str, rounds: int) -> list[Row]:
    _compile(room, _source(header, -1))
    plain, ours, again = [], [], []
    for number in range(rounds):
        source = _source(header, number)
        plain.append(_plain(room.root, source))
        ours.append(_compile(room, source))
        again.append(_compile(room, source))
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


def _compile(room: Room, source: bytes) -> float:
    language = load_languages()["cpp20"]
    order = Order(language, bundle(language, [SourceFile("", source)]), memory_mb=256)
    began = time.perf_counter()
    made = room.compiler.compile(order)
    taken = (time.perf_counter() - began) * 1000
    if not isinstance(made, Program):
        raise RuntimeError(made.output)
    return taken
