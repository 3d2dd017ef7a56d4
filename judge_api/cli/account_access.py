"""Opens the accounts of the main server's database for commands, and prints links."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from judge_api.cli.data_dir import existing_database, settings_for
from judge_api.cli.output import print_line
from judge_api.services.account_administration import AccountAdministration, MadeLink
from judge_api.settings import Settings, SettingsError
from judge_api.store.accounts import AccountStore
from judge_api.supervisor.data_folder import read_credentials
from judge_core.model.account import Account
from judge_core.model.errors import GavelError


@contextmanager
def open_administration(data: Path | None) -> Iterator[AccountAdministration]:
    """Open the administration of accounts. Expected errors are printed as messages."""
    try:
        settings = settings_for(data)
        with existing_database(settings) as engine:
            yield AccountAdministration(engine, _public_url(settings), tiers=settings.tiers)
    except (GavelError, SettingsError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def find_account(store: AccountStore, name: str) -> Account:
    """The account of this name. Raises ``ClickException`` when there is none."""
    account = store.by_name(name)
    if account is None:
        raise click.ClickException(
            f"there is no account {name!r}; `gavel accounts list` lists the accounts. "
            "--data (GAVEL_DATA) names another server's data folder."
        )
    return account


def show_link(made: MadeLink) -> None:
    """Print a one-time link and until when it works."""
    print_line(made.url)
    print_line(f"It works once, until {made.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)


def _public_url(settings: Settings) -> str:
    """The configured address, or that of the `gavel up` on the data folder."""
    known = read_credentials(settings.data / "credentials.json")
    return settings.public_url if known is None or os.environ.get("GAVEL_PUBLIC_URL") else known.url
