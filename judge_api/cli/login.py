"""`gavel login`: saves a server and a key for later commands."""

from __future__ import annotations

import click

from gavel_client import Gavel
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line, show_json
from judge_api.cli.saved_login import Login, login_file, write_login


@click.command(name="login")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; the key is not in it.")
@server_options
def command(server: ServerOptions, as_json: bool) -> None:
    """Ask for a server and a key, test them, and save them (0600)."""
    given = server.url or click.prompt("Server")
    key = (server.key or click.prompt("API key", hide_input=True)).strip()
    with Gavel(given, key) as gavel:
        me, url = gavel.me(), gavel.url
    _save(Login(url, key))
    if as_json:
        show_json({"url": url, "name": me.get("name"), "tier": me.get("tier"), "file": str(login_file())})
        return
    print_line(f"Signed in as {me.get('name')} (tier {me.get('tier')}); saved in {login_file()}.")


def _save(login: Login) -> None:
    try:
        write_login(login)
    except OSError as error:
        raise click.ClickException(f"{login_file()} cannot be written: {error.strerror}.") from error
