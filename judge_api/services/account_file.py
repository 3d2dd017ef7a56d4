"""Reads a CSV file of accounts, and lists its faults by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from judge_api.store.accounts import NewAccount
from judge_core.model.account import Role, Tier, email_fault, full_name_fault, group_fault, name_fault
from judge_core.model.tiers import DEFAULT_TIERS, Tiers

COLUMNS = ("name", "full name", "e-mail", "tier", "role", "group")
MOST_ACCOUNTS = 1000
_ALIASES = {
    "full_name": "full name",
    "fullname": "full name",
    "email": "e-mail",
    "mail": "e-mail",
    "groups": "group",
}
_DELIMITERS = ",;\t"
Choice = TypeVar("Choice", Tier, Role)


@dataclass(frozen=True, slots=True)
class LineFault:
    """One fault of a file, with its line. Lines are counted as in an editor, from 1."""

    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """One account of a file."""

    line: int
    account: NewAccount


@dataclass(frozen=True, slots=True)
class AccountFile:
    """The accounts of a file, and its faults. Only a file without faults is imported."""

    lines: tuple[FileLine, ...]
    faults: tuple[LineFault, ...]

    @property
    def accounts(self) -> list[NewAccount]:
        return [line.account for line in self.lines]


def read_account_file(data: bytes, tiers: Tiers = DEFAULT_TIERS) -> AccountFile:
    """Read a file in UTF-8 or cp1252. Its columns are separated by commas, semicolons or tabs."""
    text = spreadsheet_text(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    faults: list[LineFault] = []
    lines: list[FileLine] = []
    try:
        heads = _heads(next(reader, []), faults)
        for row in reader if not faults else ():
            if any(cell.strip() for cell in row):
                _read_row(_row(reader.line_num, heads, row, faults), tiers, lines)
    except csv.Error as error:
        faults.append(LineFault(reader.line_num, "", f"cannot be read: {error}"))
    if not lines and not faults:
        faults.append(LineFault(1, "", "the file has no account below its first line"))
    if len(lines) > MOST_ACCOUNTS:
        message = f"the file has {len(lines)} accounts: import at most {MOST_ACCOUNTS} at once"
        faults.append(LineFault(lines[MOST_ACCOUNTS].line, "", message))
    faults += _repeated(lines)
    return AccountFile(tuple(lines), tuple(sorted(faults, key=lambda fault: fault.line)))


def spreadsheet_text(data: bytes) -> str:
    """The text of a CSV file. Spreadsheets write UTF-8, with or without a byte order mark, or cp1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def delimiter_of(text: str) -> str:
    """The character that separates the cells: a comma, a semicolon or a tab."""
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _heads(row: Sequence[str], faults: list[LineFault]) -> list[str]:
    lowered = [cell.strip().lower() for cell in row]
    heads = [_ALIASES.get(cell, cell) for cell in lowered]
    known = f"the columns are {', '.join(COLUMNS)}"
    for head in heads:
        if head not in COLUMNS:
            faults.append(LineFault(1, head, f"is no column: {known}"))
        elif heads.count(head) > 1:
            faults.append(LineFault(1, head, "is there twice: keep one"))
    if "name" not in heads:
        faults.append(LineFault(1, "name", f"is missing in the first line: {known}"))
    return heads


def _row(line: int, heads: list[str], row: list[str], faults: list[LineFault]) -> _Row:
    if len(row) > len(heads):
        faults.append(LineFault(line, "", f"has {len(row)} cells, the first line has {len(heads)}"))
    return _Row(line, {head: cell.strip() for head, cell in zip(heads, row, strict=False)}, faults)


def _read_row(values: _Row, tiers: Tiers, lines: list[FileLine]) -> None:
    cells = values.cells
    groups = tuple(dict.fromkeys(part.strip() for part in cells.get("group", "").split("|") if part.strip()))
    for group in groups:
        values.check("group", group, group_fault)
    account = NewAccount(
        name=values.check("name", cells.get("name", ""), name_fault) or "",
        tier=values.choice("tier", {tier: tier for tier in tiers}, Tier.NORMAL),
        role=values.choice("role", {role.value: role for role in Role}, Role.USER),
        full_name=values.optional("full name", full_name_fault),
        email=values.optional("e-mail", email_fault),
        groups=groups,
    )
    lines.append(FileLine(values.line, account))


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of one line, and the list to which its faults are added."""

    line: int
    cells: dict[str, str]
    faults: list[LineFault]

    def check(self, column: str, text: str, find_fault: Callable[[str], str | None]) -> str:
        if fault := find_fault(text):
            self.faults.append(LineFault(self.line, column, f"{text[:64]!r} {fault}"))
        return text

    def optional(self, column: str, find_fault: Callable[[str], str | None]) -> str | None:
        text = self.cells.get(column, "")
        return self.check(column, text, find_fault) if text else None

    def choice(self, column: str, known: Mapping[str, Choice], default: Choice) -> Choice:
        text = self.cells.get(column, "").lower()
        if not text:
            return default
        if text not in known:
            message = f"{text[:64]!r} must be {' or '.join(known)}"
            self.faults.append(LineFault(self.line, column, message))
        return known.get(text, default)


def _repeated(lines: Sequence[FileLine]) -> Iterator[LineFault]:
    first: dict[str, FileLine] = {}
    for line in lines:
        name = line.account.name
        other = first.setdefault(name.lower(), line)
        if name and other is not line:
            yield LineFault(line.line, "name", _repetition(name, other))


def _repetition(name: str, other: FileLine) -> str:
    if name == other.account.name:
        return f"{name!r} is in line {other.line} already"
    return f"{name!r} differs in capitals only from {other.account.name!r} in line {other.line}"
