"""Prints how large the code of the packages in ``PACKAGES`` is: modules, lines, and the lengths of its
functions.

The length of a function counts its signature, docstring and decorators, but not the functions inside it.
Migrations are left out, because each is written once and then never changed.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.stack import TREE

PACKAGES = ("judge_api", "judge_core", "gavel_client", "workers", "sandbox")
LONGEST = 5
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class FunctionSize:
    """A function's length in lines, and where it is."""

    lines: int
    place: str


@dataclass(frozen=True, slots=True)
class CodeSize:
    """The size of some modules. ``functions`` is sorted, the longest first."""

    modules: int
    lines: int
    longest_module: str
    functions: tuple[FunctionSize, ...]

    def describe(self) -> str:
        """The size in three lines of plain text."""
        lengths = [each.lines for each in self.functions]
        longest = ", ".join(f"{each.lines} {each.place}" for each in self.functions[:LONGEST])
        return (
            f"{self.modules} modules, {self.lines} lines, the longest {self.longest_module}\n"
            f"{len(lengths)} functions, median {median(lengths):g} lines, "
            f"{sum(length <= 10 for length in lengths)} up to 10, "
            f"{sum(length > 40 for length in lengths)} over 40\n"
            f"longest functions: {longest}"
        )


def measure(tree: Path, modules: Iterable[str]) -> CodeSize:
    """The size of these modules, given as paths in the tree."""
    texts = {name: (tree / name).read_text() for name in modules}
    lines = {name: len(text.splitlines()) for name, text in texts.items()}
    functions = [size for name, text in texts.items() for size in _functions(name, ast.parse(text))]
    longest = max(lines, key=lines.__getitem__)
    ordered = tuple(sorted(functions, key=lambda each: -each.lines))
    return CodeSize(len(lines), sum(lines.values()), f"{lines[longest]} {longest}", ordered)


def all_modules(tree: Path) -> list[str]:
    """Every module of ``PACKAGES``, without migrations."""
    paths = (path for package in PACKAGES for path in (tree / package).rglob("*.py"))
    return sorted(path.relative_to(tree).as_posix() for path in paths if "migrations" not in path.parts)


def _functions(module: str, node: ast.AST, within: str = "") -> Iterator[FunctionSize]:
    for child in ast.iter_child_nodes(node):
        name = f"{within}{child.name}." if isinstance(child, (Function, ast.ClassDef)) else within
        if isinstance(child, Function):
            inner = sum(map(_length, _nested(child)))
            yield FunctionSize(_length(child) - inner, f"{module}:{name.rstrip('.')}")
        yield from _functions(module, child, name)


def _nested(node: ast.AST) -> Iterator[Function]:
    """The functions inside a node, without those inside such a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield child
        else:
            yield from _nested(child)


def _length(function: Function) -> int:
    first = min([function.lineno, *(each.lineno for each in function.decorator_list)])
    return (function.end_lineno or first) - first + 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.code_size", description=__doc__)
    parser.add_argument("--tree", type=Path, default=TREE, help="the working tree to measure")
    tree = parser.parse_args().tree
    print(measure(tree, all_modules(tree)).describe())


if __name__ == "__main__":
    main()
