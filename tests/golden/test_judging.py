"""Real programs in the real sandbox show that endings, limits, inputs and the compile cache work."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.languages import load_languages
from judge_core.messages import CustomRun, RunLimits
from judge_core.model.byte_texts import bytes_from
from judge_core.model.language import Language
from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture

Write = Callable[[dict[str, str]], Path]

ENDINGS = [
    ("python3", "import time\ntime.sleep(60)", Verdict.TLE, "wall time: still running after 3 s"),
    ("c17", "#include <stdlib.h>\nint main(void) { abort(); }", Verdict.RTE, "killed by signal 6 (SIGABRT)"),
    ("python3", "import sys\nsys.exit('bye')", Verdict.RTE, "exit code 1"),
    pytest.param(
     "java", "class M { public static void main(String[] a) { long[][] x = new long[999][]; "
     "for (int i = 0; i < 999; i++) x[i] = new long[1 << 20]; System.out.println(x[7]); } }", Verdict.MLE,
     "Java (OpenJDK) ran out of memory", marks=pytest.mark.slow),
    ("python3", "while True: print('x' * 9999)", Verdict.OLE, "printed more than the output limit"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "source", "verdict", "detail"), ENDINGS)
def test_each_way_to_end_has_its_verdict_and_message(
    judging: JudgeFixture, package: Write, language: str, source: str, verdict: Verdict, detail: str
) -> None:
    outcome = judging.submit(package({}), source, language)
    assert (outcome.verdict, outcome.tests[0].detail) == (verdict, detail)


def test_a_program_over_its_memory_limit_gets_mle_with_and_without_cgroups(
    judging: JudgeFixture, package: Write
) -> None:
    outcome = judging.submit(package({}), "x = bytearray(600 * 2**20)", "python3")
    words = {"full": "used more than 256 MiB", "no-cgroup": "Python 3 (CPython) ran out of memory"}
    assert outcome.sandbox is not None
    assert outcome.verdict == Verdict.MLE
    assert outcome.tests[0].detail == words[outcome.sandbox["mode"]]


def test_an_endless_loop_is_ended_by_its_cpu_time(judging: JudgeFixture, package: Write) -> None:
    folder = package({"problem.yaml": "limits: {time_limit: 0.2}\n"})
    outcome = judging.submit(folder, "int main(void) { for (volatile int i = 0;; i++); }", "c17")
    assert (outcome.verdict, outcome.tests[0].detail) == (Verdict.TLE, "CPU time: more than 0.2 s")


def test_stderr_is_shown_for_samples_and_not_for_secret_tests(judging: JudgeFixture, package: Write) -> None:
    source = "import sys\nprint('oops', file=sys.stderr)\nsys.exit(int(input()) - 1)\n"
    folder = package({"data/sample/1.in": "1\n", "data/sample/1.ans": ""})
    sample, secret = judging.submit(folder, source).tests
    assert (sample.verdict, sample.stderr, sample.input) == (Verdict.AC, "oops\n", "1\n")
    assert (secret.verdict, secret.stderr, secret.input, secret.output) == (Verdict.RTE, None, None, None)


def test_the_end_of_a_long_stderr_is_shown(judging: JudgeFixture, package: Write) -> None:
    source = "import sys\nprint('x' * 300_000, file=sys.stderr)\nraise KeyError('the end')\n"
    folder = package({"data/sample/1.in": "1\n", "data/sample/1.ans": "1\n"})
    shown = judging.submit(folder, source).tests[0].stderr or ""
    assert shown.startswith("[the last 8192 bytes]\nxxx")
    assert shown.endswith("KeyError: 'the end'\n")
    assert (judging.run(source, CustomRun((("", None),))).tests[0].stderr or "").endswith("'the end'\n")


def test_judging_stops_at_the_first_failure_unless_all_tests_are_requested(
    judging: JudgeFixture, package: Write
) -> None:
    files = {f"data/secret/{n}.{end}": "4\n" for n in range(1, 5) for end in ("in", "ans")}
    folder = package(files)
    assert len(judging.submit(folder, "print(5)").tests) == 1
    everything = judging.submit(folder, "print(5)", run_all=True)
    assert (len(everything.tests), everything.tests_total, everything.verdict) == (4, 4, Verdict.WA)


def test_arguments_and_files_of_a_test_reach_the_program(judging: JudgeFixture, package: Write) -> None:
    files = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_limit: 1}\n",
        "data/secret/1.in": "",
        "data/secret/1.ans": "fast 7\n",
        "data/secret/1.yaml": "args: [fast]\n",
        "data/secret/1.files/table.txt": "7",
    }
    source = "import sys\nprint(sys.argv[1], open('table.txt').read())"
    assert judging.submit(package(files), source).verdict is Verdict.AC


def test_a_driver_reads_the_test_and_calls_the_submitted_class(judging: JudgeFixture, package: Write) -> None:
    files = {
        "include/python3/main.py": "from solution import Solution\nprint(Solution().square(int(input())))\n",
        "include/cpp/main.cpp": '#include <iostream>\n#include "solution.cpp"\n'
        "int main() { int n; std::cin >> n; std::cout << Solution().square(n) << std::endl; }\n",
        "include/java/Main.java": "public class Main { public static void main(String[] a) {\n"
        "System.out.println(new Solution().square(new java.util.Scanner(System.in).nextInt())); } }\n",
    }
    folder = package(files)
    authors = {
        "python3": "class Solution:\n    def square(self, n):\n        return n * n\n",
        "cpp20": "class Solution { public: int square(int n) { return n * n; } };",
        "java": "class Solution { int square(int n) { return n * n; } }",
    }
    verdicts = {
        language: judging.submit(folder, source, language).verdict for language, source in authors.items()
    }
    assert verdicts == dict.fromkeys(authors, Verdict.AC)


def test_constants_are_filled_into_a_driver(judging: JudgeFixture, package: Write) -> None:
    files = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\nconstants: {factor: 2}\n",
        "include/python3/main.py": "import solution\nprint(solution.twice(int(input()), {{factor}}))\n",
    }
    assert judging.submit(package(files), "def twice(n, k):\n    return n * k\n").verdict is Verdict.AC


def test_a_source_that_is_submitted_twice_is_compiled_once(judging: JudgeFixture, package: Write) -> None:
    folder = package({})
    source = '#include <stdio.h>\nint main(void) { puts("4"); /* cached */ }'
    for time in range(2):
        outcome = judging.submit(folder, source, "c17")
        assert (outcome.verdict, outcome.compile_cached) == (Verdict.AC, time == 1)
        assert re.fullmatch(r"gcc \d+\.\d+.*", outcome.compiler or "")
        assert outcome.isolation is not None and "compiler" not in outcome.isolation
    hashed = hashlib.sha256(source.encode()).hexdigest()
    records = [path.read_text() for path in (judging.caches / "compiled").glob("??/*/entry.json")]
    assert len([record for record in records if hashed in record]) == 1


def test_a_compile_error_shows_the_compilers_message(judging: JudgeFixture, package: Write) -> None:
    for time in range(2):
        outcome = judging.submit(package({}), "int main() { return x; }  // of this test alone", "cpp20")
        assert (outcome.verdict, outcome.compile_cached) == (Verdict.CE, time == 1)
        assert "solution.cpp:1:21: error: ‘x’ was not declared" in (outcome.compile_output or "")


def test_a_custom_run_has_its_own_input_and_limits(judging: JudgeFixture) -> None:
    run = CustomRun((("3\n", "9"), ("4\n", "15"), ("5\n", None)))
    square = "print(int(input()) ** 2)  # of a custom run: no other test has put it into the cache"
    outcome = judging.run(square, run)
    assert [test.verdict for test in outcome.tests] == [Verdict.AC, Verdict.WA, Verdict.AC]
    assert [test.output for test in outcome.tests] == ["9\n", "16\n", "25\n"]
    slow = CustomRun((("", None),), RunLimits(cpu_seconds=0.3))
    assert judging.run("while True: pass", slow).verdict is Verdict.TLE
    again = judging.run(square, run)
    assert (outcome.compile_cached, again.compile_cached) == (False, True)
    small = CustomRun((("", None),), RunLimits(memory_kb=32768))
    assert judging.run("x = bytearray(100 * 2**20)", small).verdict is Verdict.MLE
    words = CustomRun((("", None),), arguments=("a b", "c"), merge_stderr=True)
    assert (
        judging.run("import sys\nprint(sys.argv[1:], file=sys.stderr)", words).tests[0].output
        == "['a b', 'c']\n"
    )


ECHO = "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())\nsys.stderr.buffer.write(b'\\xe9')"


@pytest.mark.parametrize("content", [b"\xff\x00\xe9", b"1\r\n2\r\n", "größe\n".encode()])
def test_a_custom_run_reads_and_returns_bytes_unchanged(judging: JudgeFixture, content: bytes) -> None:
    run = CustomRun(cases=()).with_cases([(content, content), (content, content + b"x")])
    equal, other = judging.run(ECHO, run).tests
    assert (equal.verdict, other.verdict) == (Verdict.AC, Verdict.WA)
    assert bytes_from(equal.output, equal.output_base64) == content
    assert bytes_from(equal.stderr, equal.stderr_base64) == b"\xe9"


@pytest.mark.parametrize(
    ("output", "expected", "verdict"),
    [
        ("a  \n\n", "a\n", Verdict.AC),
        ("a\r\n", "a", Verdict.AC),
        ("", "\n \n", Verdict.AC),
        ("*\n***\n", "  *\n ***\n", Verdict.WA),
        ("1 1 2\n", "1\n1\n2\n", Verdict.WA),
        ("a  b\n", "a b\n", Verdict.WA),
        ("a\n\nb\n", "a\nb\n", Verdict.WA),
        ("\na\n", "a\n", Verdict.WA),
        ("a\tb\n", "a b\n", Verdict.WA),
        ("junk\n", "", Verdict.WA),
    ],
)
def test_a_run_with_exact_lines_compares_the_output_line_by_line(
    judging: JudgeFixture, output: str, expected: str, verdict: Verdict
) -> None:
    run = CustomRun(((output, expected),), exact_lines=True)
    assert judging.run(ECHO, run).verdict is verdict


@pytest.mark.parametrize("language", load_languages().values(), ids=lambda language: language.id)
@pytest.mark.slow_on(
    *("clang", "cpp17", "cpp23", "csharp", "d", "elixir", "erlang", "haskell", "kotlin", "nim"),
    *("octave", "r", "racket", "rust", "scala", "scientific", "typescript", "zig"),
)
def test_every_language_that_is_installed_passes_its_self_test(
    judging: JudgeFixture, language: Language
) -> None:
    offer = judging.judge.toolchains.offer(judging.sandbox, [language])[language.id]
    if not offer.available:
        assert "not installed" in (offer.reason or "")
        return
    test = language.self_test
    outcome = judging.run(test.source, CustomRun(((test.stdin, test.stdout),)), language.id)
    assert outcome.verdict is Verdict.AC, outcome


def test_a_submitted_answer_is_checked_and_not_run_as_a_program(
    judging: JudgeFixture, package: Write
) -> None:
    yaml = "problem_format_version: 2023-07-draft\nname: X\ntype: submit-answer\n"
    folder = package({"problem.yaml": yaml})
    assert judging.submit(folder, "4").verdict is Verdict.AC
    assert judging.submit(folder, "5").verdict is Verdict.WA
