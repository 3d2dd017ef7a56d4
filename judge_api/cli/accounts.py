"""`gavel accounts`: who may submit, and how fast they are served. Works on the main server's database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from judge_api.cli.output import show_json, show_table
from judge_api.settings import Settings, SettingsError
from judge_api.store.accounts import AccountStore
from judge_api.store.engine import migrate, open_engine
from judge_core.model.account import Account, Role, Tier
from judge_core.model.errors import GavelError

TIERS = click.Choice([tier.value for tier in Tier])
ROLES = click.Choice([role.value for role in Role])
PAGE = 500

data_option = click.option(
    "--data", envvar="GAVEL_DATA", type=click.Path(path_type=Path), help="Data folder of the main server."
)


@click.group(name="accounts")
def command() -> None:
    """Accounts, tiers and keys: on the main server, with or without a running `gavel up`."""


@contextmanager
def _store(data: Path | None) -> Iterator[AccountStore]:
    environment = dict(os.environ) if data is None else {**os.environ, "GAVEL_DATA": str(data)}
    try:
        engine = open_engine(Settings.from_env(environment).database_url)
        migrate(engine)
        yield AccountStore(engine)
    except (GavelError, SettingsError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _named(store: AccountStore, name: str) -> Account:
    account = store.by_name(name)
    if account is None:
        raise click.ClickException(f"there is no account {name!r}; `gavel accounts list` shows them.")
    return account


@command.command("list")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_accounts(data: Path | None, as_json: bool) -> None:
    """All accounts by name."""
    with _store(data) as store:
        found = list(_all(store))
    rows = [(a.name, a.tier.value, a.role.value, "disabled" if a.disabled else "", a.id) for a in found]
    if as_json:
        show_json([dict(zip(("name", "tier", "role", "state", "id"), row, strict=True)) for row in rows])
    else:
        show_table("accounts", ("name", "tier", "role", "state", "id"), rows)


def _all(store: AccountStore) -> Iterator[Account]:
    after: str | None = None
    while page := store.page(after, PAGE):
        yield from page
        after = page[-1].name


@command.command("add")
@click.argument("name")
@click.option("--tier", type=TIERS, default="normal", show_default=True)
@click.option("--role", type=ROLES, default="user", show_default=True)
@data_option
def add(name: str, tier: str, role: str, data: Path | None) -> None:
    """Add an account NAME and print its first key."""
    with _store(data) as store:
        account = store.add(name, Tier(tier), Role(role))
        _, secret = store.issue_key(account.id, "first key")
    click.echo(f"{account.name}  tier {tier}  role {role}\nkey (shown this once): {secret}")


@command.command("tier")
@click.argument("name")
@click.argument("tier", type=TIERS)
@data_option
def tier(name: str, tier: str, data: Path | None) -> None:
    """Move account NAME to another TIER; what it has in a queue stays there."""
    with _store(data) as store:
        account = store.set_tier(_named(store, name).id, Tier(tier))
    click.echo(f"{account.name} is {account.tier.value} from now on.")


@command.command("key")
@click.argument("name")
@click.option("--label", default="made by gavel accounts key", show_default=True)
@data_option
def key(name: str, label: str, data: Path | None) -> None:
    """Make another key for account NAME."""
    with _store(data) as store:
        _, secret = store.issue_key(_named(store, name).id, label)
    click.echo(f"key (shown this once): {secret}")
