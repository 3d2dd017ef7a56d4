"""Dolos' own library compares programs in a sandbox (`make test-similarity` installs it)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from judge_api.services.dolos import CannotCompare, Compared, Comparison, Dolos, Program

pytestmark = pytest.mark.dolos

PYTHON = """\
def longest(values, limit):
    best = 0
    start = 0
    total = 0
    for end in range(len(values)):
        total += values[end]
        while total > limit:
            total -= values[start]
            start += 1
        best = max(best, end - start + 1)
    return best


def read():
    count, limit = map(int, input().split())
    values = [int(each) for each in input().split()]
    return values[:count], limit


print(longest(*read()))
"""
RENAMED = PYTHON
for _old, _new in (
    ("values", "xs"),
    ("limit", "bound"),
    ("best", "answer"),
    ("longest", "solve"),
    ("total", "s"),
):
    RENAMED = RENAMED.replace(_old, _new)
_FIRST, _SECOND, _LAST = PYTHON.split("\n\n\n")
REORDERED = "\n\n\n".join((_SECOND, _FIRST, _LAST))
OTHER = """\
import sys
from collections import deque

def main():
    data = sys.stdin.read().split()
    queue = deque()
    graph = {}
    for a, b in zip(data[::2], data[1::2]):
        graph.setdefault(a, []).append(b)
    queue.append("1")
    seen = set()
    while queue:
        node = queue.popleft()
        if node not in seen:
            seen.add(node)
            queue.extend(graph.get(node, ()))
    print(len(seen))

