"""`gavel restore`: puts a backup into the database and the data folder."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.data_dir import backup_database, data_option, errors_as_messages, settings_for
from judge_api.cli.output import print_line
from judge_api.supervisor.backup import restore_backup
from judge_api.supervisor.backup_place import reading
from judge_api.supervisor.data_folder import DataFolder


@click.command(name="restore")
@click.argument("source", metavar="FILE")
@data_option
def command(source: str, data: Path | None) -> None:
    """Restore the backup FILE into the data folder, and into an empty PostgreSQL if the backup is of one.

    FILE may be an object such as s3://bucket/backups/gavel-20261129T120000Z.zip. No process of Gavel may run
    on the data folder or the database. Earlier files are moved to another folder, not deleted. Submissions
    that were waiting are judged after the next start.
    """
    with errors_as_messages():
        settings = settings_for(data)
        with reading(settings, source) as file:
            aside = restore_backup(backup_database(settings), file, DataFolder(settings.data))
    print_line(f"{settings.data} is restored from {source}.")
    if aside is not None:
        print_line(f"The earlier files are in {aside}.")
