"""`gavel drain`: before a worker's host is taken down."""

from __future__ import annotations

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import Caller, server_options


@click.command(name="drain")
@click.argument("worker")
@server_options
def command(caller: Caller, worker: str) -> None:
    """Let WORKER finish what it has, and end; for admins."""
    with caller.connect(usual="admin") as gavel:
        click.echo(AdminClient(gavel).drain(worker))
