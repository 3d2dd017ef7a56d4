"""In interactive problems the failure that counts is the same in each repetition and in each language."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture
from tests.support.installed import skip_unless_installed

Write = Callable[[dict[str, str]], Path]
REPEATS = int(os.environ.get("GAVEL_REPEATS", "2"))
"""`make test-long` repeats the tests more often."""
PACKAGE = {
    "problem.yaml": "name: X\nvalidation: custom interactive\nlimits: {time_limit: 2, memory: 256}\n",
    "data/secret/1.in": "37\n",
}
FIRST_LINE = """
import sys
sys.exit(42 if sys.stdin.readline().split() == ["37"] else 43)
"""
SLOW = """
import sys
word = sys.stdin.readline().split()
sum(range(10_000_000))
sys.exit(42 if word == ["37"] else 43)
"""
TWO_LINES = """
import sys
good = [sys.stdin.readline().strip() for _ in range(2)]
sys.exit(42 if good == ["37", "38"] else 43)
"""
ANSWERS = """
import sys
word = sys.stdin.readline().split()
print("right" if word == ["37"] else "wrong", flush=True)
sys.exit(42 if word == ["37"] else 43)
"""


@pytest.mark.parametrize("validator", [FIRST_LINE, SLOW, ANSWERS], ids=["quick", "slow", "answers"])
@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("print('x', flush=True)\nraise SystemExit(1)\n", Verdict.WA),
        ("import os\nprint('x', flush=True)\nos.abort()\n", Verdict.WA),
        ("print('x', flush=True)\ninput()\ninput()\n", Verdict.WA),
        ("print('37', flush=True)\nraise SystemExit(1)\n", Verdict.RTE),
        ("raise SystemExit(1)\n", Verdict.RTE),
        ("pass\n", Verdict.WA),
        ("print(37)\n", Verdict.AC),
    ],
    ids=[
        "wrong-then-exit-code",
        "wrong-then-abort",
        "wrong-then-reads-on",
        "right-then-exit-code",
        "exit-code",
        "silent",
        "right",
    ],
)
def test_the_verdict_of_an_interactive_failure_is_the_same_in_every_repetition(
    judging: JudgeFixture, package: Write, validator: str, source: str, verdict: Verdict
) -> None:
    folder = package({**PACKAGE, "output_validators/v/v.py": validator})
    found = {judging.submit(folder, f"{source}# {number}\n").verdict for number in range(REPEATS)}
    assert found == {verdict}


def test_a_crash_before_the_second_line_is_a_runtime_error(judging: JudgeFixture, package: Write) -> None:
    folder = package({**PACKAGE, "output_validators/v/v.py": TWO_LINES})
    source = "print(37, flush=True)\nraise SystemExit(1)\n"
    assert {judging.submit(folder, f"{source}# {n}\n").verdict for n in range(REPEATS)} == {Verdict.RTE}


LATE = {
    "cpp20": """#include <cstdio>
#include <unistd.h>
int main() { puts("37"); fflush(stdout); usleep(300000); puts("more"); fflush(stdout); }
""",
    "csharp": """using System; using System.Threading;
class P { static void Main() { Console.WriteLine(37); Thread.Sleep(300); Console.WriteLine("more"); } }
""",
    "go": """package main
import ("fmt"; "time")
func main() {
    fmt.Println(37)
    time.Sleep(300 * time.Millisecond)
    if _, err := fmt.Println("more"); err != nil { panic(err) }
}
""",
    "haskell": """import Control.Concurrent
import System.IO
main :: IO ()
main = do { hSetBuffering stdout LineBuffering; putStrLn "37"; threadDelay 300000; putStrLn "more" }
""",
    "java": """public class Main { public static void main(String[] a) throws Exception {
    System.out.println(37);
    Thread.sleep(300);
    System.out.println("more");
    if (System.out.checkError()) throw new Error("pipe");
} }
""",
    "javascript": 'console.log(37); setTimeout(() => console.log("more"), 300);',
    "lua": """io.write("37\\n") io.flush()
local start = os.clock() while os.clock() - start < 0.3 do end
assert(io.write("more\\n")) assert(io.flush())
""",
    "ocaml": 'let () = print_endline "37"; Unix.sleepf 0.3; print_endline "more"',
    "perl": '$| = 1; print "37\n"; select(undef, undef, undef, 0.3); print "more\n" or die;',
    "php": '<?php echo "37\n"; usleep(300000); echo "more\n";',
    "pypy3": "import time\nprint(37, flush=True)\ntime.sleep(0.3)\nprint('more', flush=True)\n",
    "python3": "import time\nprint(37, flush=True)\ntime.sleep(0.3)\nprint('more', flush=True)\n",
    "ruby": "$stdout.sync = true; puts 37; sleep 0.3; puts 'more'",
    "rust": """fn main() {
    println!("37");
    std::thread::sleep(std::time::Duration::from_millis(300));
    println!("more");
}
""",
}
WRONG = {"python3": LATE["python3"].replace("37", "36"), "java": LATE["java"].replace("37", "36")}


@pytest.mark.slow_on("csharp", "haskell", "rust")
@pytest.mark.parametrize("language", sorted(LATE))
def test_a_program_that_writes_after_the_validator_accepted_and_ended_is_accepted(
    judging: JudgeFixture, package: Write, language: str
) -> None:
    """When a pipe is broken, each runtime ends in its own way: by SIGPIPE, or with exit code 1, 2, 101, 120
    or 255."""
    skip_unless_installed(language)
    folder = package({**PACKAGE, "output_validators/v/v.py": FIRST_LINE})
    outcome = judging.submit(folder, LATE[language], language)
    assert outcome.verdict is Verdict.AC, outcome


@pytest.mark.parametrize("language", sorted(WRONG))
def test_a_program_that_writes_after_a_refusal_gets_wrong_answer(
    judging: JudgeFixture, package: Write, language: str
) -> None:
    skip_unless_installed(language)
    folder = package({**PACKAGE, "output_validators/v/v.py": FIRST_LINE})
    assert judging.submit(folder, WRONG[language], language).verdict is Verdict.WA


BUSY = "print(37, flush=True)\nx = sum(range(5_000_000))\nraise SystemExit(1)\n"


def test_a_program_that_fails_by_itself_after_the_validator_accepted_gets_rte(
    judging: JudgeFixture, package: Write
) -> None:
    """The program continues to compute, and neither reads nor writes. So the program cannot have noticed that
    the validator has ended."""
    folder = package({**PACKAGE, "output_validators/v/v.py": FIRST_LINE})
    assert {judging.submit(folder, f"{BUSY}# {n}\n").verdict for n in range(REPEATS)} == {Verdict.RTE}
