"""Judges a thousand different programs in C++, Python and Java, each on ten tests.

Services that check the programs of a language model have this load: many programs, each judged once, nothing
in a cache, and some of them wrong. Every program differs from all others by a constant, so each C++ and Java
program is compiled. A fifth of the programs prints a wrong answer at the sixth test. The benchmark fails if a
verdict is not the expected one.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmarks.one_test_problem import add_package
from benchmarks.posting import SOURCES, THREADS, post, wait, wait_for_all
from benchmarks.result import Result, Row
from benchmarks.stack import Stack, started

PROGRAMS = 1000
_SLUG = "weightedsum"
_TESTS = 10
_WRONG_SHARE = 5
"""One program of this many is wrong."""
_MODULUS = 1_000_000_007
_YAML = (
    "problem_format_version: 2023-07-draft\nname: Weighted sum\n"
    "uuid: 5d1f8a5e-0000-4000-8000-000000000002\nlicense: public domain\n"
    "limits: {time_limit: 5, memory: 512}\n"
)
_STATEMENT = (
    "\\problemname{Weighted sum}\nSort the numbers. Print the sum of each times its place, modulo $10^9+7$.\n"
)
_WRONG_FROM = 1000
"""A wrong program prints a wrong sum if its input has at least this many numbers."""

_PROGRAMS = {
    "cpp20": """#include <bits/stdc++.h>
using namespace std;
const long long MOD = 1000000007LL, TAG = {tag}LL;
int main() {{
    ios::sync_with_stdio(false); cin.tie(nullptr);
    int n; cin >> n; vector<long long> a(n); for (auto &x : a) cin >> x;
    sort(a.begin(), a.end());
    long long s = 0; for (int i = 0; i < n; ++i) s = (s + a[i] * (i + 1)) % MOD;
    if ({wrong} && n >= {wrong_from}) s = (s + TAG) % MOD;
    cout << s << '\\n';
}}
""",
    "python3": """import sys
TAG = {tag}

def main():
    data = list(map(int, sys.stdin.read().split()))
    n, a = data[0], sorted(data[1:])
    s = sum(x * (i + 1) for i, x in enumerate(a)) % 1000000007
    if {wrong} and n >= {wrong_from}:
        s = (s + TAG) % 1000000007
    print(s)

main()
""",
    "java": """import java.util.*;
import java.io.*;
public class Main {{
    static final long TAG = {tag}L;
    public static void main(String[] args) throws IOException {{
        StreamTokenizer in = new StreamTokenizer(new BufferedInputStream(System.in));
        in.nextToken(); int n = (int) in.nval; long[] a = new long[n];
        for (int i = 0; i < n; i++) {{ in.nextToken(); a[i] = (long) in.nval; }}
        Arrays.sort(a);
        long s = 0; for (int i = 0; i < n; i++) s = (s + a[i] * (i + 1)) % 1000000007L;
        if ({wrong} != 0 && n >= {wrong_from}) s = (s + TAG) % 1000000007L;
        System.out.println(s);
    }}
}}
""",
}


@dataclass(frozen=True, slots=True)
class Program:
    """A program, and the verdict that it deserves."""

    language: str
    source: str
    verdict: str


def measure(short: bool = False) -> Result:
    count = 60 if short else PROGRAMS
    programs = list(make_programs(count))
    with started("normal=2,premium=1") as stack:
        add_package(stack, _SLUG, _package())
        session = stack.session()
        for language, source in SOURCES.items():  # Starts each compiler once.
            wait(session, stack.url, post(session, stack.url, "aplusb", language, source))
        before, began = stack.tree_cpu_seconds(), time.perf_counter()
        statuses = _judge_all(stack, programs)
        seconds = time.perf_counter() - began
        used = {name: now - before.get(name, 0.0) for name, now in stack.tree_cpu_seconds().items()}
    _check(programs, statuses)
    return Result(f"{count} different programs of {_TESTS} tests, two workers", _rows(count, seconds, used))


def make_programs(count: int) -> Iterator[Program]:
    """Different programs, with the languages in turn."""
    languages = tuple(_PROGRAMS)
    for number in range(count):
        language, wrong = languages[number % len(languages)], number % _WRONG_SHARE == 0
        source = _PROGRAMS[language].format(tag=number + 1, wrong=int(wrong), wrong_from=_WRONG_FROM)
        yield Program(language, source, "WA" if wrong else "AC")


def _judge_all(stack: Stack, programs: Sequence[Program]) -> list[dict[str, Any]]:
    def send(share: Sequence[Program]) -> list[str]:
        session = stack.session()
        return [post(session, stack.url, _SLUG, each.language, each.source) for each in share]

    with ThreadPoolExecutor(THREADS) as pool:
        shares = list(pool.map(send, [programs[number::THREADS] for number in range(THREADS)]))
    ids = [""] * len(programs)
    for number, share in enumerate(shares):
        ids[number::THREADS] = share
    return wait_for_all(stack, "normal", ids)


def _check(programs: Sequence[Program], statuses: Sequence[dict[str, Any]]) -> None:
    for program, status in zip(programs, statuses, strict=True):
        if status["verdict"] != program.verdict:
            raise AssertionError(f"a {program.language} program got {status}, not {program.verdict}")


def _rows(count: int, seconds: float, used: dict[str, float]) -> tuple[Row, ...]:
    spent = sum(used.values())
    return (
        Row("programs judged a second", count / seconds, "/s"),
        Row("programs judged a second and core", count / seconds / (os.cpu_count() or 1), "/s"),
        Row("CPU per program, with compilers and boxes", spent * 1000 / count, "ms"),
        *(Row(f"  of it {name}", value * 1000 / count, "ms") for name, value in sorted(used.items())),
    )


def _package() -> dict[str, str]:
    """The files of the problem."""
    solution = _PROGRAMS["python3"].format(tag=0, wrong=0, wrong_from=0)
    files = {
        "problem.yaml": _YAML,
        "statement/problem.en.tex": _STATEMENT,
        "submissions/accepted/sorted.py": solution,
    }
    chance = random.Random(1)
    for number in range(1, _TESTS + 1):
        values = [chance.randrange(10**6) for _ in range(10 if number <= _TESTS // 2 else 200 * number)]
        files[f"data/secret/{number:02}.in"] = f"{len(values)}\n{' '.join(map(str, values))}\n"
        files[f"data/secret/{number:02}.ans"] = f"{_weighted_sum(values)}\n"
    return files


def _weighted_sum(values: Sequence[int]) -> int:
    return sum(value * (place + 1) for place, value in enumerate(sorted(values))) % _MODULUS
