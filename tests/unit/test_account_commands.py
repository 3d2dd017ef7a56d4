"""`gavel accounts` and `gavel login-link` check names like the API, and write into the audit log."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from judge_api.__main__ import main
from judge_api.store.accounts import AccountStore
from judge_api.store.audit import AuditEntry, AuditLog
from judge_api.store.engine import open_engine
from judge_api.supervisor.console import format_summary
from judge_api.supervisor.data_folder import AccountKey, Credentials, DataFolder
from judge_api.supervisor.seed import make_sign_in_link
from tests.support.databases import write_empty_database


class Commands:
    """Runs commands on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.url = f"sqlite:///{data / 'gavel.db'}"

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments], env={"GAVEL_DATA": str(self.data)})

    def succeed(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    @property
    def accounts(self) -> AccountStore:
        return AccountStore(open_engine(self.url))

    def last_acts(self, count: int) -> list[AuditEntry]:
        return AuditLog(open_engine(self.url)).page(limit=count)


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    commands = Commands(tmp_path)
    write_empty_database(tmp_path / "gavel.db")
    return commands


@pytest.mark.parametrize(
    "command",
    [
        ("accounts", "key", "ada"),
        ("accounts", "add", "ada"),
        ("accounts", "list"),
        ("login-link", "ada"),
        ("purge", "--older-than", "1d"),
        ("schema",),
    ],
)
def test_a_command_on_a_folder_without_a_judge_fails_and_creates_nothing(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    result = Commands(tmp_path / "wrong").run(*command)
    assert result.exit_code == 1
    assert "there is no judge here" in result.output
    assert "--data" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_command_refuses_a_database_without_tables(tmp_path: Path) -> None:
    (tmp_path / "gavel.db").touch()
    result = Commands(tmp_path).run("accounts", "list")
    assert (result.exit_code, "has no tables" in result.output) == (1, True)


@pytest.mark.parametrize("name", ["a", "two words", "-x", "x" * 65, "naïve", "line\n", ""])
def test_gavel_accounts_add_refuses_an_invalid_name_as_the_api_does(commands: Commands, name: str) -> None:
    result = commands.run("accounts", "add", "--", name)
    assert result.exit_code == 1
    assert "name: must" in result.output
    assert commands.accounts.list() == []


def test_the_audit_log_records_the_commands_that_change_accounts(commands: Commands) -> None:
    commands.succeed("accounts", "add", "ada")
    commands.succeed("accounts", "tier", "ada", "premium")
    commands.succeed("accounts", "role", "ada", "author")
    commands.succeed("accounts", "disable", "ada")
    commands.succeed("accounts", "enable", "ada")
    commands.succeed("accounts", "key", "ada")
    acts = commands.last_acts(20)
    assert {one.account for one in acts} == {"command line"}
    assert [one.act for one in reversed(acts)] == [
        *("account.add", "key.issue", "account.change", "account.change"),
        *("account.change", "account.change", "key.issue"),
    ]
    ada = commands.accounts.by_name("ada")
    assert ada is not None
    assert (ada.tier, ada.role, ada.disabled) == ("premium", "author", False)


@pytest.mark.parametrize("command", [("accounts", "reset"), ("login-link",)])
def test_a_one_time_link_has_the_address_of_the_running_server(
    commands: Commands, command: tuple[str, ...]
) -> None:
    Credentials("http://10.1.2.3:8123").write(DataFolder(commands.data).credentials)
    commands.succeed("accounts", "add", "ada")
    first, second = (commands.succeed(*command, "ada").split()[0] for _ in range(2))
    assert first.startswith("http://10.1.2.3:8123/link#gvo_")
    assert first != second
    assert commands.last_acts(1)[0].act in ("account.reset-link", "account.login-link")


@pytest.mark.parametrize("command", [("accounts", "reset"), ("login-link",), ("accounts", "disable")])
def test_a_command_for_an_unknown_account_fails_and_shows_the_name(
    commands: Commands, command: tuple[str, ...]
) -> None:
    result = commands.run(*command, "nobody")
    assert (result.exit_code, "there is no account 'nobody'" in result.output) == (1, True)


def test_the_last_administrator_cannot_be_disabled_or_lose_the_role(commands: Commands) -> None:
    commands.succeed("accounts", "add", "root", "--role", "admin")
    for act in (("disable", "root"), ("role", "root", "user")):
        result = commands.run("accounts", *act)
        assert (result.exit_code, "last administrator" in result.output) == (1, True)


def test_the_start_prints_a_sign_in_link_and_not_the_admins_key(commands: Commands) -> None:
    commands.succeed("accounts", "add", "admin", "--role", "admin")
    link = make_sign_in_link(commands.url, "http://localhost:8000/", "admin")
    assert link is not None and link.startswith("http://localhost:8000/link#gvo_")
    keys = {use: AccountKey(use, f"gvl_{use}") for use in ("normal", "premium", "admin")}
    text = format_summary(Credentials("http://x", keys), DataFolder(commands.data), "aplusb", link)
    assert link in text
    assert "gvl_admin" not in text
    assert "gvl_normal" in text
    assert make_sign_in_link(commands.url, "http://localhost:8000", "nobody") is None


def test_a_key_may_have_scopes_and_an_expiry(commands: Commands) -> None:
    commands.succeed("accounts", "add", "ada")
    shown = commands.succeed("accounts", "key", "ada", "--scope", "submit", "--expires", "90d")
    found = commands.accounts.authenticate(shown.split()[-1])
    assert found is not None and found.expires_at is not None
    assert found.scopes == ("read", "submit")
    assert commands.run("accounts", "key", "ada", "--label", " ").exit_code == 1


def test_an_import_of_accounts_writes_a_sheet_with_their_passwords(commands: Commands) -> None:
    file, sheets = commands.data / "class.csv", commands.data / "sheets.html"
    file.write_text("name,full name,group\nada,Ada L,10a\nbob,Bob,10a\n")
    assert "2 accounts would be added" in commands.succeed("accounts", "import", str(file), "--dry-run")
    assert commands.accounts.list() == []
    shown = commands.succeed("accounts", "import", str(file), "--sheets", str(sheets))
    password = next(line for line in shown.splitlines() if line.startswith("ada")).split()[-1]
    assert password in sheets.read_text()
    assert sheets.stat().st_mode & 0o077 == 0
    assert [one.name for one in commands.accounts.list()] == ["ada", "bob"]
    again = commands.run("accounts", "import", str(file))
    assert again.exit_code == 1
    assert "line 2, name: 'ada' is taken" in again.output


def test_change_group_changes_all_members_and_delete_asks_first(
    commands: Commands,
) -> None:
    for name in ("ada", "bob", "carl"):
        commands.succeed("accounts", "add", name)
    commands.succeed("accounts", "group", "10a", "ada", "bob")
    assert "10a" in commands.succeed("accounts", "groups")
    commands.succeed("accounts", "change-group", "10a", "--tier", "premium")
    assert [one.tier for one in commands.accounts.list()] == ["premium", "premium", "normal"]
    commands.succeed("accounts", "group", "10a", "ada", "--remove")
    commands.succeed("accounts", "disable", "ada", "carl")
    assert commands.run("accounts", "delete", "bob").exit_code == 1, (
        "delete must ask first, and must delete no row without an answer"
    )
    commands.succeed("accounts", "delete", "--yes", "bob", "bob")
    assert [(one.name, one.disabled) for one in commands.accounts.list()] == [("ada", True), ("carl", True)]
    assert commands.run("accounts", "change-group", "10a", "--tier", "normal").exit_code == 1


def test_removing_the_second_factor_of_an_account_without_a_second_factor_is_refused(
    commands: Commands,
) -> None:
    commands.succeed("accounts", "add", "ada")
    result = commands.run("accounts", "reset", "ada", "--second-factor")
    assert (result.exit_code, "ada has no second factor" in result.output) == (1, True)


def test_an_import_still_prints_the_passwords_if_the_sheets_cannot_be_written(commands: Commands) -> None:
    file = commands.data / "class.csv"
    file.write_text("name\nada\n")
    nowhere = commands.run("accounts", "import", str(file), "--sheets", str(commands.data / "no" / "sheets"))
    assert (nowhere.exit_code, commands.accounts.list()) == (2, [])
    assert "there is no folder" in nowhere.output
    # This name is allowed. The name of the hidden file that is written first would be too long.
    long = str(commands.data / ("x" * 254))
    failed = commands.run("accounts", "import", str(file), "--sheets", long)
    assert failed.exit_code == 1
    (line,) = [line for line in failed.stdout.splitlines() if line.startswith("ada")]
    assert len(line.split()[-1]) == len("aaaa-bbbb-cccc")
    assert "cannot be written" in failed.stderr
    assert [one.name for one in commands.accounts.list()] == ["ada"]


def test_no_account_joins_a_group_if_a_name_in_the_list_is_unknown(commands: Commands) -> None:
    commands.succeed("accounts", "add", "ada")
    result = commands.run("accounts", "group", "10a", "ada", "nobody")
    assert result.exit_code == 1
    assert "there is no account 'nobody'" in result.output
    assert commands.succeed("accounts", "groups").count("10a") == 0, (
        "no account may join if one of the names is unknown"
    )
