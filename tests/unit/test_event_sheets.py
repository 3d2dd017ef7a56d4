"""No cell of an event's tables is read as a formula, whatever a member's name is."""

from __future__ import annotations

import csv
import io

import pytest

from judge_api.services.event_sheets import Table, csv_text, plain_cell

FORMULAS = (
    ("=1+1", "'=1+1"),
    (" =1+1", "' =1+1"),
    ("-2", "'-2"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("＝1+1", "'＝1+1"),
    ("x;=1+1", "x;'=1+1"),
    ("x\t=1+1", "x\t'=1+1"),
    ("x\n=1+1", "x\n'=1+1"),
    ("\tx", "'\tx"),
)


@pytest.mark.parametrize(("name", "shown"), FORMULAS)
def test_a_formula_is_quoted_wherever_a_spreadsheet_begins_a_cell(name: str, shown: str) -> None:
    assert plain_cell(name) == shown
    text = csv_text(Table("results", ["name"], [[name]]))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["name"], [shown]]


@pytest.mark.parametrize("name", ["Ada", "Jean-Luc", "a; b", "a | b", "1 + 1 = 2", "a@b"])
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert plain_cell(name) == name
