"""`gavel doctor`: tests which limits this host can enforce, and shows its disks."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from judge_api.cli.data_dir import data_option, existing_database, settings_for
from judge_api.cli.exec_module import exec_module
from judge_api.services.disk_space import disks_of
from judge_api.services.tier_check import TierCheck
from judge_api.settings import Settings, SettingsError
from judge_core.model.errors import GavelError


@click.command(
    name="doctor",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@data_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[--json] [--seccomp [PROFILE]]")
def command(data: Path | None, arguments: tuple[str, ...]) -> None:
    """Test every limit of the sandbox on this host, and print what enforces it.

    It also shows the free space of the data folder, the database and the scratch folder, and accounts whose
    tier is not defined. With --seccomp print
    the system calls that each profile allows (native, python, jvm ...), or one PROFILE.
    """
    try:
        settings = settings_for(data)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    disks = disks_of(settings)
    for warning in _tier_warnings(settings):
        click.echo(f"warning: {warning}.", err=True)
    exec_module("sandbox", (*(f"--disk={disk.name}={disk.folder}" for disk in disks), *arguments))


def _tier_warnings(settings: Settings) -> tuple[str, ...]:
    """Warnings of undefined tiers. There are none without a database: doctor runs on worker hosts too."""
    try:
        with existing_database(settings, migrated=False) as engine:
            return TierCheck(engine, settings.tiers).warnings()
    except (click.ClickException, GavelError, SQLAlchemyError):
        return ()