main()
"""
CPP = """\
#include <iostream>
int main() {
  long a, b;
  std::cin >> a >> b;
  for (int i = 0; i < 9; i++) a += b * i;
  std::cout << a + b;
}
"""
JAVA = """\
import java.util.*;
class Main {
  public static void main(String[] x) {
    Scanner in = new Scanner(System.in);
    long a = in.nextLong(), b = in.nextLong();
    System.out.println(a + b);
  }
}
"""
JAVASCRIPT = """\
const lines = require("fs").readFileSync(0, "utf8").split("\\n");
let sum = 0;
for (const line of lines) {
  for (const word of line.split(" ")) sum += Number(word);
}
console.log(sum);
"""
KOTLIN = "fun main() {\n  val (a, b) = readLine()!!.split(' ').map { it.toLong() }\n  println(a + b)\n}\n"


@pytest.fixture(scope="module")
def library() -> Dolos:
    return Dolos(Path(os.environ["GAVEL_TEST_DOLOS"]))


def _compare(
    library: Dolos, *texts: str, language: str = "python", ignored: tuple[str, ...] = ()
) -> Compared:
    programs = [Program(text, str(number)) for number, text in enumerate(texts)]
    return library.compare(Comparison(language, programs, ignored, 0.01))


def _similarity(found: Compared) -> float:
    return max((each.similarity for each in found.pairs), default=0.0)


def test_the_installed_dolos_has_all_parts_that_a_comparison_needs(library: Dolos) -> None:
    assert library.missing() is None


@pytest.mark.parametrize(
    ("other", "least"),
    [(PYTHON, 1.0), (RENAMED, 1.0), (REORDERED, 0.7)],
    ids=["same", "renamed", "reordered"],
)
def test_copies_with_changed_names_or_a_changed_order_are_found_similar(
    library: Dolos, other: str, least: float
) -> None:
    found = _compare(library, PYTHON, other)
    assert _similarity(found) >= least
    (pair,) = found.pairs
    assert pair.passages
    assert pair.longest > 0


def test_different_programs_are_not_found_similar(library: Dolos) -> None:
    assert _similarity(_compare(library, PYTHON, OTHER)) < 0.3


def test_the_found_passages_are_within_both_texts(library: Dolos) -> None:
    (pair,) = _compare(library, PYTHON, REORDERED).pairs
    assert pair.passages
    for passage in pair.passages:
        for text, place in ((PYTHON, passage[:4]), (REORDERED, passage[4:])):
            lines = text.split("\n")
            row, column, end_row, end_column = place
            assert column <= len(lines[row])
            assert end_column <= len(lines[end_row])
            assert (row, column) < (end_row, end_column)


def test_starter_code_does_not_count_for_the_similarity(library: Dolos) -> None:
    texts = (PYTHON + OTHER, PYTHON + "print(1)\n")
    before = _similarity(_compare(library, *texts))
    after = _similarity(_compare(library, *texts, ignored=(PYTHON,)))
    assert before > 0.4
    assert after < 0.2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("empty", ""),
        ("blank", "\n\n   \n"),
        ("NUL", "\x00" * 1000),
        ("no UTF-8", "print('\udcff\udcfe')\n\ufffd"),
        ("syntax error", "def f(:\n  if while ((( [[[ \n" * 50),
        ("another language", CPP),
        ("one line of 64 KiB", "a=1;" * 16384),
        ("one word of 64 KiB", "a" * 65536),
        ("one text of 64 KiB", "'" + "x" * 65534 + "'"),
        ("500 brackets", "x = " + "[" * 500 + "]" * 500),
        ("30,000 brackets", "x = " + "[" * 30000 + "]" * 30000),
        ("brackets never closed", "x = " + "(" * 30000),
        ("deep indentation", "".join("\t" * depth + "if 1:\n" for depth in range(300))),
    ],
)
def test_a_hostile_program_does_not_stop_the_comparison_of_other_programs(
    library: Dolos, name: str, text: str
) -> None:
    found = library.compare(
        Comparison(
            "python",
            [Program(text, "x"), Program(PYTHON, "ada"), Program(RENAMED, "bob"), Program(text + " ", "y")],
            (),
            0.5,
        )
    )
    assert any((each.left, each.right) == (1, 2) and each.similarity == 1 for each in found.pairs), name


@pytest.mark.parametrize(
    "language", ["c", "cpp", "c-sharp", "java", "javascript", "typescript", "go", "rust", "php"]
)
@pytest.mark.parametrize("text", ["{" * 20000, "/*" * 30000, "x" * 65536, "<<<<EOT\n" * 5000, "\\\n" * 20000])
def test_a_text_that_is_not_a_program_does_not_stop_a_comparison(
    library: Dolos, language: str, text: str
) -> None:
    good = "int f(int a) { return a * 2 + 1; }\n" * 10
    found = library.compare(
        Comparison(language, [Program(text, "x"), Program(good, "a"), Program(good, "b")], (), 0.5)
    )
    assert len(found.pairs) <= 3


def test_300_programs_in_each_of_five_languages_are_compared(library: Dolos) -> None:
    for language, text in (
        ("python", PYTHON),
        ("cpp", CPP),
        ("java", JAVA),
        ("javascript", JAVASCRIPT),
        ("char", KOTLIN),
    ):
        programs = [
            Program(
                f"{text}\n" + "\n".join(f"x{each} = {number * each}" for each in range(number % 7)),
                str(number),
            )
            for number in range(300)
        ]
        found = library.compare(Comparison(language, programs, (), 0.5))
        assert len(found.pairs) == 100
        assert found.notes == ("44750 less similar pairs are not listed",)


def test_a_comparison_ends_when_its_caller_stops_the_work(library: Dolos) -> None:
    programs = [Program("a=1;" * 16384 + str(number), str(number)) for number in range(200)]
    with pytest.raises(CannotCompare, match="stopped"):
        library.compare(Comparison("python", programs), should_stop=lambda: True)


def test_a_comparison_over_its_time_limit_ends_with_a_note_or_an_error(library: Dolos) -> None:
    short = Dolos(Path(os.environ["GAVEL_TEST_DOLOS"]), seconds=1)
    programs = [
        Program("".join(f"a{n}=b{n * each}\n" for n in range(3000)), str(each)) for each in range(200)
    ]
    try:
        found = short.compare(Comparison("python", programs))
    except CannotCompare as error:
        assert "more than 1 s" in str(error) or "exit code" in str(error)
    else:
        assert any("time" in note for note in found.notes)
