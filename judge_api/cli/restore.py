"""`gavel restore`: puts a backup into the data folder."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.data_dir import data_option, errors_as_messages, settings_for, sqlite_database
from judge_api.supervisor.backup import restore_backup
from judge_api.supervisor.data_folder import DataFolder


@click.command(name="restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
def command(file: Path, data: Path | None) -> None:
    """Put the backup FILE into the data folder. `gavel up` must not run on it.

    Earlier files are moved to another folder, not deleted. Submissions that were waiting are judged after the
    next start.
    """
    with errors_as_messages():
        settings = settings_for(data)
        sqlite_database(settings)
        aside = restore_backup(file, DataFolder(settings.data))
    click.echo(f"{settings.data} is restored from {file}.")
    if aside is not None:
        click.echo(f"The earlier files are in {aside}.")
