"""`gavel resume`: starts a paused queue again."""

from __future__ import annotations

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line


@click.command(name="resume")
@click.argument("queues", nargs=-1, required=True, metavar="QUEUE...")
@server_options
def command(server: ServerOptions, queues: tuple[str, ...]) -> None:
    """Start each paused QUEUE (normal, premium, or another tier) again, as an admin."""
    with server.connect(default_account="admin") as gavel:
        for queue in queues:
            AdminClient(gavel).resume(queue)
            print_line(f"The queue {queue} goes on.")
