"""The default output validator follows the rules in the text of the package format."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge_core.packages.token_rules import FlagFault, TokenRules, parse_float
from workers.checkers.token_compare import compare_texts

CASES = [
    ("", "1 2\n", "1 2\n", True),
    ("", "1 2\n", "1   2", True),
    ("", "1 2\n", "\r\n1\v\f2\t\n", True),
    ("", "1 2\n", "1 2 3", False),
    ("", "1 2\n", "1", False),
    ("", "1 2\n", "", False),
    ("", "", " \n", True),
    ("", "Yes\n", "yEs", True),
    ("", "É\n", "é\n", False),
    ("case_sensitive", "Yes\n", "yes\n", False),
    ("", "1.0", "1.00", False),
    ("space_change_sensitive", "1 2\n", "1 2\n", True),
    ("space_change_sensitive", "1 2\n", "1 2", False),
    ("space_change_sensitive", "1 2\n", "1  2\n", False),
    ("space_change_sensitive", "1 2\n", " 1 2\n", False),
    ("space_change_sensitive", "A 2\n", "a 2\n", True),
    ("space_change_sensitive float_tolerance 0.1", "1.0 2\n", "1.05 2\n", True),
    ("float_tolerance 1e-6", "1.0", "1.0000009", True),
    ("float_tolerance 1e-6", "1.0", "1.000002", False),
    ("float_tolerance 1e-6", "0.0314", "3.14000000e-2", True),
    ("float_tolerance 1e-6", "1000000", "1000000.9", True),
    ("float_absolute_tolerance 1e-6", "1000000", "1000000.9", False),
    ("float_relative_tolerance 1e-6", "0", "0.0000001", False),
    ("float_relative_tolerance 1e-1 float_absolute_tolerance 1e-6", "100", "109", True),
    ("float_tolerance 1e-6", "1.0", "nan", False),
    ("float_tolerance 1e-6", "1.0", "inf", False),
    ("float_tolerance 1e-6", "1.0", "0x1", False),
    ("float_tolerance 1e-6", "1.0", "1,0", False),
    ("float_tolerance 1e-6", "Case 1.0", "case 1", True),
    ("float_tolerance 1e-6", "nan", "NaN", True),
    ("float_tolerance 0", "0", "-0", True),
]


@pytest.mark.parametrize(("flags", "answer", "output", "accepted"), CASES)
def test_outputs_are_compared_by_the_rules_of_the_format(
    flags: str, answer: str, output: str, accepted: bool
) -> None:
    rules = TokenRules.from_flags(flags.split())
    assert compare_texts(answer.encode(), output.encode(), rules).accepted is accepted


@pytest.mark.parametrize(
    "flags",
    [
        "float_tolerance",
        "float_tolerance x",
        "float_tolerance -1",
        "float_tolerance 1 float_tolerance 1",
        "float_tolerance 1 float_absolute_tolerance 1",
        "no_such_flag",
    ],
)
def test_wrong_flags_of_the_default_validator_are_a_fault_of_the_package(flags: str) -> None:
    with pytest.raises(FlagFault):
        TokenRules.from_flags(flags.split())


@pytest.mark.parametrize(
    ("token", "value"),
    [("1.", 1.0), (".5", 0.5), ("+1e+2", 100.0), (".", None), ("e1", None), ("1e999", None), ("1_0", None)],
)
def test_decimal_numbers_in_an_output_are_recognised(token: str, value: float | None) -> None:
    assert parse_float(token.encode()) == value


def test_the_first_difference_is_reported_by_the_number_of_the_token() -> None:
    message = compare_texts(b"1 2 3", b"1 2 4", TokenRules()).message
    assert message == "token 3: expected '3', found '4'"


def test_long_outputs_are_compared_correctly_across_the_blocks_that_are_read() -> None:
    answer = b" ".join(b"%d" % number for number in range(300_000))
    assert compare_texts(answer, answer.replace(b" ", b"\n"), TokenRules()).accepted
    assert not compare_texts(answer, answer[:-1], TokenRules()).accepted
    spaced = TokenRules(space_sensitive=True, relative=0.0)
    assert compare_texts(answer, answer.replace(b" 299999", b" 299999.0"), spaced).accepted
    assert compare_texts(b"x" * 3_000_000, b"X" * 3_000_000, TokenRules()).accepted


@given(st.text(alphabet="ab \n\t", max_size=40), st.text(alphabet="ab \n\t", max_size=40))
def test_without_flags_outputs_are_compared_as_lists_of_words(answer: str, output: str) -> None:
    accepted = compare_texts(answer.encode(), output.encode(), TokenRules()).accepted
    assert accepted is (answer.split() == output.split())


LONG = 3 * 4096


@pytest.mark.parametrize("flags", ["", "case_sensitive", "space_change_sensitive", "float_tolerance 1e-6"])
@pytest.mark.parametrize(
    ("answer", "output", "accepted"),
    [
        ("a" * LONG + " b", "a" * LONG + " b", True),
        ("a" * LONG, "a" * (LONG - 1), False),
        ("a" * LONG, "a" * (LONG + 1), False),
        ("a" * LONG, "a" * 4096 + " " + "a" * (LONG - 4096), False),
        ("a" * LONG + "b", "a" * LONG + " b", False),
        ("a" * 300_000 + "b" + "a" * 300_000, "a" * 300_001 + "b" + "a" * 299_999, False),
        ("x " + "a" * 600_001 + " y", "x " + "a" * 600_001 + " y", True),
    ],
)
def test_long_tokens_are_compared_completely(flags: str, answer: str, output: str, accepted: bool) -> None:
    rules = TokenRules.from_flags(flags.split())
    given = f"{output} " if flags != "space_change_sensitive" else output
    assert compare_texts(answer.encode(), given.encode(), rules).accepted is accepted


def test_a_very_long_token_is_not_quoted() -> None:
    check = compare_texts(b"a" * LONG, b"b" * LONG, TokenRules())
    assert check.message == "token 1: expected a very long token, found a very long token"


@pytest.mark.parametrize(
    ("answer", "output", "message"),
    [
        ("Yes", "NO", "token 1: expected 'Yes', found 'NO'"),
        ("a Yes", "A", "token 2: the output ends where 'Yes' is expected"),
        ("Yes", "yes NO", "token 2: 'NO' comes after the end of the expected output"),
        ("x " * 3000 + "Last", "X " * 3000 + "LAST1", "token 3001: expected 'Last', found 'LAST1'"),
    ],
)
def test_the_message_quotes_words_as_they_were_printed(answer: str, output: str, message: str) -> None:
    assert compare_texts(answer.encode(), output.encode(), TokenRules()).message == message


def test_the_message_about_an_output_shows_seventeen_spaces_unchanged() -> None:
    rules = TokenRules.from_flags(("space_change_sensitive",))
    found = compare_texts(b"1 2\n", b"1" + b" " * 17 + b"2\n", rules)
    assert found.message == f"token 2: expected ' ', found {' ' * 17!r}"
