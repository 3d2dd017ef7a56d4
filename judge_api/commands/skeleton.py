"""The package that `gavel problems new` starts from: small, whole, and correct."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FILES: Mapping[str, str] = {
    "problem.yaml": """problem_format_version: 2023-07-draft
name:
  en: Sum of Two
uuid: 00000000-0000-4000-8000-000000000000
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
    "submissions/accepted/sum.py": "a, b = map(int, input().split())\nprint(a + b)\n",
    "submissions/wrong_answer/difference.py": "a, b = map(int, input().split())\nprint(a - b)\n",
}


def lay_out(folder: Path) -> None:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
