"""`gavel accounts`: accounts, tiers and keys, in the main server's database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import click

from judge_api.cli.account_access import find_account, open_administration, show_link
from judge_api.cli.age import Age
from judge_api.cli.data_dir import data_option
from judge_api.cli.output import print_line, show_json, show_table
from judge_api.cli.tier_name import TierName
from judge_api.services.account_administration import COMMAND_LINE, AccountChanges, NewKey
from judge_api.services.account_file import LineFault, read_account_file
from judge_api.services.account_import import AccountImport, place_of
from judge_api.services.password_sheets import password_sheets
from judge_api.store.accounts import AccountStore, NewAccount
from judge_api.store.groups import GroupStore
from judge_api.supervisor.data_folder import write_private
from judge_core.model.account import Account, LinkPurpose, Role, Scope, Tier

TIERS = TierName()
SCOPES = click.Choice([scope.value for scope in Scope])
ROLES = click.Choice([role.value for role in Role])
PAGE = 500
names_argument = click.argument("names", metavar="NAME...", nargs=-1, required=True)


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
def add(name: str, tier: Tier, role: str, data: Path | None) -> None:
    """Add the account NAME and print its first key."""
    with open_administration(data) as administration:
        account = administration.add(COMMAND_LINE, NewAccount(name, tier, Role(role)))
        secret = administration.issue_key(COMMAND_LINE, account, NewKey("first key"))
    print_line(f"{account.name}  tier {tier}  role {role}\nkey (shown only once): {secret}")


@command.command("tier")
@click.argument("name")
@click.argument("tier", type=TIERS)
@data_option
def tier(name: str, tier: Tier, data: Path | None) -> None:
    """Move account NAME to another TIER. Submissions that are in a queue stay there."""
    account = _change(name, AccountChanges(tier=tier), data)
    print_line(f"{account.name} is {account.tier.value} from now on.")


@command.command("role")
@click.argument("name")
@click.argument("role", type=ROLES)
@data_option
def role(name: str, role: str, data: Path | None) -> None:
    """Give account NAME another ROLE."""
    account = _change(name, AccountChanges(role=Role(role)), data)
    print_line(f"{account.name} has the role {account.role.value} from now on.")


@command.command("disable")
@names_argument
@data_option
def disable(names: tuple[str, ...], data: Path | None) -> None:
    """Disable accounts: their passwords, keys and sessions are refused within seconds."""
    for name in _change_each(names, AccountChanges(disabled=True), data):
        print_line(f"{name} is disabled.")


@command.command("enable")
@names_argument
@data_option
def enable(names: tuple[str, ...], data: Path | None) -> None:
    """Enable accounts: their passwords and keys work again."""
    for name in _change_each(names, AccountChanges(disabled=False), data):
        print_line(f"{name} is enabled.")


def _change(name: str, changes: AccountChanges, data: Path | None) -> Account:
    with open_administration(data) as administration:
        return administration.change(COMMAND_LINE, find_account(administration.accounts, name), changes)


def _change_each(names: Sequence[str], changes: AccountChanges, data: Path | None) -> Iterator[str]:
    """Change the accounts, and yield the name of each after its change. If a name is unknown, no account is
    changed."""
    with open_administration(data) as administration:
        for account in [find_account(administration.accounts, name) for name in dict.fromkeys(names)]:
            administration.change(COMMAND_LINE, account, changes)
            yield account.name


@command.command("reset")
@click.argument("name")
@click.option("--second-factor", is_flag=True, help="Turn the account's second factor off, too.")
@data_option
def reset(name: str, second_factor: bool, data: Path | None) -> None:
    """Print a link by which the owner of account NAME sets a new password. It works once, within a day."""
    with open_administration(data) as administration:
        account = find_account(administration.accounts, name)
        if second_factor:
            administration.remove_second_factor(COMMAND_LINE, account)
        show_link(administration.make_link(COMMAND_LINE, account, LinkPurpose.PASSWORD))


@command.command("key")
@click.argument("name")
@click.option("--label", default="made by gavel accounts key", show_default=True)
@click.option("--scope", "scopes", type=SCOPES, multiple=True, help="What the key may do.  [default: all]")
@click.option(
    "--expires", "lasts", type=Age(), help="How long the key works, such as 90d.  [default: for ever]"
)
@data_option
def key(name: str, label: str, scopes: tuple[str, ...], lasts: timedelta | None, data: Path | None) -> None:
    """Create another key for account NAME."""
    new = NewKey(label, lasts, tuple(map(Scope, scopes)) or None)
    with open_administration(data) as administration:
        account = find_account(administration.accounts, name)
        secret = administration.issue_key(COMMAND_LINE, account, new)
    print_line(f"key (shown only once): {secret}")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only check the file.")
@click.option(
    "--sheets", type=click.Path(dir_okay=False, path_type=Path), help="File for cards to print (HTML)."
)
@data_option
def import_file(file: Path, dry_run: bool, sheets: Path | None, data: Path | None) -> None:
    """Add the accounts of a CSV FILE, all or none, and print a password for each.

    Its first line names the columns: name, full name, e-mail, tier, role, group. Only name is needed.
    """
    if sheets is not None and not sheets.absolute().parent.is_dir():
        raise click.UsageError(f"--sheets: there is no folder {sheets.absolute().parent}.")
    with open_administration(data) as administration:
        accounts = read_account_file(file.read_bytes(), administration.tiers)
        importer = AccountImport(administration.engine)
        _refuse_faults(importer.faults(accounts))
        if dry_run:
            print_line(f"{len(accounts.lines)} accounts would be added.")
            return
        made = importer.run(COMMAND_LINE, accounts)
        rows = [(one.account.name, one.account.full_name or "", one.password) for one in made]
        # Print the passwords before the sheets are written. Gavel stores only their hashes, and writing may
        # fail.
        show_table(
            "accounts, with passwords that are shown only once", ("name", "full name", "password"), rows
        )
        if sheets is not None:
            _write_sheets(sheets, password_sheets(administration.public_url, made))


def _write_sheets(file: Path, text: str) -> None:
    try:
        write_private(file, text)
    except (OSError, ValueError) as error:
        raise click.ClickException(
            f"{file} cannot be written: {error}. The accounts were made, with the passwords above."
        ) from error


def _refuse_faults(faults: Sequence[LineFault]) -> None:
    if faults:
        lines = "\n".join(f"{place_of(fault)}: {fault.message}" for fault in faults)
        raise click.ClickException(f"no account was added:\n{lines}")


@command.command("groups")
@data_option
def groups(data: Path | None) -> None:
    """List the groups of accounts."""
    with open_administration(data) as administration:
        found = GroupStore(administration.engine).all()
    show_table("groups", ("name", "members"), [(group.name, group.members) for group in found])


@command.command("change-group")
@click.argument("group")
@click.option("--tier", type=TIERS)
@click.option("--role", type=ROLES)
@click.option("--disable/--enable", "disabled", default=None)
@data_option
def change_group(
    group: str, tier: Tier | None, role: str | None, disabled: bool | None, data: Path | None
) -> None:
    """Change all accounts of GROUP."""
    changes = AccountChanges(tier, Role(role) if role else None, disabled)
    if not changes.detail():
        raise click.UsageError("name a change: --tier, --role, --disable or --enable.")
    with open_administration(data) as administration:
        found = administration.accounts.page(limit=1_000_000, group=group)
        if not found:
            raise click.ClickException(
                f"there is no group {group!r}; `gavel accounts groups` lists the groups."
            )
        for account in found:
            administration.change(COMMAND_LINE, account, changes)
    print_line(f"{len(found)} accounts are changed.")


@command.command("group")
@click.argument("group")
@names_argument
@click.option("--remove", is_flag=True, help="Remove them from the group.")
@data_option
def group(group: str, names: tuple[str, ...], remove: bool, data: Path | None) -> None:
    """Add accounts to GROUP, which is made if it is new."""
    changes = AccountChanges(remove_group=group) if remove else AccountChanges(add_group=group)
    count = len(list(_change_each(names, changes, data)))
    print_line(f"{count} accounts are {'out of' if remove else 'in'} the group {group}.")


@command.command("delete")
@names_argument
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@data_option
def delete(names: tuple[str, ...], yes: bool, data: Path | None) -> None:
    """Delete accounts at once. Submissions to problems stay, without a name."""
    if not yes:
        click.confirm(f"Delete {', '.join(names)}? This cannot be undone.", abort=True)
    with open_administration(data) as administration:
        for account in [find_account(administration.accounts, name) for name in dict.fromkeys(names)]:
            administration.delete(COMMAND_LINE, account)
            print_line(f"{account.name} is deleted.")
