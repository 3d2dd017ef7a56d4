"""`gavel backup`: writes database, packages and secrets to one file; `gavel up` may run meanwhile."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.data_dir import data_option, errors_as_messages, settings_for, sqlite_database
from judge_api.supervisor.backup import write_backup


@click.command(name="backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@data_option
def command(file: Path, force: bool, data: Path | None) -> None:
    """Write database, problem packages and secrets to FILE (a zip, readable by its owner only)."""
    if file.exists() and not force:
        raise click.ClickException(f"{file} exists. Name another file, or overwrite it with --force.")
    with errors_as_messages():
        settings = settings_for(data)
        backup = write_backup(sqlite_database(settings), settings.data, file.absolute())
    click.echo(f"{file}: a database of {backup.database_bytes:,} bytes and {backup.packages} packages.")
