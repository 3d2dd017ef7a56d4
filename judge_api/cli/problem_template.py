"""The files of the package that `gavel problems new` creates: small, complete and correct."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

FILES: Mapping[str, str] = {
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


def write_template(folder: Path) -> None:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{uuid}", str(uuid.uuid4())), encoding="utf-8")
