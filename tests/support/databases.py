"""Makes empty SQLite databases with the current schema. Each test process migrates one database, and copies
it for its tests."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from judge_api.store.engine import open_engine
from judge_api.store.migrate import migrate


def write_empty_database(file: Path) -> None:
    """Write an empty database, unless the file exists. The database is copied, because a migration takes
    seconds."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.write_bytes(_empty_database())


def open_empty_database(file: Path) -> Engine:
    write_empty_database(file)
    return open_engine(f"sqlite:///{file}")


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory(prefix="gavel-schema-") as folder:
        file = Path(folder) / "gavel.db"
        engine = open_engine(f"sqlite:///{file}")
        migrate(engine)
        engine.dispose()  # closing the last connection writes SQLite's log into the file
        return file.read_bytes()
