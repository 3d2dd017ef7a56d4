"""Compiles a statement once, and runs it without SQLAlchemy Core's execution. It is for statements that run
for every submission.

For each execution Core looks up the compiled statement by a key of the whole statement, and creates an
execution context and a result with rows. That took two thirds of a submission's time in the store (decision
0020). Here a statement is written in Core, compiled once, and sent with its values to the driver's cursor of
the same transaction.

>>> INSERT = CompiledStatement(insert(audit), columns=("at", "act"))
>>> with write_transaction(engine) as connection:
...     INSERT.run(connection, {"at": utc_now(), "act": "drain"})

Types are converted as Core does, in both directions. Errors are Core's, without the parameters. A connection
that is dead, or that was left in the middle of a statement, does not go back into the pool.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from judge_api.store.reading import UnreadableText, is_unreadable

Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
Values = Mapping[str, Any]
Row = dict[str, Any]
BY_CORE = "statements_by_core"
"""The execution option of an engine whose statements Core executes, because this fast path is off."""
_Converter = Callable[[Any], Any] | None
"""Converts a value to the driver's type, or back; ``None`` if they are the same."""


class CompiledStatement:
    """A statement whose parameters are its bound parameters without a value, and one for each of ``columns``.

    Each execution must give exactly these. Features that Core evaluates at each execution are refused when
    the statement first runs: defaults that Python computes, and a list in an ``IN``.
    """

    def __init__(self, statement: Statement, columns: Sequence[str] = ()) -> None:
        self._statement = statement
        self._columns_filled = columns
        self._by_dialect: dict[Dialect, _DialectStatement | _CoreStatement] = {}

    def run(self, connection: Connection, values: Values) -> int:
        """Run the statement once. Returns how many rows it changed."""
        return self._for_dialect(connection).run(connection, values)

    def run_each(self, connection: Connection, many: Sequence[Values]) -> None:
        """Run the statement once with each of the values, in order."""
        if many:
            self._for_dialect(connection).run_each(connection, many)

    def all(self, connection: Connection, values: Values) -> list[Row]:
        """The rows that the statement selects or returns, by the names of their columns."""
        return self._for_dialect(connection).all(connection, values)

    def one(self, connection: Connection, values: Values) -> Row | None:
        """The row, if there is one. Only for statements that return at most one row."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def _for_dialect(self, connection: Connection) -> _DialectStatement | _CoreStatement:
        """The statement compiled for the engine's dialect, which never changes."""
        statement = self._by_dialect.get(connection.dialect)
        if statement is None:
            by_core = connection.get_execution_options().get(BY_CORE)
            statement = self._by_dialect[connection.dialect] = (
                _CoreStatement(self._statement)
                if by_core
                else _DialectStatement(self._statement, self._columns_filled, connection.dialect)
            )
        return statement


