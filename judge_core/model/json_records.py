"""Parsers of the JSON that another process wrote, and the fields of a record by name.

A parser checks a value's type and bounds. It returns the value, or the object that the value describes. It
raises :class:`InvalidField` and no other error, whatever the value is. The error's message names the field
and what is allowed, never the value.

Old and new processes work side by side during an upgrade. Unknown fields are ignored and missing ones get
their default. So a field may be added at any time, if its default means the earlier behaviour. A change that
older readers would misread needs a greater ``messages.VERSION``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from judge_core.model.account import TIER_PATTERN, Tier

Parser = Callable[[Any], Any]
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
MAX_COUNT = 2**31 - 1
"""The greatest whole number that every database's INTEGER column takes."""
MAX_TEXT = 64 * 1024 * 1024
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


class InvalidField(ValueError):
    """A field has another type than it must have, or a value out of its bounds."""

    def within(self, name: str) -> InvalidField:
        """The same fault, with the field's name before its message."""
        return InvalidField(f"{name}: {self}")


def integer(low: int = 0, high: int = MAX_COUNT) -> Parser:
    """A whole number. ``true`` and ``false`` are refused."""

    def parse(value: Any) -> Any:
        if value.__class__ is not int or not low <= value <= high:
            raise InvalidField(f"must be a whole number from {low} to {high}")
        return value

    return parse


def number(low: float = -1e15, high: float = 1e15) -> Parser:
    """A finite number."""

    def parse(value: Any) -> Any:
        if value.__class__ not in (int, float) or not low <= value <= high:  # NaN is within no bounds
            raise InvalidField(f"must be a number from {low:g} to {high:g}")
        return value

    return parse


def text(longest: int = MAX_TEXT, pattern: str | None = None) -> Parser:
    """A text of at most ``longest`` characters. The pattern must match the whole text."""
    fits = re.compile(pattern).fullmatch if pattern else None

    def parse(value: Any) -> Any:
        if value.__class__ is not str or len(value) > longest:
            raise InvalidField(f"must be a text of at most {longest} characters")
        if fits is not None and fits(value) is None:
            raise InvalidField(f"must be a text like {pattern}")
        return value

    return parse


def printable(longest: int) -> Parser:
    """A text that is not empty and has no control characters, since it is shown in logs and on terminals."""
    parse_text = text(longest)

    def parse(value: Any) -> Any:
        found: str = parse_text(value)
        if not found or not found.isprintable():
            raise InvalidField("must be a text without control characters")
        return found

    return parse


def flag(value: Any) -> Any:
    """``true`` or ``false``."""
    if value.__class__ is not bool:
        raise InvalidField("must be true or false")
    return value


def moment(value: Any) -> Any:
    """A time with its zone in the format of RFC 3339. The parser returns the text."""
    parse_moment(value)
    return value


def parse_moment(value: Any) -> datetime:
    """The time in a text. Its year is one that every database can store."""
    try:
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError, OverflowError):
        raise InvalidField("must be a time such as 2026-01-01T00:00:00.000Z") from None
    if found.tzinfo is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise InvalidField(f"must be a time with its zone, from {_FIRST_YEAR} to {_LAST_YEAR}")
    return found


def member(kind: type[E]) -> Callable[[Any], E]:
    """One of the words of an enumeration."""

    def parse(value: Any) -> E:
        try:
            if isinstance(value, str):
                return kind(value)
        except ValueError:
            pass
        raise InvalidField(f"must be one of {', '.join(kind)}")

    return parse


class optional:
    """``null``, or a value that ``parse_value`` accepts."""

    __slots__ = ("parse_value",)

    def __init__(self, parse_value: Parser) -> None:
        self.parse_value = parse_value

    def __call__(self, value: Any) -> Any:
        return None if value is None else self.parse_value(value)


def items(parse_item: Parser, most: int) -> Callable[[Any], tuple[Any, ...]]:
    """A list of at most ``most`` values of one kind."""

    def parse(value: Any) -> tuple[Any, ...]:
        if value.__class__ is not list or len(value) > most:
            raise InvalidField(f"must be a list of at most {most} values")
        try:
            return tuple([parse_item(each) for each in value])
        except InvalidField as fault:
            raise fault.within("an item") from None

    return parse


