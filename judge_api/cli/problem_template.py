"""The packages that `gavel problems new` creates, one of each kind: small, complete and correct."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path


class ProblemKind(StrEnum):
    """The kinds of problem for which there is an example."""

    PASS_FAIL = "pass-fail"
    SCORING = "scoring"
    INTERACTIVE = "interactive"
    FUNCTION = "function"
    MULTI_PASS = "multi-pass"


KINDS: Mapping[ProblemKind, str] = {
    ProblemKind.PASS_FAIL: "a program reads an input and writes an output; right or wrong",
    ProblemKind.SCORING: "groups of tests give points",
    ProblemKind.INTERACTIVE: "the program talks to a program of yours",
    ProblemKind.FUNCTION: "solvers write a function; your driver calls it",
    ProblemKind.MULTI_PASS: "the program runs twice; the second input depends on the first output",
}
_PASS_FAIL: Mapping[str, str] = {
    "problem.yaml": """problem_format_version: 2023-07-draft
name:
  en: Sum of Two
uuid: {uuid}
license: public domain
limits:
  time_limit: 1
  memory: 256
""",
    "statement/problem.en.md": """Read two integers and print their sum.

## Input

One line with two integers $a$ and $b$ ($0 \\le a, b \\le 10^9$).

## Output

One line: $a + b$.
""",
    "data/sample/1.in": "1 2\n",
    "data/sample/1.ans": "3\n",
    "data/secret/01.in": "0 0\n",
    "data/secret/01.ans": "0\n",
    "data/secret/02.in": "1000000000 1000000000\n",
    "data/secret/02.ans": "2000000000\n",
    "data/invalid_input/negative.in": "-1 2\n",
    "input_validators/format.py": """import re
import sys

# 42 means: this is what the statement promises.
line = re.fullmatch(r"(\\d+) (\\d+)\\n", sys.stdin.read())
sys.exit(42 if line and all(int(number) <= 10**9 for number in line.groups()) else 43)
""",
    "submissions/accepted/sum.py": "a, b = map(int, input().split())\nprint(a + b)\n",
    "submissions/wrong_answer/difference.py": "a, b = map(int, input().split())\nprint(a - b)\n",
}

_HEAD = """problem_format_version: 2023-07-draft
name:
  en: {name}
uuid: {uuid}
license: public domain
"""
_LIMITS = """limits:
  time_limit: 1
  memory: 256
"""
_SCORING: Mapping[str, str] = {
    "problem.yaml": _HEAD.replace("{name}", "Sum of Many") + "type: scoring\n" + _LIMITS,
    "statement/problem.en.md": """Read numbers and print their sum.

## Input

One line with $n$, then one line with $n$ integers, each from $0$ to $10^9$.

## Output

One line: the sum.

## Scoring

| group | points | limits |
|---|---|---|
| 1 | 30 | $1 \\le n \\le 10$, the sum is below $2^{31}$ |
| 2 | 70 | $1 \\le n \\le 1000$ |
""",
    "data/sample/1.in": "3\n1 2 3\n",
    "data/sample/1.ans": "6\n",
    "data/secret/test_group.yaml": "scoring:\n  score: 100\n",
    "data/secret/group1/test_group.yaml": "scoring:\n  score: 30\n",
    "data/secret/group1/01.in": "1\n0\n",
    "data/secret/group1/01.ans": "0\n",
    "data/secret/group1/02.in": "2\n1000000000 1000000000\n",
    "data/secret/group1/02.ans": "2000000000\n",
    "data/secret/group2/test_group.yaml": "scoring:\n  score: 70\n  require_pass: [secret/group1]\n",
    "data/secret/group2/01.in": "4\n1000000000 1000000000 1000000000 1000000000\n",
    "data/secret/group2/01.ans": "4000000000\n",
    "data/invalid_input/too_few.in": "3\n1 2\n",
    "input_validators/format.py": """import re
import sys

# 42 means: this is what the statement promises.
text = re.fullmatch(r"(\\d+)\\n(\\d+(?: \\d+)*)\\n", sys.stdin.read())
numbers = text[2].split() if text else []
right = text and 1 <= int(text[1]) <= 1000 and len(numbers) == int(text[1])
sys.exit(42 if right and all(int(number) <= 10**9 for number in numbers) else 43)
""",
    "submissions/accepted/sum.py": "input()\nprint(sum(map(int, input().split())))\n",
    "submissions/partially_accepted/int32.py": """input()
total = sum(map(int, input().split()))
print((total + 2**31) % 2**32 - 2**31)
""",
    "submissions/submissions.yaml": "partially_accepted/int32.py:\n  score: 30\n",
}
_INTERACTIVE: Mapping[str, str] = {
    "problem.yaml": _HEAD.replace("{name}", "Guess") + "type: interactive\n" + _LIMITS,
    "statement/problem.en.md": """Find the judge's number, from $1$ to $100$, with at most seven questions.

## Interaction

Print a number and end the line; flush the output. The judge answers `more`, `less` or `right`.
After `right`, end.
""",
    "data/sample/1.interaction": ">50\n<less\n>20\n<more\n>37\n<right\n",
    "data/secret/01.in": "1\n",
    "data/secret/01.ans": "",
    "data/secret/02.in": "37\n",
    "data/secret/02.ans": "",
    "data/secret/03.in": "100\n",
    "data/secret/03.ans": "",
    "input_validators/format.py": """import sys

text = sys.stdin.read()
sys.exit(42 if text.strip().isdigit() and 1 <= int(text) <= 100 and text.endswith("\\n") else 43)
""",
    "output_validator/interactor.py": """import sys
from pathlib import Path

