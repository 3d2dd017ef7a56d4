"""`gavel setup`: what a house of containers does before its processes start."""

from __future__ import annotations

import os
from pathlib import Path

import click

from judge_api.settings import Settings
from judge_api.supervisor import CannotStart
from judge_api.supervisor.data_folder import Credentials, DataFolder, read_credentials
from judge_api.supervisor.seed import seed_database


@click.command(name="setup")
@click.option(
    "--problems", type=click.Path(path_type=Path, file_okay=False), help="Sample packages to offer."
)
def command(problems: Path | None) -> None:
    """Bring the database up to date, make the first accounts and keys, offer the sample problems.

    May be run at every start: what is there is left as it is. Keys go to DATA/credentials.json (0600).
    """
    settings = Settings.from_env(os.environ)
    folder = DataFolder(settings.data)
    known = read_credentials(folder.credentials)
    try:
        seeded = seed_database(settings.database_url, folder, known.accounts if known else {}, problems)
    except CannotStart as error:
        raise click.ClickException(str(error)) from error
    Credentials(settings.public_url, seeded.accounts).write(folder.credentials)
    click.echo(seeded.summary)
    for broken in seeded.broken_packages:
        click.echo(broken, err=True)