def mapping(parse_value: Parser, most: int, longest_key: int = 100) -> Callable[[Any], dict[str, Any]]:
    """An object with at most ``most`` members of one kind."""

    def parse(value: Any) -> dict[str, Any]:
        if value.__class__ is not dict or len(value) > most:
            raise InvalidField(f"must be an object of at most {most} members")
        if any(len(key) > longest_key for key in value):
            raise InvalidField(f"must have names of at most {longest_key} characters")
        return {key: parse_value(each) for key, each in value.items()}

    return parse


def plain(depth: int = 8, most: int = 10_000) -> Parser:
    """Any JSON that can be copied and written again: at most ``depth`` levels and ``most`` values, and finite
    numbers."""

    def parse(value: Any) -> Any:
        if _count(value, depth, most) > most:
            raise InvalidField(f"must have at most {most} values")
        return value

    return parse


def _count(value: Any, depth: int, most: int) -> int:
    if value.__class__ not in (dict, list):
        if value.__class__ is float and not math.isfinite(value):
            raise InvalidField("must have finite numbers")
        return 1
    if depth == 0:
        raise InvalidField("must not be nested so deep")
    total = 1
    for each in value.values() if value.__class__ is dict else value:
        total += _count(each, depth - 1, most)
        if total > most:
            break
    return total


def plain_object(depth: int = 8, most: int = 10_000) -> Parser:
    """As :func:`plain`, but only an object."""
    parse_plain = plain(depth, most)

    def parse(value: Any) -> Any:
        if value.__class__ is not dict:
            raise InvalidField("must be an object")
        return parse_plain(value)

    return parse


def remembered(parse_value: Callable[[Any], T]) -> Callable[[Any], T]:
    """Parses as ``parse_value`` does. For a value that equals the last one, it returns the same result again.

    Use it only for values without numbers, since ``1`` equals ``true``, and for results that are never
    changed.
    """
    last: tuple[Any, T] | None = None

    def parse(value: Any) -> T:
        nonlocal last
        known = last
        if known is not None and known[0] == value:
            return known[1]
        found = parse_value(value)
        last = (value, found)
        return found

    return parse


def record(
    kind: type[T], parsers: Mapping[str, Parser], wire_names: Mapping[str, str] | None = None
) -> Callable[[Any], T]:
    """Parses an object into a dataclass.

    Members that this release does not know are ignored, and missing ones get their defaults, since two
    releases work side by side. ``wire_names`` maps the name of a member to the name of its field.
    """
    renamed = wire_names or {}
    by_name = {
        name: (
            renamed.get(name, name),
            parse.parse_value if isinstance(parse, optional) else parse,
            isinstance(parse, optional),
        )
        for name, parse in parsers.items()
    }
    required = _required(kind)

    def parse_record(value: Any) -> T:
        if value.__class__ is not dict:
            raise InvalidField("must be an object")
        found = {}
        for name, raw in value.items():
            known = by_name.get(name)
            if known is None:
                continue
            field, parse, may_be_null = known
            try:
                found[field] = None if raw is None and may_be_null else parse(raw)
            except InvalidField as fault:
                raise fault.within(name) from None
        if not required <= found.keys():
            raise InvalidField(f"{min(required - found.keys())} is missing")
        return kind(**found)

    return parse_record


def _required(kind: Any) -> frozenset[str]:
    return frozenset(
        each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING
    )


def known_fields(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """The items of ``data`` for which this release's record ``kind`` has a field."""
    names = _names(kind)
    return {name: value for name, value in data.items() if name in names}


def shallow_dict(record: Any) -> dict[str, Any]:
    """A record's fields by name, without copies of nested values. ``asdict`` copies these, too. For a
    submission's messages, the copies would take longer than writing the JSON."""
    return {name: getattr(record, name) for name in _in_order(record.__class__)}


@cache
def _names(kind: type) -> frozenset[str]:
    return frozenset(_in_order(kind))


@cache
def _in_order(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def tier(value: Any) -> Tier:
    """The name of a tier. The tier may be undefined here: a process with other settings may have written the
    name."""
    try:
        if isinstance(value, str):
            return Tier(value)
    except ValueError:
        pass
    raise InvalidField(f"must be the name of a tier, like {TIER_PATTERN}")


SUBMISSION_ID = text(64, "[A-Za-z0-9_-]+")
ATTEMPT = integer(0, 999_999)
WORKER_NAME = printable(200)
REASON = text(100_000)
