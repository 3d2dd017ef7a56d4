"""`gavel login`: remember a server and a key for the commands that follow."""

from __future__ import annotations

import click

from judge_api.client import Gavel
from judge_api.commands.connection import Caller, server_options
from judge_api.commands.remembered import Login, login_file, write_login


@click.command(name="login")
@server_options
def command(caller: Caller) -> None:
    """Ask for a server and a key, try them, and remember them (0600)."""
    url = caller.url or click.prompt("Server")
    key = caller.key or click.prompt("API key", hide_input=True)
    with Gavel(url, key) as gavel:
        me = gavel.me()
    write_login(Login(url, key))
    click.echo(f"Signed in as {me.get('name')} (tier {me.get('tier')}); remembered in {login_file()}.")
