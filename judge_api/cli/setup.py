"""`gavel setup`: migrates the database and creates first accounts, before containers start."""

from __future__ import annotations

import os
from pathlib import Path

import click

from judge_api.cli.output import print_line
from judge_api.services.object_packages import upload_packages
from judge_api.settings import Settings, SettingsError
from judge_api.supervisor import CannotStart
from judge_api.supervisor.data_folder import Credentials, DataFolder, read_credentials
from judge_api.supervisor.seed import seed_database
from judge_core.model.errors import StoreUnavailable


@click.command(name="setup")
@click.option(
    "--problems", type=click.Path(path_type=Path, file_okay=False), help="Folder of sample packages to add."
)
def command(problems: Path | None) -> None:
    """Migrate the database, create the first accounts and keys, add the sample problems.

    It may run at every start, since what exists is not changed. Keys are written to DATA/credentials.json
    (0600).
    """
    settings = Settings.from_env(os.environ)
    folder = DataFolder(settings.data)
    known = read_credentials(folder.credentials)
    try:
        seeded = seed_database(
            settings.database_url, folder, known.accounts if known else {}, problems, settings.tiers
        )
        uploaded = upload_packages(settings)
    except (CannotStart, SettingsError, StoreUnavailable) as error:
        raise click.ClickException(str(error)) from error
    Credentials(settings.public_url, seeded.accounts).write(folder.credentials)
    print_line(seeded.summary)
    if uploaded:
        print_line(f"{uploaded} packages of the data folder were put into {settings.object_storage}.")
    for broken in seeded.broken_packages:
        print_line(broken, err=True)
