"""Reads a CSV file of an event's members, and reports its faults by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from judge_api.events.rules import Category
from judge_api.services.account_file import LineFault, delimiter_of, spreadsheet_text
from judge_api.store.events import NewMember

COLUMNS = ("name", "accounts", "category", "affiliation", "external_id", "group")
MOST_LINES = 2000
LONGEST_NAME = 128
_LONGEST_EXTERNAL_ID = 64


@dataclass(frozen=True, slots=True)
class MembersFile:
    """The members of a file, and its faults. Only a file without faults is used."""

    members: tuple[NewMember, ...]
    groups: tuple[str, ...]
    faults: tuple[LineFault, ...]


def read_members_file(data: bytes, find_account: Callable[[str], str | None]) -> MembersFile:
    """Read a file in UTF-8 or cp1252. ``find_account`` returns the id of the account with a name.

    A line has the names of a member's accounts, separated by ``|``. Or it has a group, and every account of
    the group becomes a member. A member without a name gets the name of its first account.
    """
    text = spreadsheet_text(data)
    faults: list[LineFault] = []
    members: list[NewMember] = []
    groups: list[str] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    try:
        heads = [cell.strip().lower() for cell in next(reader, [])]
        faults += _head_faults(heads)
        for row in reader if not faults else ():
            cells = dict(zip(heads, (cell.strip() for cell in row), strict=False))
            if not any(cells.values()):
                continue
            if len(row) > len(heads):
                text = f"has {len(row)} cells, the first line has {len(heads)}"
                faults.append(LineFault(reader.line_num, "", text))
            if cells.get("group"):
                groups.append(cells["group"])
            else:
                _read_member(reader.line_num, cells, find_account, members, faults)
            if len(members) > MOST_LINES:
                faults.append(LineFault(reader.line_num, "", f"a file has at most {MOST_LINES} members"))
                break
    except csv.Error as error:
        faults.append(LineFault(reader.line_num, "", f"cannot be read: {error}"))
    if not members and not groups and not faults:
        faults.append(LineFault(1, "", "the file has no member below its first line"))
    return MembersFile(tuple(members), tuple(groups), tuple(faults))


def _head_faults(heads: Sequence[str]) -> Iterator[LineFault]:
    known = f"the columns are {', '.join(COLUMNS)}"
    for head in heads:
        if head not in COLUMNS:
            yield LineFault(1, head[:64], f"is no column: {known}")
        elif heads.count(head) > 1:
            yield LineFault(1, head, "is there twice: keep one")
    if "accounts" not in heads and "group" not in heads:
        yield LineFault(1, "accounts", f"is missing in the first line: {known}")


def _read_member(
    line: int,
    cells: dict[str, str],
    find_account: Callable[[str], str | None],
    members: list[NewMember],
    faults: list[LineFault],
) -> None:
    names = [part.strip() for part in cells.get("accounts", "").split("|") if part.strip()]
    ids = [(name, find_account(name)) for name in names]
    faults += [
        LineFault(line, "accounts", f"there is no account {name[:64]!r}") for name, id in ids if not id
    ]
    if not names:
        faults.append(LineFault(line, "accounts", "names no account"))
    name = cells.get("name") or (names[0] if names else "")
    if len(name) > LONGEST_NAME or not name.isprintable():
        faults.append(LineFault(line, "name", f"must have 1 to {LONGEST_NAME} printable characters"))
    text = cells.get("category", "").lower() or Category.OFFICIAL.value
    if text not in list(Category):
        faults.append(LineFault(line, "category", f"{text[:64]!r} must be one of {', '.join(Category)}"))
        return
    found = tuple(dict.fromkeys(id for _, id in ids if id))
    affiliation = cells.get("affiliation") or None
    if affiliation is not None and (len(affiliation) > LONGEST_NAME or not affiliation.isprintable()):
        faults.append(
            LineFault(line, "affiliation", f"must have at most {LONGEST_NAME} printable characters")
        )
    external = cells.get("external_id") or None
    faults += _external_id_faults(line, external, members)
    members.append(NewMember(name, found, Category(text), affiliation, external))


def _external_id_faults(line: int, external: str | None, before: Sequence[NewMember]) -> Iterator[LineFault]:
    if external is None:
        return
    if len(external) > _LONGEST_EXTERNAL_ID or not external.isprintable():
        text = f"must have at most {_LONGEST_EXTERNAL_ID} printable characters"
        yield LineFault(line, "external_id", text)
    if any(each.external_id == external for each in before):
        yield LineFault(line, "external_id", f"{external[:64]!r} is in an earlier line too")
