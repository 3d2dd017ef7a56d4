"""Reads rows of which some may be unreadable. Only the unreadable rows are left out.

A row can be unreadable after an operator's own SQL, a damaged file, or a mistake of another release.
"""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Select, func, select

from judge_core.logging import ThrottledWarning, get_logger
from judge_core.model.errors import UnreadableRecord

CONTENT_ERRORS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""The errors of a value that is not what its column should hold."""
UNFIT_ERRORS = (UnicodeEncodeError, OverflowError)
"""The errors that drivers raise for a value of the caller that they cannot write."""
T = TypeVar("T")
_left_out = ThrottledWarning(get_logger(__name__), "Rows that cannot be read are left out of a list")


class UnreadableText(ValueError):
    """The driver cannot read a value, which is a text that is not UTF-8 (SQLite), or a time after the year
    9999."""


def is_unreadable(error: object) -> bool:
    """Whether a driver's error is about one value that it could not read, and not about the database."""
    if isinstance(error, sqlite3.OperationalError):
        return str(error).startswith("Could not decode to UTF-8")
    # The class is compared by its name, because psycopg is imported only where PostgreSQL is used.
    return type(error).__name__ == "DataError" and str(error).startswith("timestamp too")


def describe(error: BaseException) -> str:
    """The error and the line that raised it."""
    if isinstance(error, UnreadableRecord) and error.__cause__ is not None:
        return describe(error.__cause__)
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" ({frame.name}, line {frame.lineno})" for frame in last)
    return f"{type(error).__name__}: {error}{place}"


def read_each(
    connection: Connection, query: Select[*tuple[Any, ...]], parse: Callable[[RowMapping], T]
) -> list[T]:
    """All rows of a query, parsed. A row that cannot be read is logged and left out.

    The query needs an order that is the same each time.
    """
    try:
        return _parsed(connection, query, parse)
    except UNFIT_ERRORS:
        raise
    except CONTENT_ERRORS:
        count = select(func.count()).select_from(query.order_by(None).subquery())
        rows = range(connection.execute(count).scalar_one())
        return list(_readable(connection, query, parse, rows))


def read_one(
    connection: Connection, query: Select[*tuple[Any, ...]], parse: Callable[[RowMapping], T]
) -> T | None:
    """The one row of a query, parsed; ``None`` if there is none."""
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else parse(_without_bytes(row))


def _without_bytes(row: RowMapping) -> RowMapping:
    """Raise ``ValueError`` if a column has bytes. No column should, but SQLite stores any type, and JSON has
    no form for bytes."""
    for name, value in row.items():
        if value.__class__ is bytes:
            raise ValueError(f"{name} holds bytes")
    return row


def _readable(
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    parse: Callable[[RowMapping], T],
    rows: range,
) -> Iterator[T]:
    """The parsed rows of a range. If a row cannot be read, each half of the range is read separately, and so
    on, until only that row is left out."""
    try:
        yield from _parsed(connection, query.limit(len(rows)).offset(rows.start), parse)
    except CONTENT_ERRORS as error:
        if len(rows) == 1:
            _left_out.log(describe(error))
            return
        middle = len(rows) // 2
        for half in (rows[:middle], rows[middle:]):
            yield from _readable(connection, query, parse, half)


def _parsed(
    connection: Connection, query: Select[*tuple[Any, ...]], parse: Callable[[RowMapping], T]
) -> list[T]:
    return [parse(_without_bytes(row)) for row in connection.execute(query).mappings()]