# The submission's output is stdin here, and stdout is its input. 42 means right, 43 wrong.
secret = int(Path(sys.argv[1]).read_text())
message = Path(sys.argv[3]) / "judgemessage.txt"
for _ in range(7):
    line = sys.stdin.readline()
    if not line.strip().isdigit():
        message.write_text("no number was guessed")
        sys.exit(43)
    guess = int(line)
    print("right" if guess == secret else "more" if guess < secret else "less", flush=True)
    if guess == secret:
        sys.exit(42)
message.write_text("not found with seven questions")
sys.exit(43)
""",
    "submissions/accepted/halves.py": """low, high = 1, 100
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    answer = input()
    if answer == "right":
        break
    low, high = (middle + 1, high) if answer == "more" else (low, middle - 1)
""",
    "submissions/wrong_answer/one_by_one.py": """for number in range(1, 101):
    print(number, flush=True)
    if input() == "right":
        break
""",
}
_FUNCTION: Mapping[str, str] = {
    "problem.yaml": _HEAD.replace("{name}", "Greatest") + "languages: [python3, cpp]\n" + _LIMITS,
    "statement/problem.en.md": """Write a function `greatest` that returns the greatest of the given numbers.

There are from $1$ to $1000$ numbers, each from $-10^9$ to $10^9$.
""",
    "data/sample/1.in": "3 9 2\n",
    "data/sample/1.ans": "9\n",
    "data/secret/01.in": "-5\n",
    "data/secret/01.ans": "-5\n",
    "data/secret/02.in": "-7 -3 -1000000000\n",
    "data/secret/02.ans": "-3\n",
    "input_validators/format.py": """import re
import sys

numbers = sys.stdin.read()
right = re.fullmatch(r"-?\\d{1,10}(?: -?\\d{1,10}){0,999}\\n", numbers)
sys.exit(42 if right and all(abs(int(each)) <= 10**9 for each in numbers.split()) else 43)
""",
    "include/python3/main.py": """from solution import greatest

print(greatest(list(map(int, input().split()))))
""",
    "include/cpp/main.cpp": """#include <iostream>
#include <vector>
using namespace std;

#include "solution.cpp"

int main() {
    vector<int> numbers;
    for (int number; cin >> number;) numbers.push_back(number);
    cout << greatest(numbers) << "\\n";
}
""",
    "attachments/starter.py": "def greatest(numbers: list[int]) -> int:\n    ...\n",
    "attachments/starter.cpp": "int greatest(const vector<int>& numbers) {\n    return 0;\n}\n",
    "submissions/accepted/max.py": "def greatest(numbers):\n    return max(numbers)\n",
    "submissions/accepted/max.cpp": """#include <algorithm>

int greatest(const vector<int>& numbers) { return *max_element(numbers.begin(), numbers.end()); }
""",
    "submissions/wrong_answer/from_zero.py": """def greatest(numbers):
    best = 0
    for number in numbers:
        best = max(best, number)
    return best
""",
}
_MULTI_PASS: Mapping[str, str] = {
    "problem.yaml": _HEAD.replace("{name}", "Secret Code")
    + "type: multi-pass\n"
    + _LIMITS
    + "  validation_passes: 2\n",
    "statement/problem.en.md": """Your program runs twice.

First it turns a number into a word. Then it gets the word and prints the number.

## Input

One line: `encode` and a number from $0$ to $10^6$, or `decode` and the word that your program printed before.

## Output

For `encode`, one word of at most ten letters from `a` to `z`. For `decode`, the number.
""",
    "data/secret/01.in": "encode 0\n",
    "data/secret/01.ans": "",
    "data/secret/02.in": "encode 4711\n",
    "data/secret/02.ans": "",
    "data/secret/03.in": "encode 1000000\n",
    "data/secret/03.ans": "",
    "input_validators/format.py": """import re
import sys

line = re.fullmatch(r"encode (\\d{1,7})\\n", sys.stdin.read())
sys.exit(42 if line and int(line[1]) <= 10**6 else 43)
""",
    "output_validator/check.py": """import re
import sys
from pathlib import Path

# Accepting with a nextpass.in means: run the program again, with that as its input.
word, given = Path(sys.argv[1]).read_text().split()
feedback, output = Path(sys.argv[3]), sys.stdin.read().split()
if len(output) != 1:
    (feedback / "judgemessage.txt").write_text("one word was expected")
    sys.exit(43)
if word == "encode":
    if not re.fullmatch(r"[a-z]{1,10}", output[0]):
        (feedback / "judgemessage.txt").write_text("no word of at most ten letters")
        sys.exit(43)
    (feedback / "number.txt").write_text(given)  # it is here again in the next pass
    (feedback / "nextpass.in").write_text(f"decode {output[0]}\\n")
    sys.exit(42)
sys.exit(42 if output[0] == (feedback / "number.txt").read_text() else 43)
""",
    "submissions/accepted/digits.py": """word, given = input().split()
if word == "encode":
    print("".join("abcdefghij"[int(digit)] for digit in given))
else:
    print("".join(str("abcdefghij".index(letter)) for letter in given))
""",
    "submissions/wrong_answer/short.py": """word, given = input().split()
if word == "encode":
    print("abcdefghij"[int(given) % 10])
else:
    print("abcdefghij".index(given))
""",
}
_FILES = {
    ProblemKind.PASS_FAIL: _PASS_FAIL,
    ProblemKind.SCORING: _SCORING,
    ProblemKind.INTERACTIVE: _INTERACTIVE,
    ProblemKind.FUNCTION: _FUNCTION,
    ProblemKind.MULTI_PASS: _MULTI_PASS,
}


def write_template(folder: Path, kind: ProblemKind = ProblemKind.PASS_FAIL) -> None:
    for name, text in _FILES[kind].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{uuid}", str(uuid.uuid4())), encoding="utf-8")
