"""`gavel pause`: stops a queue. Submissions are accepted meanwhile and wait."""

from __future__ import annotations

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line


@click.command(name="pause")
@click.argument("queues", nargs=-1, required=True, metavar="QUEUE...")
@server_options
def command(server: ServerOptions, queues: tuple[str, ...]) -> None:
    """Pause each QUEUE (normal, premium, or another tier), as an admin.

    Workers finish what they judge and begin nothing.
    """
    with server.connect(default_account="admin") as gavel:
        for queue in queues:
            AdminClient(gavel).pause(queue)
            print_line(f"The queue {queue} is paused. `gavel resume {queue}` starts it again.")
