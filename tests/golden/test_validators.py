"""Custom validators, interactive problems and multi-pass problems work."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.messages import JudgeRequest, PackageRef
from judge_core.model.account import Tier
from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture
from workers.judging.errors import PackageBroken
from workers.judging.progress import NoProgress

Write = Callable[[dict[str, str]], Path]

CUSTOM = "name: X\nvalidation: custom\nvalidator_flags: --base 10\nlimits: {time_limit: 1, memory: 256}\n"
EVEN_PY = """
import sys
inp, ans, feedback, *flags = sys.argv[1:]
assert flags == ["--base", "10"], flags
limit = int(open(inp).read())
text = sys.stdin.read()
open(feedback + "judgemessage.txt", "w").write("answer file says " + open(ans).read().strip())
open(feedback + "teammessage.txt", "w").write("you said " + text.strip())
sys.exit(42 if int(text) % 2 == 0 and int(text) > limit else 43)
"""
EVEN_CPP = """
#include <bits/stdc++.h>
int main(int argc, char **argv) {
    std::ifstream in(argv[1]);
    int limit, said;
    in >> limit;
    if (!(std::cin >> said)) return 43;
    std::ofstream(std::string(argv[3]) + "teammessage.txt") << "you said " << said;
    return said % 2 == 0 && said > limit && std::string(argv[4]) == "--base" ? 42 : 43;
}
"""
EVEN_JAVA = """
import java.nio.file.*;
import java.util.*;
public class Even {
    public static void main(String[] args) throws Exception {
        int limit = Integer.parseInt(Files.readString(Path.of(args[0])).trim());
        int said = new Scanner(System.in).nextInt();
        Files.writeString(Path.of(args[2] + "teammessage.txt"), "you said " + said);
        System.exit(said % 2 == 0 && said > limit ? 42 : 43);
    }
}
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("even.py", EVEN_PY), ("even.cpp", EVEN_CPP), ("Even.java", EVEN_JAVA)],
    ids=["py", "cpp", "java"],
)
def test_a_validator_decides_and_its_message_is_shown(
    judging: JudgeFixture, package: Write, name: str, text: str
) -> None:
    folder = package({"problem.yaml": CUSTOM, f"output_validators/{name}": text})
    good, bad = judging.submit(folder, "print(8)"), judging.submit(folder, "print(7)")
    assert (good.verdict, bad.verdict) == (Verdict.AC, Verdict.WA)
    assert bad.tests[0].message == "you said 7"


BUILD = r"""#!/bin/sh
printf '#!/bin/sh\nread x; [ "$x" = yes ] && exit 42; exit 43\n' > run
chmod +x run
"""


def test_a_validator_of_2023_07_may_be_a_folder_with_a_build_script(
    judging: JudgeFixture, package: Write
) -> None:
    files = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_limit: 1}\n",
        "output_validator/build": BUILD,
    }
    folder = package(files)
    assert judging.submit(folder, "print('yes')").verdict is Verdict.AC
    assert judging.submit(folder, "print('no')").verdict is Verdict.WA


@pytest.mark.parametrize("ending", ["sys.exit(0)", "sys.exit(1)", "while True: pass", "[0] * 10**12"])
def test_a_validator_that_fails_is_a_fault_of_the_package_and_not_a_wrong_answer(
    judging: JudgeFixture, package: Write, ending: str
) -> None:
    yaml = CUSTOM.replace("memory: 256", "memory: 256, validation_time: 1")
    folder = package({"problem.yaml": yaml, "output_validators/broken.py": f"import sys\n{ending}\n"})
    with pytest.raises(PackageBroken, match=r"output_validators/broken.py on secret/1"):
        judging.submit(folder, "print(1)")


def test_a_testlib_checker_is_called_with_testlib_s_arguments_and_exit_codes(
    judging: JudgeFixture, package: Write
) -> None:
    checker = """
#include "testlib.h"
#include <cstdlib>
#include <fstream>
int main(int, char **argv) {
    int said = 0, right = 0;
    std::ifstream(argv[2]) >> said;
    std::ifstream(argv[3]) >> right;
    std::exit(said == right ? 0 : 1);
}
"""
    files = {
        "problem.yaml": CUSTOM,
        "output_validators/check/check.cpp": checker,
        "output_validators/check/testlib.h": "#define OK_EXIT_CODE 0\n",
    }
    folder = package(files)
    assert judging.submit(folder, "print(4)").verdict is Verdict.AC
    assert judging.submit(folder, "print(5)").verdict is Verdict.WA


def test_a_checker_may_have_testlib_in_a_subfolder(judging: JudgeFixture, package: Write) -> None:
    checker = ENDS.replace('"testlib.h"', '"lib/testlib.h"')
    files = {
        "problem.yaml": CUSTOM,
        "output_validators/check/check.cpp": checker,
        "output_validators/check/lib/testlib.h": "#define OK_EXIT_CODE 0\n",
    }
    assert judging.submit(package(files), "print(0)").verdict is Verdict.AC


