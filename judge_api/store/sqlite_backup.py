"""Copies a SQLite database while it is in use, and checks such a copy."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from judge_core.model.errors import StoreUnavailable


def sqlite_file(url: str) -> Path | None:
    """The file behind a database URL; ``None`` for another database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)


def _read_only(file: Path) -> str:
    """The URI that opens a file for reading. Characters of its name that have a meaning in a URI are
    escaped."""
    return f"{file.absolute().as_uri()}?mode=ro"


def copy_store(source: Path, target: Path) -> None:
    """Copy a consistent state with SQLite's online backup. Writers need not stop."""
    try:
        with (
            closing(sqlite3.connect(_read_only(source), uri=True, timeout=30)) as store,
            closing(sqlite3.connect(target)) as copy,
        ):
            store.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the store {source} cannot be copied: {error}") from error


def integrity_fault(copy: Path) -> str | None:
    """The fault that SQLite finds in a copy, or ``None`` if the copy is intact."""
    try:
        with closing(sqlite3.connect(_read_only(copy), uri=True)) as store:
            found = store.execute("PRAGMA integrity_check").fetchone()[0]
            store.execute("SELECT count(*) FROM submissions")
    except sqlite3.Error as error:
        return str(error)
    return None if found == "ok" else str(found)
