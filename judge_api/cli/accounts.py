"""`gavel accounts`: accounts, tiers and keys, in the main server's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from judge_api.cli.data_dir import data_option, settings_for
from judge_api.cli.output import show_json, show_table
from judge_api.settings import SettingsError
from judge_api.store.accounts import AccountStore
from judge_api.store.engine import open_engine
from judge_api.store.migrate import migrate
from judge_core.model.account import Account, Role, Tier
from judge_core.model.errors import GavelError

TIERS = click.Choice([tier.value for tier in Tier])
ROLES = click.Choice([role.value for role in Role])
PAGE = 500


@click.group(name="accounts")
def command() -> None:
    """List and change accounts, tiers and keys. Run it on the main server; `gavel up` may run or not."""


@contextmanager
def _store(data: Path | None) -> Iterator[AccountStore]:
    try:
        engine = open_engine(settings_for(data).database_url)
        migrate(engine)
        yield AccountStore(engine)
    except (GavelError, SettingsError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _find_account(store: AccountStore, name: str) -> Account:
    account = store.by_name(name)
    if account is None:
        raise click.ClickException(f"there is no account {name!r}; `gavel accounts list` shows them.")
    return account


@command.command("list")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_accounts(data: Path | None, as_json: bool) -> None:
    """List all accounts by name."""
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
    """Add the account NAME and print its first key."""
    with _store(data) as store:
        account = store.add(name, Tier(tier), Role(role))
        _, secret = store.issue_key(account.id, "first key")
    click.echo(f"{account.name}  tier {tier}  role {role}\nkey (shown only once): {secret}")


@command.command("tier")
@click.argument("name")
@click.argument("tier", type=TIERS)
@data_option
def tier(name: str, tier: str, data: Path | None) -> None:
    """Move account NAME to another TIER. Submissions that are in a queue stay there."""
    with _store(data) as store:
        account = store.set_tier(_find_account(store, name).id, Tier(tier))
    click.echo(f"{account.name} is {account.tier.value} from now on.")


@command.command("key")
@click.argument("name")
@click.option("--label", default="made by gavel accounts key", show_default=True)
@data_option
def key(name: str, label: str, data: Path | None) -> None:
    """Create another key for account NAME."""
    with _store(data) as store:
        _, secret = store.issue_key(_find_account(store, name).id, label)
    click.echo(f"key (shown only once): {secret}")