ENDS = """
#include "testlib.h"
#include <cstdlib>
#include <fstream>
#include <iostream>
int main(int, char **argv) {
    int code = 0;
    std::ifstream(argv[2]) >> code;
    std::cerr << (code == 7 ? "points 2.5 half of it" : "said") << std::endl;
    std::exit(code);
}
"""


def package_with_testlib(package: Write, validation: str = "custom") -> Path:
    return package(
        {
            "problem.yaml": CUSTOM.replace("custom", validation),
            "output_validators/check/check.cpp": ENDS,
            "output_validators/check/testlib.h": "#define OK_EXIT_CODE 0\n",
        }
    )


@pytest.mark.parametrize("code", [1, 2, 4, 5, 8])
def test_an_answer_that_a_testlib_checker_refuses_gets_wa(
    judging: JudgeFixture, package: Write, code: int
) -> None:
    assert judging.submit(package_with_testlib(package), f"print({code})").verdict is Verdict.WA


@pytest.mark.parametrize("code", [3, 6, 7, 9])
def test_failures_of_testlib_and_points_in_a_pass_fail_problem_are_faults(
    judging: JudgeFixture, package: Write, code: int
) -> None:
    with pytest.raises(PackageBroken, match=f"exit code {code}"):
        judging.submit(package_with_testlib(package), f"print({code})")


def test_the_points_of_testlib_are_the_score_of_a_scoring_problem(
    judging: JudgeFixture, package: Write
) -> None:
    outcome = judging.submit(package_with_testlib(package, "custom score\ntype: scoring"), "print(7)")
    assert (outcome.verdict, outcome.score) == (Verdict.AC, 2.5)


def test_checking_a_large_output_with_testlib_needs_little_worker_memory(
    judging: JudgeFixture, package: Write
) -> None:
    folder = package_with_testlib(package)
    big = "print(0, 'x' * 6_000_000)"
    judging.submit(folder, big)
    tracemalloc.start()
    try:
        assert judging.submit(folder, big).verdict is Verdict.AC
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


GUESS = """
import sys
secret = int(open(sys.argv[1]).read())
for _ in range(8):
    line = sys.stdin.readline()
    if not line:
        sys.exit(43)
    guess = int(line)
    print("correct" if guess == secret else "higher" if guess < secret else "lower", flush=True)
    if guess == secret:
        sys.exit(42)
sys.exit(43)
"""
SEARCH = """
low, high = 1, 100
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    answer = input()
    if answer == "correct":
        break
    if answer == "higher":
        low = middle + 1
    else:
        high = middle - 1
"""
INTERACTIVE = {
    "problem.yaml": "validation: custom interactive\nlimits: {time_limit: 1, memory: 256}\n",
    "output_validators/guess.py": GUESS,
    "data/secret/1.in": "37\n",
    "data/secret/2.in": "100\n",
}


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        (SEARCH, Verdict.AC),
        (
            "for n in range(1, 101):\n    print(n, flush=True)\n    if input() == 'correct': break\n",
            Verdict.WA,
        ),
        ("raise SystemExit(5)", Verdict.RTE),
        ("pass", Verdict.WA),
        ("print(37, flush=True)\nraise SystemExit(5)", Verdict.RTE),
        ("input()", Verdict.TLE),
        ("while True: pass", Verdict.TLE),
    ],
    ids=["search", "too-many", "fault-first", "leaves", "fault-after", "waits", "loops"],
)
def test_an_interactive_problem_is_judged_by_its_validator(
    judging: JudgeFixture, package: Write, source: str, verdict: Verdict
) -> None:
    assert judging.submit(package(INTERACTIVE), source).verdict is verdict


CHATTY = """
import sys
for number in range(2000):
    print("line", number, "x" * 100, flush=True)
said = sys.stdin.read().split()
sys.exit(42 if said == ["done"] else 43)
"""


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("print('done', flush=True)\n", Verdict.AC),
        ("pass", Verdict.WA),
        ("print('done', flush=True)\nraise SystemExit(3)", Verdict.RTE),
        ("import os\nprint('done', flush=True)\nos.abort()", Verdict.RTE),
    ],
    ids=["done", "silent", "exit-code", "signal"],
)
def test_an_interactive_validator_judges_a_solution_that_has_ended_first(
    judging: JudgeFixture, package: Write, source: str, verdict: Verdict
) -> None:
    folder = package({**INTERACTIVE, "output_validators/guess.py": CHATTY})
    assert judging.submit(folder, source).verdict is verdict


