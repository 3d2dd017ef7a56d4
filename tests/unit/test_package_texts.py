"""Texts of package authors are read in linear time, because the main server reads them too."""

from __future__ import annotations

import subprocess
import sys

import pytest

from judge_core.packages.statements.latex_commands import latex_name, plain_latex
from workers.judging.errors import PackageBroken
from workers.judging.expectations import matches

READS_ALL = r"""
from judge_core.packages.statements.latex_commands import latex_name, plain_latex
from workers.judging.expectations import matches

for text in (
    "%plainproblemname: a" + " " * 900_000 + "b",
    r"\illustration{" * 60_000,
    r"\problemname{}{" * 60_000,
    r"\begin{wrapfigure}[" * 50_000,
    r"\begin{wrapfigure}" + " " * 900_000,
    r"\problemname{" * 60_000 + "}" * 60_000,
):
    latex_name(text)
    plain_latex(text, {})
print(matches("*a" * 30 + "*c", "a" * 200))
"""


def test_the_long_texts_of_a_hostile_package_are_read_within_a_minute() -> None:
    """Each of these texts once took from two minutes to years."""
    command = [sys.executable, "-c", READS_ALL]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "False\n", done.stderr


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("%% plainproblemname: A {B}  \n\\problemname{C}", "A {B}"),
        ("\\problemname {A {B} \\} C}\n", "A {B} \\} C"),
        ("\\problemname{A", ""),
        ("% nothing", ""),
    ],
)
def test_the_name_of_a_problem_is_read_from_its_latex_statement(text: str, name: str) -> None:
    assert latex_name(text) == name


def test_an_illustration_inside_an_unclosed_illustration_is_converted() -> None:
    text = "\\illustration{\\illustration{0.3}{a {b}}{c}"
    assert plain_latex(text, {}).text == (
        "\\illustration{\\begin{figure}\\includegraphics{a {b}}\\caption{c}\\end{figure}"
    )


@pytest.mark.parametrize(
    ("pattern", "path", "meant"),
    [
        ("accepted", "accepted/a.py", True),
        ("*/a*b.py", "accepted/axbxb.py", True),
        ("*/a*b.py", "accepted/x/ab.py", False),
        ("{wrong,slow}/*.{py,cpp}", "slow/a.cpp", True),
        ("{a,{b,c}}d", "cd", True),
        ("a*", "b/a", False),
    ],
)
def test_a_pattern_in_submissions_yaml_matches_the_right_paths(pattern: str, path: str, meant: bool) -> None:
    assert matches(pattern, path) is meant


def test_a_pattern_that_stands_for_too_many_names_is_a_fault_of_the_package() -> None:
    with pytest.raises(PackageBroken, match=r"submissions\.yaml: '\{a,b\}.* stands for too many names"):
        matches("{a,b}" * 40, "x")
