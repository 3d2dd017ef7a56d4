"""The options that choose server and account, and the client that uses them.

The first of these that applies is used: --url and --key (GAVEL_URL, GAVEL_KEY); the given data folder
(--data, GAVEL_DATA); the saved login of `gavel login`, unless --as is given; the `gavel up` of this user's
default data folder.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import platformdirs

from gavel_client import (
    ClientError,
    Gavel,
    InvalidSetting,
    NotSignedIn,
    RefusedByServer,
    ServerUnreachable,
)
from judge_api.cli.saved_login import read_login
from judge_api.supervisor.data_folder import DataFolder, read_credentials
from judge_core.terminal_text import written_out


class RefusedError(click.ClickException):
    """The server refused the request. Exit code 1."""

    exit_code = 1


class UnreachableError(click.ClickException):
    """The server did not answer, or not in time. Exit code 3."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Values of the options that choose server and account."""

    url: str | None
    key: str | None
    data: Path | None
    account: str | None

    def connect(self, default_account: str = "normal") -> Gavel:
        """A client. ``default_account`` is the local account that is used when none is given."""
        if self.url:
            return Gavel(self.url, self.key)
        if self.data is None and self.account is None and (login := read_login()):
            return Gavel(login.url, self.key or login.key)
        return self._connect_locally(default_account)

    def _connect_locally(self, default_account: str) -> Gavel:
        folder = self.data or default_data_dir()
        credentials = read_credentials(folder / "credentials.json")
        if credentials is None:
            raise click.UsageError(
                f"no server is known: there is no {folder}/credentials.json. Start one with `gavel up`, "
                "name the data folder of a running one with --data (GAVEL_DATA), "
                "or a server with --url and --key (GAVEL_URL, GAVEL_KEY) or `gavel login`."
            )
        # Any user of this host may have taken the port of a Gavel that has ended, and would get the key.
        if credentials.supervisor is not None and not DataFolder(folder).is_running():
            raise UnreachableError(
                f"no Gavel is running on the data folder {folder}. Start it with `gavel up --data {folder}`, "
                "or name another server with --url and --key."
            )
        account = credentials.accounts.get(self.account or default_account)
        if account is None and self.key is None:
            known = ", ".join(credentials.accounts)
            raise click.UsageError(
                f"--as {self.account}: no local account has this name. Choose from: {known}."
            )
        return Gavel(credentials.url, self.key or (account.key if account else None))


def default_data_dir() -> Path:
    return Path(platformdirs.user_data_dir("gavel"))


def server_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --url --key --data --as, passed as one ``server``; client errors become messages."""

    @click.option("--url", envvar="GAVEL_URL", help="Base URL of the server.")
    @click.option("--key", envvar="GAVEL_KEY", help="API key.")
    @click.option(
        "--data",
        envvar="GAVEL_DATA",
        type=click.Path(path_type=Path),
        help="Data folder of a local `gavel up`.",
    )
    @click.option(
        "--as", "account", metavar="ACCOUNT", help="Local account: a tier such as normal, or admin."
    )
    @functools.wraps(function)
    def command(url: str | None, key: str | None, data: Path | None, account: str | None, **rest: Any) -> Any:
        try:
            return function(server=ServerOptions(url, key, data, account), **rest)
        except ClientError as error:
            raise _message(error) from error

    return command


def _message(error: ClientError) -> click.ClickException:
    advice = ""
    if isinstance(error, InvalidSetting):
        return click.UsageError(written_out(str(error)))
    if isinstance(error, ServerUnreachable):
        advice = "\nIs it running? `gavel up` starts a server here."
    if isinstance(error, NotSignedIn):
        advice = "\nGive a key with --key or GAVEL_KEY, or sign in with `gavel login`."
    is_refused = isinstance(error, RefusedByServer)
    return (RefusedError if is_refused else UnreachableError)(f"{written_out(str(error))}{advice}")
