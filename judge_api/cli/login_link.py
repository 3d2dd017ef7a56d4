"""`gavel login-link`: makes a one-time link that signs an account in to the pages."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.account_access import find_account, open_administration, show_link
from judge_api.cli.data_dir import data_option
from judge_api.services.account_administration import COMMAND_LINE
from judge_core.model.account import LinkPurpose


@click.command(name="login-link")
@click.argument("name")
@data_option
def command(name: str, data: Path | None) -> None:
    """Print a link that signs account NAME in to the pages. It works once, within an hour."""
    with open_administration(data) as administration:
        account = find_account(administration.accounts, name)
        show_link(administration.make_link(COMMAND_LINE, account, LinkPurpose.SIGN_IN))
