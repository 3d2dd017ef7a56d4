"""A spreadsheet reads no cell of an event's tables as a formula, even if a member's name is a formula."""

from __future__ import annotations

import csv
import io

import pytest

from judge_api.events.rules import Category
from judge_api.events.standings import EventMember, Row
from judge_api.services.event_sheets import Table, csv_text, plain_cell, results_tsv

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
def test_a_formula_is_quoted_at_each_place_where_a_spreadsheet_may_begin_a_cell(
    name: str, shown: str
) -> None:
    assert plain_cell(name) == shown
    text = csv_text(Table("results", ["name"], [[name]]))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["name"], [shown]]


@pytest.mark.parametrize("name", ["Ada", "Jean-Luc", "a; b", "a | b", "1 + 1 = 2", "a@b"])
def test_an_ordinary_name_in_a_table_is_not_changed(name: str) -> None:
    assert plain_cell(name) == name


def test_the_icpc_table_has_external_ids_unchanged_and_names_quoted() -> None:
    """The external id must not be changed, because other programs find a team by it."""
    members = (
        EventMember("1", "=1+1", Category.OFFICIAL, None, external_id="-12;+x"),
        EventMember("2", "=1+1", Category.OFFICIAL, None),
    )
    rows = [Row(each, None, 0, 0.0, 0, 0, ()) for each in members]
    assert [line.split("\t")[0] for line in results_tsv(rows).splitlines()[1:]] == ["-12;+x", "'=1+1"]


def test_points_are_written_into_a_csv_file_with_their_decimals() -> None:
    assert [plain_cell(value) for value in (12345.67, 1234567.0, 0.1 + 0.2, 100.0, 33.3)] == [
        "12345.67", "1234567", "0.3", "100", "33.3"
    ]  # fmt: skip