class _CoreStatement:
    """A statement that SQLAlchemy Core executes. It is used if the fast path is off."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._names = [str(column.key) for column in statement.exported_columns]

    def run(self, connection: Connection, values: Values) -> int:
        options = {"preserve_rowcount": True}
        changed: int = connection.execute(self._statement, dict(values), execution_options=options).rowcount
        return changed

    def run_each(self, connection: Connection, many: Sequence[Values]) -> None:
        connection.execute(self._statement, [dict(values) for values in many])

    def all(self, connection: Connection, values: Values) -> list[Row]:
        rows = connection.execute(self._statement, dict(values)).all()
        return [dict(zip(self._names, row, strict=True)) for row in rows]


class _Result:
    """The result of a cursor, with all rows fetched."""

    __slots__ = ("description", "rowcount", "rows")

    def __init__(self, cursor: Any) -> None:
        self.rowcount = cursor.rowcount
        self.description = cursor.description
        self.rows = cursor.fetchall() if self.description else ()


class _DialectStatement:
    """A statement compiled for one database."""

    def __init__(self, statement: Statement, columns: Sequence[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(columns))
        assert isinstance(compiled, SQLCompiler)
        _check(compiled)
        self.dialect = dialect
        self._sql = compiled.string
        self._columns = [(str(column.key), column.type) for column in statement.exported_columns]
        self._row_converters: list[tuple[str, _Converter]] = []
        to_driver = {name: _to_driver(bind.type, dialect) for bind, name in compiled.bind_names.items()}
        fixed = {name: bind for bind, name in compiled.bind_names.items() if not bind.required}
        self._fixed = {
            name: _converted(to_driver[name], bind.effective_value) for name, bind in fixed.items()
        }
        self._converters = [(name, convert) for name, convert in to_driver.items() if name not in fixed]
        self._positions = compiled.positiontup if compiled.positional else None

    def parameters(self, values: Values) -> Any:
        """The values in the driver's types. Raises ``StatementError``."""
        try:
            if len(values) != len(self._converters):
                raise ValueError(f"{len(self._converters)} values are needed, not {len(values)}")
            named = {
                name: values[name] if convert is None else convert(values[name])
                for name, convert in self._converters
            }
        except _UNFIT as error:
            raise StatementError(f"{type(error).__name__}: {error}", self._sql, None, error) from error
        named |= self._fixed
        return named if self._positions is None else tuple([named[name] for name in self._positions])

    def run(self, connection: Connection, values: Values) -> int:
        changed: int = self._execute(connection, values).rowcount
        return changed

    def run_each(self, connection: Connection, many: Sequence[Values]) -> None:
        parameters = [self.parameters(values) for values in many]
        self._call(connection, parameters, lambda cursor: cursor.executemany(self._sql, parameters))

    def all(self, connection: Connection, values: Values) -> list[Row]:
        return self._read(self._execute(connection, values))

    def _execute(self, connection: Connection, values: Values) -> _Result:
        parameters = self.parameters(values)
        return self._call(connection, (parameters,), lambda cursor: cursor.execute(self._sql, parameters))

    def _call(
        self, connection: Connection, parameters: Sequence[Any], call: Callable[[Any], object]
    ) -> _Result:
        driver_connection = connection.connection
        try:
            cursor = driver_connection.cursor()
            for listener in connection.engine.dispatch.before_cursor_execute:
                for each in parameters:
                    listener(connection, cursor, self._sql, each, None, False)
            try:
                call(cursor)
                result = _Result(cursor)
            finally:  # SQLite commits nothing while a statement has rows to read.
                cursor.close()
        except self.dialect.loaded_dbapi.Error as error:
            raise _translated(connection, self._sql, error) from error
        except BaseException as end:
            if not isinstance(end, Exception):
                connection.invalidate(end)
            raise
        return result

    def _read(self, result: _Result) -> list[Row]:
        if not result.rows:
            return []
        converters = self._row_converters or self._find_row_converters(result.description)
        return [
            {
                name: each if convert is None else convert(each)
                for (name, convert), each in zip(converters, row, strict=True)
            }
            for row in result.rows
        ]

    def _find_row_converters(self, description: Sequence[Any]) -> list[tuple[str, _Converter]]:
        """Find the converters of result columns. Some depend on the driver's types, which are known only from
        a result."""
        converters: list[tuple[str, _Converter]] = [
            (name, type.dialect_impl(self.dialect).result_processor(self.dialect, described[1]))
            for (name, type), described in zip(self._columns, description, strict=True)
        ]
        self._row_converters = converters
        return converters


_UNFIT = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""The errors that a value raises if it has another type than its column."""


def _to_driver(type: TypeEngine[Any], dialect: Dialect) -> _Converter:
    return type.dialect_impl(dialect).bind_processor(dialect)


def _converted(convert: _Converter, value: Any) -> Any:
    return value if convert is None else convert(value)


def _check(compiled: SQLCompiler) -> None:
    computed = [column.name for column in (*compiled.insert_prefetch, *compiled.update_prefetch)]
    if computed:
        raise TypeError(f"these need a value, or must be written into the statement: {', '.join(computed)}")
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise TypeError("a list in an IN is another statement for each length: run it for each value")


def _translated(connection: Connection, sql: str, error: Exception) -> Exception:
    """The error that Core would raise. A dead connection is invalidated, so that the pool opens another."""
    if is_unreadable(error):
        return UnreadableText(str(error))
    dialect = connection.dialect
    dead = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if dead:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=dead,
        dialect=dialect,
    )
