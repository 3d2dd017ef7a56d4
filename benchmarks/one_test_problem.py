"""A problem with a single test, for benchmarks that measure the cost of one run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from benchmarks.stack import Stack

SLUG = "onetest"
_FILES = {
    "problem.yaml": "problem_format_version: 2023-07-draft\nname: One test\n"
    "uuid: 5d1f8a5e-0000-4000-8000-000000000001\nlicense: public domain\n"
    "limits: {time_limit: 2, memory: 256}\n",
    "statement/problem.en.tex": "\\problemname{One test}\nPrint the sum of both.\n",
    "data/secret/1.in": "1 2\n",
    "data/secret/1.ans": "3\n",
    "submissions/accepted/sum.py": "print(sum(map(int, input().split())))\n",
}


def add_problem(stack: Stack) -> str:
    """Upload the problem and return its slug."""
    return add_package(stack, SLUG, _FILES)


def add_package(stack: Stack, slug: str, files: Mapping[str, str]) -> str:
    """Upload a package of these files, and return its slug. Raises ``AssertionError`` if it is refused."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{slug}/{name}", text)
    upload = {"package": (f"{slug}.zip", packed.getvalue(), "application/zip")}
    answer = stack.session("admin").post(f"{stack.url}/admin/problems", files=upload)
    if answer.status_code != 201:
        raise AssertionError(f"the problem was refused: {answer.text}")
    return slug
