"""`gavel setup`: migrates the database and creates first accounts, before containers start."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.data_dir import errors_as_messages, settings_for
from judge_api.cli.output import print_line
from judge_api.services.object_packages import upload_packages
from judge_api.supervisor.data_folder import Credentials, DataFolder, read_credentials
from judge_api.supervisor.seed import seed_database


@click.command(name="setup")
@click.option(
    "--problems",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of sample packages to add.",
)
def command(problems: Path | None) -> None:
    """Migrate the database, create the first accounts and keys, add the sample problems.

    It may run at every start, since it adds only what is missing or has changed. Keys are written to
    DATA/credentials.json (0600).
    """
    with errors_as_messages():
        settings = settings_for(None)
        folder = DataFolder(settings.data)
        known = read_credentials(folder.credentials)
        seeded = seed_database(
            settings.database_url, folder, known.accounts if known else {}, problems, settings.tiers
        )
        uploaded = upload_packages(settings)
        Credentials(settings.public_url, seeded.accounts).write(folder.credentials)
    print_line(seeded.summary)
    if uploaded:
        print_line(f"{uploaded} packages of the data folder were put into {settings.object_storage}.")
    for broken in seeded.broken_packages:
        print_line(broken, err=True)
