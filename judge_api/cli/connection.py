"""Which server a command talks to, and as whom.

In this order: --url/--key (GAVEL_URL, GAVEL_KEY); the data folder that was named (--data, GAVEL_DATA);
what `gavel login` remembered; the `gavel up` of this user's own data folder.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import platformdirs

from gavel_client import ClientError, Gavel, NotSignedIn, RefusedByServer, ServerUnreachable
from judge_api.cli.saved_login import read_login
from judge_api.supervisor.data_folder import read_credentials


class RefusedMessage(click.ClickException):
    """The server answered no."""

    exit_code = 1


class UnreachableMessage(click.ClickException):
    """The server did not answer, or not in time."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """What the options say about where to go and who asks."""

    url: str | None
    key: str | None
    data: Path | None
    account: str | None

    def connect(self, usual: str = "normal") -> Gavel:
        """A client; ``usual`` is the local account meant when none was named."""
        if self.url:
            return Gavel(self.url, self.key)
        if self.data is None and self.account is None and (login := read_login()):
            return Gavel(login.url, self.key or login.key)
        return self._local(usual)

    def _local(self, usual: str) -> Gavel:
        folder = self.data or default_data()
        known = read_credentials(folder / "credentials.json")
        if known is None:
            raise click.UsageError(
                f"no server is known: there is no {folder}/credentials.json. Start one with `gavel up`, "
                "or name one with --url and --key (GAVEL_URL, GAVEL_KEY) or `gavel login`."
            )
        account = known.accounts.get(self.account or usual)
        if account is None and self.key is None:
            raise click.UsageError(f"--as {self.account}: known are {', '.join(known.accounts)}.")
        return Gavel(known.url, self.key or (account.key if account else None))


def default_data() -> Path:
    return Path(platformdirs.user_data_dir("gavel"))


def server_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --url --key --data --as to a command, passed on as one ``caller``; says its errors plainly."""

    @click.option("--url", envvar="GAVEL_URL", help="Base URL of the server.")
    @click.option("--key", envvar="GAVEL_KEY", help="API key.")
    @click.option(
        "--data",
        envvar="GAVEL_DATA",
        type=click.Path(path_type=Path),
        help="Data folder of a local `gavel up`.",
    )
    @click.option("--as", "account", metavar="ACCOUNT", help="Local account: normal, premium or admin.")
    @functools.wraps(function)
    def called(url: str | None, key: str | None, data: Path | None, account: str | None, **rest: Any) -> Any:
        try:
            return function(caller=Caller(url, key, data, account), **rest)
        except ClientError as error:
            raise _plainly(error) from error

    return called


def _plainly(error: ClientError) -> click.ClickException:
    advice = ""
    if isinstance(error, ServerUnreachable):
        advice = "\nIs it running? `gavel up` starts one here."
    if isinstance(error, NotSignedIn):
        advice = "\nGive a key with --key or GAVEL_KEY, or sign in with `gavel login`."
    is_answer = isinstance(error, RefusedByServer)
    return (RefusedMessage if is_answer else UnreachableMessage)(f"{error}{advice}")
