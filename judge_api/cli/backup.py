"""`gavel backup`: all that must survive, in one file, while the house is up."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.accounts import data_option
from judge_api.cli.data_dir import own_sqlite, said_plainly, settings_of
from judge_api.supervisor.backup import write_backup


@click.command(name="backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
def command(file: Path, data: Path | None) -> None:
    """Write the store, the problem packages and the secrets to FILE (a zip, for its owner only)."""
    with said_plainly():
        settings = settings_of(data)
        backup = write_backup(own_sqlite(settings), settings.data, file.absolute())
    click.echo(f"{file}: a store of {backup.database_bytes:,} bytes and {backup.packages} packages.")
