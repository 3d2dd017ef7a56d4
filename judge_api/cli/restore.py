"""`gavel restore`: a backup becomes the data folder again."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.accounts import data_option
from judge_api.cli.data_dir import own_sqlite, said_plainly, settings_of
from judge_api.supervisor.backup import restore_backup
from judge_api.supervisor.data_folder import DataFolder


@click.command(name="restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
def command(file: Path, data: Path | None) -> None:
    """Put the backup FILE into the data folder; refused while the house is up.

    What was there is moved aside, not deleted. Submissions that were waiting are judged after the next start.
    """
    with said_plainly():
        settings = settings_of(data)
        own_sqlite(settings)
        aside = restore_backup(file, DataFolder(settings.data))
    click.echo(f"{settings.data} is what it was when {file} was written.")
    if aside is not None:
        click.echo(f"What was there before lies in {aside}.")
