"""Writes tables of an event as CSV, XLSX and ICPC's results.tsv. A spreadsheet reads no cell as a formula,
except an external id in results.tsv, which only the jury sets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any

from judge_api.events.rules import Category
from judge_api.events.standings import EventMember, Row

_BEFORE_FORMULA = re.compile(r"(^|[;|\t\r\n])(?=\s*[=+\-@＝＋－＠]|[\t\r])")
"""The places at which a spreadsheet may read a formula.

They are the beginning of a cell or a line, and the place after a separator of cells. The separator is the
semicolon in some locales. Some locales also read full-width signs.
"""
_LONGEST_SHEET_NAME = 31
_NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and its first line with the names of the columns."""

    title: str
    heads: Sequence[str]
    lines: Sequence[Sequence[Any]]


def plain_cell(value: Any) -> Any:
    """A cell for CSV that no spreadsheet reads as a formula."""
    if isinstance(value, str):
        return _BEFORE_FORMULA.sub(r"\1'", value)
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else value


def csv_text(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([plain_cell(head) for head in table.heads])
    writer.writerows([plain_cell(cell) for cell in line] for line in table.lines)
    return out.getvalue()


def write_xlsx(file: IO[bytes], table: Table) -> None:
    """Write a table as one sheet. Texts are written as texts, even if they begin like a formula."""
    import xlsxwriter  # imported here, because few processes write a sheet

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        name = table.title.translate(_NOT_IN_SHEET_NAMES).strip()[:_LONGEST_SHEET_NAME]
        sheet, bold = book.add_worksheet(name or "results"), book.add_format({"bold": True})
        sheet.freeze_panes(1, 2)
        for column, head in enumerate(table.heads):
            sheet.write_string(0, column, head, bold)
        for number, line in enumerate(table.lines, 1):
            for column, value in enumerate(line):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write_number(number, column, value)


def results_tsv(rows: Iterable[Row]) -> str:
    """ICPC's results.tsv (CCS requirements, "results.tsv").

    Each official member has a line with its external id (or its name if it has none), rank, award, solved
    problems, penalty in minutes, and the minute of the last accepted submission. The jury decides the awards,
    so the award is only ``Ranked``, or ``Honorable`` without a solved problem.
    """
    lines = ["results\t1"]
    for row in rows:
        if row.member.category is not Category.OFFICIAL:
            continue
        award = "Ranked" if row.solved else "Honorable"
        fields = (
            _name_in_tsv(row.member),
            row.rank if row.solved else "",
            award,
            row.solved,
            row.penalty // 60,
            row.last // 60,
            "",
        )
        lines.append("\t".join(map(str, fields)))
    return "\n".join(lines) + "\n"


def _name_in_tsv(member: EventMember) -> str:
    """The name of a member in the table.

    An external id is not changed, because only the jury sets it, and other programs compare it.
    """
    text = " ".join((member.external_id or member.name).split())
    return text if member.external_id else str(plain_cell(text))
