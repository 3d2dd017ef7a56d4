"""The few statements that go with every submission: written in Core like all others, run without its engine.

For each execution Core looks the compiled form up by a key of the whole statement, makes a context of
execution and a result with rows of its own: several times what SQLite itself does. Here a statement is
compiled once, and goes with its values to the driver's cursor of the same transaction (decision 0110).

>>> KEEP = Prepared(insert(audit), fills=("at", "act"))
>>> with writing(engine) as connection:
...     KEEP.run(connection, {"at": utc_now(), "act": "drain"})

Types are Core's, both ways, and so are errors, which leave out what was given. A connection that is dead, or
that was left in the middle of a statement, does not go back into the pool.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
Values = Mapping[str, Any]
Row = dict[str, Any]
_Turn = Callable[[Any], Any] | None
"""From a value of ours to one of the driver's, or back; ``None`` where they are the same."""


class Prepared:
    """A statement and the values it takes: those of its parameters, and those of the columns it ``fills``.

    Each execution gives all of them and no others. What Core would do anew for each execution is refused when
    the statement is first run: defaults made in Python, a list in an ``IN``.
    """

    def __init__(self, statement: Statement, fills: Sequence[str] = ()) -> None:
        self._statement = statement
        self._fills = fills
        self._forms: dict[Dialect, _Form] = {}

    def run(self, connection: Connection, values: Values) -> int:
        """How many rows it changed."""
        form = self._form_for(connection)
        changed: int = form.ask(connection, form.given(values)).rowcount
        return changed

    def run_each(self, connection: Connection, many: Sequence[Values]) -> None:
        """Once with each of them, in order."""
        if many:
            form = self._form_for(connection)
            form.ask_each(connection, [form.given(values) for values in many])

    def all(self, connection: Connection, values: Values) -> list[Row]:
        """The rows that it finds or gives back, by the names of its columns."""
        form = self._form_for(connection)
        return form.read(form.ask(connection, form.given(values)))

    def one(self, connection: Connection, values: Values) -> Row | None:
        """The row, if there is one; only for what finds no second one."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def _form_for(self, connection: Connection) -> _Form:
        """An engine has one dialect for as long as it lives."""
        form = self._forms.get(connection.dialect)
        if form is None:
            form = self._forms[connection.dialect] = _Form(self._statement, self._fills, connection.dialect)
        return form


class _Answer:
    """What the driver said: all of it was fetched."""

    __slots__ = ("description", "rowcount", "rows")

    def __init__(self, cursor: Any) -> None:
        self.rowcount = cursor.rowcount
        self.description = cursor.description
        self.rows = cursor.fetchall() if self.description else ()


class _Form:
    """A statement as one database takes it."""

    def __init__(self, statement: Statement, fills: Sequence[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(fills))
        assert isinstance(compiled, SQLCompiler)
        _check(compiled)
        self.dialect = dialect
        self._sql = compiled.string
        self._columns = [(str(column.key), column.type) for column in statement.exported_columns]
        self._readers: list[tuple[str, _Turn]] = []
        binders = {name: _binder(bind.type, dialect) for bind, name in compiled.bind_names.items()}
        fixed = {name: bind for bind, name in compiled.bind_names.items() if not bind.required}
        self._fixed = {name: _turned(binders[name], bind.effective_value) for name, bind in fixed.items()}
        self._turns = [(name, turn) for name, turn in binders.items() if name not in fixed]
        self._places = compiled.positiontup if compiled.positional else None

    def given(self, values: Values) -> Any:
        """The values as the driver takes them. Raises ``StatementError``."""
        try:
            if len(values) != len(self._turns):
                raise ValueError(f"{len(self._turns)} values are wanted, not {len(values)}")
            named = {name: values[name] if turn is None else turn(values[name]) for name, turn in self._turns}
        except _UNFIT as error:
            raise StatementError(f"{type(error).__name__}: {error}", self._sql, None, error) from error
        named |= self._fixed
        return named if self._places is None else tuple([named[name] for name in self._places])

    def ask(self, connection: Connection, given: Any) -> _Answer:
        return self._talk(connection, (given,), lambda cursor: cursor.execute(self._sql, given))

    def ask_each(self, connection: Connection, given: Sequence[Any]) -> None:
        self._talk(connection, given, lambda cursor: cursor.executemany(self._sql, given))

    def _talk(self, connection: Connection, given: Sequence[Any], ask: Callable[[Any], object]) -> _Answer:
        line = connection.connection
        try:
            cursor = line.cursor()
            for listener in connection.engine.dispatch.before_cursor_execute:
                for each in given:
                    listener(connection, cursor, self._sql, each, None, False)
            ask(cursor)
            answer = _Answer(cursor)
            cursor.close()
        except self.dialect.loaded_dbapi.Error as error:
            raise _refused(connection, self._sql, error) from error
        except BaseException as end:
            if not isinstance(end, Exception):
                connection.invalidate(end)
            raise
        return answer

    def read(self, answer: _Answer) -> list[Row]:
        if not answer.rows:
            return []
        readers = self._readers or self._find_readers(answer.description)
        return [
            {
                name: each if turn is None else turn(each)
                for (name, turn), each in zip(readers, row, strict=True)
            }
            for row in answer.rows
        ]

    def _find_readers(self, description: Sequence[Any]) -> list[tuple[str, _Turn]]:
        """Only an answer tells the driver's own types, by which some values are read."""
        readers: list[tuple[str, _Turn]] = [
            (name, type.dialect_impl(self.dialect).result_processor(self.dialect, told[1]))
            for (name, type), told in zip(self._columns, description, strict=True)
        ]
        self._readers = readers
        return readers


_UNFIT = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What a value raises that is not of its column's type."""


def _binder(type: TypeEngine[Any], dialect: Dialect) -> _Turn:
    return type.dialect_impl(dialect).bind_processor(dialect)


def _turned(turn: _Turn, value: Any) -> Any:
    return value if turn is None else turn(value)


def _check(compiled: SQLCompiler) -> None:
    late = [column.name for column in (*compiled.insert_prefetch, *compiled.update_prefetch)]
    if late:
        raise TypeError(f"these must be filled, or written into the statement: {', '.join(late)}")
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise TypeError("a list in an IN is another statement for each length: run it for each value")


def _refused(connection: Connection, sql: str, error: Exception) -> DBAPIError | StatementError:
    """What Core would raise. A dead line is given up, so that the pool opens another."""
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