def test_an_interactive_validator_that_fails_is_a_fault_of_the_package(
    judging: JudgeFixture, package: Write
) -> None:
    folder = package({**INTERACTIVE, "output_validators/guess.py": "raise SystemExit(1)\n"})
    with pytest.raises(PackageBroken):
        judging.submit(folder, "print(1)")


MULTI_PASS = {
    "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\ntype: multi-pass\n"
    "limits: {time_limit: 1, validation_passes: 3}\n",
    "output_validator/count.py": """
import os, sys
inp, ans, feedback = sys.argv[1:4]
said, given = int(sys.stdin.read()), int(open(inp).read())
if said != given + 1:
    sys.exit(43)
with open(feedback + "judgemessage.txt", "a") as log:
    log.write(f"{said} ")
if said < int(open(ans).read()):
    open(feedback + "nextpass.in", "w").write(str(said))
sys.exit(42)
""",
}


def test_a_multi_pass_problem_runs_again_on_the_validators_input(
    judging: JudgeFixture, package: Write
) -> None:
    files = {**MULTI_PASS, "data/sample/1.in": "1\n", "data/sample/1.ans": "4\n"}
    folder = package(files)
    good = judging.submit(folder, "print(int(input()) + 1)")
    assert good.verdict is Verdict.AC
    assert good.tests[0].message == "2 3 4"
    assert judging.submit(folder, "n = int(input())\nprint(n + 1 if n < 3 else 0)").verdict is Verdict.WA


def test_more_passes_than_allowed_are_a_fault_of_the_package(judging: JudgeFixture, package: Write) -> None:
    folder = package({**MULTI_PASS, "data/secret/1.in": "1\n", "data/secret/1.ans": "9\n"})
    with pytest.raises(PackageBroken, match="more passes than the 3 of limits"):
        judging.submit(folder, "print(int(input()) + 1)")


@pytest.mark.parametrize(
    "beside",
    [
        {"output_validators/validate.ctd.template": "REGEX()", "output_validators/notes.rst": "x"},
        {"output_validators/helper.py": "wanted = 42\n"},
        {"output_validators/a_helper.py": "import sys\n\n\ndef leave() -> None:\n    sys.exit(42)\n"},
    ],
    ids=["files-of-no-language", "constants", "a-module"],
)
def test_other_files_beside_a_validator_are_not_run_as_validators(
    judging: JudgeFixture, package: Write, beside: dict[str, str]
) -> None:
    uses = (
        "from a_helper import leave\nleave()\n" if "output_validators/a_helper.py" in beside else "exit(42)\n"
    )
    folder = package({"problem.yaml": CUSTOM, "output_validators/check.py": uses, **beside})
    assert judging.submit(folder, "print(5)\n").verdict is Verdict.AC


def test_a_validator_can_include_a_header_from_its_own_folder(judging: JudgeFixture, package: Write) -> None:
    files = {
        "output_validators/check.cpp": '#include "validation.h"\nint main() { return accept(); }\n',
        "output_validators/validation.h": "inline int accept() { return 42; }\n",
    }
    folder = package({"problem.yaml": CUSTOM, **files})
    assert judging.submit(folder, "print(5)\n").verdict is Verdict.AC


CRASHES = """import sys
from decimal import Decimal
value = Decimal(sys.stdin.read().strip())
sys.exit(42 if int(value) == 4 else 43)
"""


def fault_of(judging: JudgeFixture, folder: Path, source: str) -> PackageBroken:
    request = JudgeRequest("id", 1, Tier.NORMAL, "python3", source, PackageRef(folder.name, "0" * 64))
    with pytest.raises(PackageBroken) as caught:
        judging.judge.judge(request, NoProgress())
    return caught.value


@pytest.mark.parametrize("token", ["1e", "Infinity", "NaN", "FOUR"])
def test_the_fault_of_a_checker_that_crashes_on_an_output_quotes_the_output(
    judging: JudgeFixture, package: Write, token: str
) -> None:
    files = {"output_validators/check.py": CRASHES, "submissions/accepted/a.py": "print(4)\n"}
    fault = fault_of(judging, package({"problem.yaml": CUSTOM, **files}), f"print({token!r})\n")
    assert f"begins with '{token}\\n'" in fault.reason
    assert "Traceback" in fault.reason
    assert not fault.is_unusable


@pytest.mark.parametrize("checker", ["raise SystemExit(1)\n", "import nothing\n", "}\n"])
def test_a_checker_that_fails_on_the_package_s_own_submission_makes_the_package_unusable(
    judging: JudgeFixture, package: Write, checker: str
) -> None:
    files = {"output_validators/check.py": checker, "submissions/accepted/a.py": "print(4)\n"}
    assert fault_of(judging, package({"problem.yaml": CUSTOM, **files}), "print(4)\n").is_unusable
