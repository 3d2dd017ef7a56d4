"""The data folder that a command of the main server works on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from judge_api.settings import Settings, SettingsError
from judge_api.store.sqlite_backup import sqlite_file
from judge_api.supervisor import CannotStart
from judge_api.supervisor.backup import BackupError
from judge_core.model.errors import GavelError


def settings_of(data: Path | None) -> Settings:
    """The main server's settings, with another data folder if one was named."""
    environment = dict(os.environ) if data is None else {**os.environ, "GAVEL_DATA": str(data)}
    return Settings.from_env(environment)


def own_sqlite(settings: Settings) -> Path:
    """The SQLite store of this folder; another database has its own tools for this."""
    store = sqlite_file(settings.database_url)
    if store is None or store.absolute() != settings.data.absolute() / "gavel.db":
        raise click.ClickException(
            "this is for the SQLite store in the data folder. For PostgreSQL use pg_dump and pg_restore, "
            "and copy the folder 'packages' and the files 'secret_key' and 'worker_token' beside it."
        )
    return store


@contextmanager
def said_plainly() -> Iterator[None]:
    """Errors of the house as messages, not as traces."""
    try:
        yield
    except (GavelError, SettingsError, CannotStart, BackupError, ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
