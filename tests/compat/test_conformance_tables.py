"""Each row of the conformance table of a compatible API names a test that exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.command_blocks import ROOT

DIALECTS = ("piston", "jobe", "kattis", "domjudge", "contest", "leetcode")
PAGES = tuple(f"{dialect}-api.md" for dialect in DIALECTS)
_LAST_CELL = re.compile(r"\| `(test_\w+)` \|$")
_STATES = {"same", "different", "more", "not there", "no effect"}


@cache
def _tests() -> frozenset[str]:
    """The names of the tests that a row may name."""
    modules = [*_modules("compat"), *_modules("golden"), *_modules("acceptance")]
    trees = [ast.parse(module.read_text()) for module in modules]
    return frozenset(
        each.name for tree in trees for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)
    )


def _modules(folder: str) -> list[Path]:
    return sorted((ROOT / "tests" / folder).glob("test_*.py"))


@pytest.mark.parametrize("page", PAGES)
def test_each_row_of_a_conformance_table_names_an_existing_test(page: str) -> None:
    lines = (ROOT / "docs" / "reference" / page).read_text().splitlines()
    rows = [line for line in lines if line.startswith("| ") and " test |" not in line]
    assert rows
    for row in rows:
        found = _LAST_CELL.search(row)
        assert found, f"{page}: this row names no test: {row}"
        assert found[1] in _tests(), f"{page}: there is no {found[1]}"
        assert row.split("|")[2].strip() in _STATES, f"{page}: {row}"
