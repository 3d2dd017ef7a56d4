"""Checks whether PostgreSQL is configured so that each submission that was answered with 202 survives a
crash, and whether it takes enough connections."""

from __future__ import annotations

from sqlalchemy import Engine, text

from judge_api.store.engine import read_connection

_FIXES = {
    "fsync": "a crash of the machine can damage the whole database",
    "full_page_writes": "a crash of the machine can damage the whole database",
    "synchronous_commit": "submissions that were answered with 202 shortly before a crash would be lost",
}
_SETTINGS = text(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', "
    "'synchronous_commit', 'max_connections')"
)


def database_warnings(engine: Engine, connections: int) -> list[str]:
    """The faults of PostgreSQL's configuration, each with its fix. Empty for SQLite. ``connections`` is how
    many connections one process may have. May raise ``StoreUnavailable``."""
    if engine.dialect.name != "postgresql":
        return []
    with read_connection(engine) as connection:
        settings = {row.name: row.setting for row in connection.execute(_SETTINGS)}
    found = [
        f"PostgreSQL runs with {name} off: {harm}. "
        f"Fix: `ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf();`"
        for name, harm in _FIXES.items()
        if settings.get(name) == "off"
    ]
    most = int(settings.get("max_connections", 0))
    if 0 < most < 2 * connections:
        found.append(
            f"PostgreSQL takes {most} connections; each API process and dispatcher may use {connections}. "
            "Fix: raise max_connections (a restart), or lower GAVEL_DATABASE_CONNECTIONS"
        )
    return found
