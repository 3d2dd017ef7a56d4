"""`gavel accounts`: accounts, tiers and keys, in the main server's database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click

from judge_api.cli.account_access import find_account, open_administration, show_link
from judge_api.cli.age import Age
from judge_api.cli.data_dir import data_option
from judge_api.cli.output import show_json, show_table
from judge_api.services.account_administration import COMMAND_LINE, AccountChanges, NewAccount, NewKey
from judge_api.store.accounts import AccountStore
from judge_core.model.account import Account, LinkPurpose, Role, Scope, Tier

TIERS = click.Choice([tier.value for tier in Tier])
SCOPES = click.Choice([scope.value for scope in Scope])
ROLES = click.Choice([role.value for role in Role])
PAGE = 500


@click.group(name="accounts")
def command() -> None:
    """List and change accounts, tiers and keys. Run it on the main server; `gavel up` may run or not."""


@command.command("list")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_accounts(data: Path | None, as_json: bool) -> None:
    """List all accounts by name."""
    with open_administration(data) as administration:
        found = list(_all(administration.accounts))
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
    with open_administration(data) as administration:
        account = administration.add(COMMAND_LINE, NewAccount(name, Tier(tier), Role(role)))
        secret = administration.issue_key(COMMAND_LINE, account, NewKey("first key"))
    click.echo(f"{account.name}  tier {tier}  role {role}\nkey (shown only once): {secret}")


@command.command("tier")
@click.argument("name")
@click.argument("tier", type=TIERS)
@data_option
def tier(name: str, tier: str, data: Path | None) -> None:
    """Move account NAME to another TIER. Submissions that are in a queue stay there."""
    account = _change(name, AccountChanges(tier=Tier(tier)), data)
    click.echo(f"{account.name} is {account.tier.value} from now on.")


@command.command("role")
@click.argument("name")
@click.argument("role", type=ROLES)
@data_option
def role(name: str, role: str, data: Path | None) -> None:
    """Give account NAME another ROLE."""
    account = _change(name, AccountChanges(role=Role(role)), data)
    click.echo(f"{account.name} has the role {account.role.value} from now on.")


@command.command("disable")
@click.argument("name")
@data_option
def disable(name: str, data: Path | None) -> None:
    """Disable account NAME: its password, keys and sessions are refused within seconds."""
    _change(name, AccountChanges(disabled=True), data)
    click.echo(f"{name} is disabled.")


@command.command("enable")
@click.argument("name")
@data_option
def enable(name: str, data: Path | None) -> None:
    """Enable account NAME: its password and keys work again."""
    _change(name, AccountChanges(disabled=False), data)
    click.echo(f"{name} is enabled.")


def _change(name: str, changes: AccountChanges, data: Path | None) -> Account:
    with open_administration(data) as administration:
        return administration.change(COMMAND_LINE, find_account(administration.accounts, name), changes)


@command.command("reset")
@click.argument("name")
@data_option
def reset(name: str, data: Path | None) -> None:
    """Print a link by which the owner of account NAME sets a new password. It works once, within a day."""
    with open_administration(data) as administration:
        account = find_account(administration.accounts, name)
        show_link(administration.make_link(COMMAND_LINE, account, LinkPurpose.PASSWORD))


@command.command("key")
@click.argument("name")
@click.option("--label", default="made by gavel accounts key", show_default=True)
@click.option("--scope", "scopes", type=SCOPES, multiple=True, help="What it may do.  [default: all]")
@click.option("--expires", "lasts", type=Age(), help="How long it works, such as 90d.  [default: for ever]")
@data_option
def key(name: str, label: str, scopes: tuple[str, ...], lasts: timedelta | None, data: Path | None) -> None:
    """Create another key for account NAME."""
    new = NewKey(label, lasts, tuple(map(Scope, scopes)) or None)
    with open_administration(data) as administration:
        account = find_account(administration.accounts, name)
        secret = administration.issue_key(COMMAND_LINE, account, new)
    click.echo(f"key (shown only once): {secret}")
