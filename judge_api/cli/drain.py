"""`gavel drain`: ends a worker after its current submission, for example to stop its host."""

from __future__ import annotations

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options


@click.command(name="drain")
@click.argument("worker")
@server_options
def command(server: ServerOptions, worker: str) -> None:
    """Let WORKER finish its current submission and end, as an admin."""
    with server.connect(default_account="admin") as gavel:
        click.echo(AdminClient(gavel).drain(worker))
