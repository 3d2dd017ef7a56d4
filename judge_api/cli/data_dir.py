"""The ``--data`` option, and the settings and database of the data folder that it names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from judge_api.settings import Settings, SettingsError
from judge_api.store.engine import open_engine
from judge_api.store.schema_version import bring_up_to_date, has_schema
from judge_api.store.sqlite_backup import sqlite_file
from judge_api.supervisor import CannotStart
from judge_api.supervisor.backup import BackupDatabase, BackupError, PostgresDatabase, SqliteDatabase
from judge_core.model.errors import GavelError

data_option = click.option(
    "--data", envvar="GAVEL_DATA", type=click.Path(path_type=Path), help="Data folder of the main server."
)


def settings_for(data: Path | None) -> Settings:
    """The main server's settings, with another data folder if one is given. Raises ``SettingsError`` for a
    wrong setting, and for a database URL that cannot be read."""
    environment = dict(os.environ) if data is None else {**os.environ, "GAVEL_DATA": str(data)}
    settings = Settings.from_env(environment)
    _require_database_url(settings)
    return settings


def _require_database_url(settings: Settings) -> None:
    try:
        backend = make_url(settings.database_url).get_backend_name()
    except (SQLAlchemyError, ValueError):
        backend = ""
    if backend not in ("sqlite", "postgresql"):
        raise SettingsError(
            "GAVEL_DATABASE_URL cannot be read: write sqlite:////PATH or postgresql://USER@HOST/DATABASE."
        )


def backup_database(settings: Settings) -> BackupDatabase:
    """The database to copy or to restore. Raises ``ClickException`` for a SQLite file outside of the data
    folder."""
    if make_url(settings.database_url).get_backend_name() == "postgresql":
        return PostgresDatabase(settings.database_url)
    file = sqlite_file(settings.database_url)
    if file is None or file.absolute() != settings.data.absolute() / "gavel.db":
        raise click.ClickException(
            "backups are for PostgreSQL, and for the SQLite database in a data folder: name that folder "
            "with --data."
        )
    return SqliteDatabase(file)


@contextmanager
def existing_database(settings: Settings, migrated: bool = True) -> Iterator[Engine]:
    """Open the judge's database, and migrate it to this release if ``migrated``. Raises ``ClickException`` if
    there is no database."""
    file = sqlite_file(settings.database_url)
    if file is not None and not file.is_file():
        raise _no_judge(f"{file} does not exist")
    engine = open_engine(settings.database_url)
    try:
        if not has_schema(engine):
            raise _no_judge("the database of GAVEL_DATABASE_URL has no tables")
        if migrated:
            bring_up_to_date(engine)
        yield engine
    finally:
        engine.dispose()


def _no_judge(reason: str) -> click.ClickException:
    return click.ClickException(
        f"there is no judge here: {reason}. Name a judge's data folder with --data (GAVEL_DATA), "
        "or make one with `gavel up` or `gavel setup`."
    )


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """Print expected errors as messages and not as stack traces."""
    try:
        yield
    except (GavelError, SettingsError, CannotStart, BackupError, ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
