"""Migrates the database to this release's schema, with Alembic. The migrations are in
``store/migrations``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine, text

from judge_api.store.engine import write_transaction
from judge_core.logging import get_logger

_logger = get_logger(__name__)
_MIGRATION_LOCK = 0x67617665
_MIGRATIONS = Path(__file__).parent / "migrations"


class UnknownRevision(Exception):
    """This release does not know the revision, or cannot go to it."""


def migrate(engine: Engine) -> None:
    """Bring the schema to this release's version. Several processes may do this at once.

    A schema of a later release is left as it is. Its migrations only add to the schema, so a process of this
    release can still start while processes of the later release take over.
    """
    while _migrate_one(engine):
        pass


def _migrate_one(engine: Engine) -> bool:
    """Migrate by one revision in its own transaction, so that its locks are not held while the next one
    builds indexes. An empty database gets all revisions at once. True if more revisions follow."""
    with _migrating(engine) as config:
        if not _is_known(config):
            _logger.warning("The database is of a later release; its schema is left as it is")
            return False
        now = _current_revision(config)
        missing = list(ScriptDirectory.from_config(config).iterate_revisions("head", now or "base"))
        if missing:
            command.upgrade(config, missing[-1].revision if now else "head")
        return now is not None and len(missing) > 1


def migrate_to(engine: Engine, revision: str) -> None:
    """Make the schema of this revision in a database without one. Raises ``UnknownRevision``."""
    with _migrating(engine) as config:
        if _current_revision(config) is None:
            try:
                command.upgrade(config, revision)
            except CommandError as error:
                raise UnknownRevision(str(error)) from error


def current_revision(engine: Engine) -> str | None:
    """The schema's revision; ``None`` without a schema."""
    with _migrating(engine) as config:
        return _current_revision(config)


def roll_back(engine: Engine, revision: str) -> None:
    """Take the schema back to an earlier revision. Data that only later revisions have columns or tables for
    are lost. Raises ``UnknownRevision``."""
    with _migrating(engine) as config:
        try:
            command.downgrade(config, revision)
        except CommandError as error:
            raise UnknownRevision(str(error)) from error


def parse_release_revisions(text: str) -> dict[str, str]:
    """The newest revision of each release's schema, by the release's version, in the order of the text."""
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {row[0]: row[1] for row in rows}


def release_revisions() -> dict[str, str]:
    """The newest revision of the schema of each earlier release, oldest first."""
    return parse_release_revisions((_MIGRATIONS / "releases.txt").read_text())


def schema_revisions(engine: Engine) -> list[tuple[str, str, bool]]:
    """The name and purpose of every revision that this release knows, and whether it is applied; oldest
    first. In a schema of a later release all of them are applied."""
    with _migrating(engine) as config:
        script = ScriptDirectory.from_config(config)
        now = _current_revision(config)
        known = list(script.walk_revisions())
        newest = now if _is_known(config) else "head"
        applied = {one.revision for one in script.iterate_revisions(newest, "base")} if newest else set()
    return [(one.revision, one.doc or "", one.revision in applied) for one in reversed(known)]


@contextmanager
def _migrating(engine: Engine) -> Iterator[Config]:
    """Alembic's configuration with a connection in a transaction. In PostgreSQL a lock lets one process
    migrate at a time."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with write_transaction(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # Changing a large table takes long.
        config.attributes["connection"] = connection
        yield config


def _current_revision(config: Config) -> str | None:
    return MigrationContext.configure(config.attributes["connection"]).get_current_revision()


def _is_known(config: Config) -> bool:
    known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
    return _current_revision(config) in known | {None}
