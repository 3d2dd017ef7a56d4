"""Copies the tables of a PostgreSQL database to files, and loads them into an empty one.

It uses PostgreSQL's COPY through the driver, so no pg_dump of the right version is needed. The files belong
to a revision of the schema: loading makes that schema first, and later releases migrate it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from judge_api.store.engine import write_transaction
from judge_api.store.migrate import current_revision, migrate_to
from judge_api.store.tables import metadata
from judge_core.model.errors import StoreUnavailable

_CHUNK = 1 << 20


class CannotLoad(Exception):
    """The database holds records already, or the backup's tables do not fit. The message says what to do."""


@dataclass(frozen=True, slots=True)
class DumpManifest:
    """The schema's revision, and the columns of each copied table in the order of their values."""

    revision: str
    tables: Mapping[str, tuple[str, ...]]

    def dump(self) -> str:
        return json.dumps(
            {"kind": "postgresql", "revision": self.revision, "tables": self.tables},
            indent=1,
            allow_nan=False,
        )

    @classmethod
    def load(cls, content: str) -> DumpManifest:
        """The inverse of :meth:`dump`. Raises ``ValueError`` for a text that is no manifest."""
        try:
            data = json.loads(content)
            tables = {str(name): tuple(map(str, columns)) for name, columns in data["tables"].items()}
            return cls(str(data["revision"]), tables)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"the list of tables is not what a backup holds: {error!r}") from error


def dump_tables(engine: Engine, folder: Path) -> DumpManifest:
    """Write each table to ``folder/NAME.copy``. All are copied in one transaction, so they show the same
    moment. Writers need not stop."""
    folder.mkdir(mode=0o700)
    revision = current_revision(engine)
    if revision is None:
        raise StoreUnavailable("the database of GAVEL_DATABASE_URL has no tables: name the one to back up")
    with engine.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ")
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        tables = _columns(connection)
        for name, columns in tables.items():
            _copy_out(connection, name, columns, folder / f"{name}.copy")
    return DumpManifest(revision, tables)


def load_tables(engine: Engine, manifest: DumpManifest, folder: Path) -> None:
    """Load what :func:`dump_tables` wrote into a database without records, in one transaction.

    Raises ``CannotLoad``, and ``UnknownRevision`` for a backup of a later release.
    """
    if current_revision(engine) not in (None, manifest.revision) or _has_records(engine):
        raise CannotLoad(
            "the database of GAVEL_DATABASE_URL holds records: make an empty database, and name that one"
        )
    migrate_to(engine, manifest.revision)
    with write_transaction(engine) as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        known = _columns(connection)
        if known.keys() != manifest.tables.keys():
            raise CannotLoad("the tables of the backup are not those of its revision: use another backup")
        names = ", ".join(f'"{name}"' for name in known)
        connection.execute(text(f"TRUNCATE {names} CASCADE"))  # Deletes rows that migrations inserted.
        for name in known:
            _copy_in(connection, name, manifest.tables[name], folder / f"{name}.copy")
            _advance_sequences(connection, name, manifest.tables[name])


def _columns(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The columns of each table of the database. A table comes after the tables to which it refers."""
    found = inspect(connection)
    there = set(found.get_table_names()) - {"alembic_version"}
    known = [table.name for table in metadata.sorted_tables if table.name in there]
    order = [*sorted(there - set(known)), *known]
    return {name: tuple(column["name"] for column in found.get_columns(name)) for name in order}


def _has_records(engine: Engine) -> bool:
    with engine.connect() as connection:
        there = inspect(connection).get_table_names()
        tables = [name for name in ("accounts", "submissions") if name in there]
        return any(connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() for name in tables)


def _copy_out(connection: Connection, name: str, columns: tuple[str, ...], target: Path) -> None:
    command = f"COPY {_with_columns(name, columns)} TO STDOUT"
    with target.open("xb") as out, _cursor(connection) as cursor, cursor.copy(command) as rows:
        for part in rows:
            out.write(part)


def _copy_in(connection: Connection, name: str, columns: tuple[str, ...], source: Path) -> None:
    command = f"COPY {_with_columns(name, columns)} FROM STDIN"
    with source.open("rb") as content, _cursor(connection) as cursor, cursor.copy(command) as rows:
        while part := content.read(_CHUNK):
            rows.write(part)


def _advance_sequences(connection: Connection, name: str, columns: tuple[str, ...]) -> None:
    """Set each sequence, so that the next number is above all that were loaded."""
    for column in columns:
        query = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = connection.execute(query, {"table": f'"{name}"', "column": column}).scalar_one()
        if sequence is not None:
            highest = f'SELECT setval(:sequence, greatest((SELECT max("{column}") FROM "{name}"), 1))'
            connection.execute(text(highest), {"sequence": sequence})


def _with_columns(name: str, columns: tuple[str, ...]) -> str:
    return f'"{name}" ({", ".join(_quoted(column) for column in columns)})'


def _quoted(column: str) -> str:
    if not column.replace("_", "").isalnum():
        raise ValueError(f"{column!r} is no column of a backup")
    return f'"{column}"'


def _cursor(connection: Connection) -> Any:
    """The driver's own cursor, in this connection's transaction."""
    driver: Any = connection.connection.driver_connection
    return driver.cursor()
