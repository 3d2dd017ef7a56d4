"""Compares the database's schema with this release's, without Alembic.

Alembic is imported only if the schema is not the newest one. Importing it and listing the migrations would
delay the start of each process of the server.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from judge_api.store.engine import read_connection

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_TABLE = "alembic_version"


def bring_up_to_date(engine: Engine) -> None:
    """Bring the schema to this release's version, as ``migrate`` does. If the database has that version, it
    is only read."""
    if found_revisions(engine) == {newest_revision()}:
        return
    from judge_api.store.migrate import migrate  # only here, because the import of Alembic is slow

    migrate(engine)


def has_schema(engine: Engine) -> bool:
    """Whether the database has a schema of any release."""
    return found_revisions(engine) != set()


def found_revisions(engine: Engine) -> set[str]:
    """The revision of the schema; empty without a schema. Alembic could record several."""
    with read_connection(engine) as connection:
        if not inspect(connection).has_table(_TABLE):
            return set()
        return set(connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalars())


@cache
def newest_revision() -> str:
    """The newest revision of this release. The names of the files begin with their revisions."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))
