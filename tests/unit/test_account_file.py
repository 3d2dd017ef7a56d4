"""A CSV file of accounts is read as spreadsheets write it, and every fault is named with its line."""

from __future__ import annotations

import pytest

from judge_api.services.account_file import MOST_ACCOUNTS, AccountFile, FileLine, read_account_file
from judge_api.services.account_import import MadeAccount, make_password
from judge_api.services.password_sheets import password_sheets
from judge_api.store.accounts import NewAccount
from judge_core.model.account import Role, Tier

ADA = NewAccount("ada", Tier.PREMIUM, Role.AUTHOR, "Ada Lovelace", "ada@example.org", ("10a", "club"))
FULL = "name,full name,e-mail,tier,role,group\nada,Ada Lovelace,ada@example.org,premium,author,10a|club\n"


def _faults(text: str) -> list[tuple[int, str]]:
    return [(fault.line, fault.column) for fault in read_account_file(text.encode()).faults]


@pytest.mark.parametrize(
    "data",
    [
        FULL.encode(),
        FULL.replace("\n", "\r\n").encode("utf-8-sig"),
        FULL.replace(",", ";").encode(),
        FULL.replace(",", "\t").encode(),
        FULL.replace("full name,e-mail", "Full_Name, Email ").encode(),
        (FULL + ",,,,,\n\n").encode(),
    ],
    ids=["plain", "windows", "semicolons", "tabs", "other titles", "empty lines"],
)
def test_a_csv_file_is_read_with_the_separators_and_line_ends_of_spreadsheets(data: bytes) -> None:
    assert read_account_file(data) == AccountFile((_line(ADA),), ())


def _line(account: NewAccount) -> FileLine:
    return FileLine(2, account)


def test_a_file_of_accounts_in_windows_1252_is_read_correctly() -> None:
    file = read_account_file("name;full name\nrene;René Müller\n".encode("cp1252"))
    assert file.accounts == [NewAccount("rene", full_name="René Müller")]


def test_a_file_of_accounts_needs_no_column_but_the_name() -> None:
    assert read_account_file(b"name\nada\nbob\n").accounts == [NewAccount("ada"), NewAccount("bob")]


def test_every_fault_in_a_file_of_accounts_is_named_with_its_line_and_column() -> None:
    text = (
        "name,full name,e-mail,tier,role,group\n"
        "ada,Ada,ada@example.org,normal,user,a\n"
        "x,,,,,\n"
        "two words,,nothing,gold,king,a/b\n"
        "ada,,,,,\n"
        "bob,,,,,,one,more\n"
        f"carl,{'x' * 129},,,,\n"
    )
    assert _faults(text) == [
        *((3, "name"), (4, "group"), (4, "name"), (4, "tier"), (4, "role"), (4, "e-mail")),
        *((5, "name"), (6, ""), (7, "full name")),
    ]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [(1, "name")]),
        ("name\n", [(1, "")]),
        ("ada\nbob\n", [(1, "ada"), (1, "name")]),
        ("name,name\nada,bob\n", [(1, "name"), (1, "name")]),
        ("name,phone\nada,1\n", [(1, "phone")]),
        ('name\n"ada\n', [(2, "")]),
        ("name\n" + "".join(f"user{n}\n" for n in range(MOST_ACCOUNTS + 1)), [(MOST_ACCOUNTS + 2, "")]),
        ("name\nad\0a\n", [(2, "name")]),
    ],
)
def test_a_file_with_impossible_lines_is_refused_with_their_numbers(
    text: str, faults: list[tuple[int, str]]
) -> None:
    assert _faults(text) == faults


def test_two_hundred_passwords_are_different_and_have_14_characters() -> None:
    made = {make_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(password) == 14 for password in made)


def test_password_sheets_have_a_card_for_each_account_and_escape_markup() -> None:
    made = [MadeAccount(ADA, "abcd-efgh-jkmn"), MadeAccount(NewAccount("bob", full_name="<script>"), "x")]
    page = password_sheets("https://judge.example.org", made)
    assert page.count("<section>") == 2
    assert "Ada Lovelace" in page and "abcd-efgh-jkmn" in page and "https://judge.example.org" in page
    assert "<script>" not in page


def test_a_name_that_differs_only_in_capitals_is_a_fault_with_both_lines() -> None:
    found = read_account_file(b"name\nAnna\nbob\nanna\n")
    assert [(fault.line, fault.column) for fault in found.faults] == [(4, "name")]
    assert "'Anna' in line 2" in found.faults[0].message
