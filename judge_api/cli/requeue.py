"""`gavel requeue`: puts a submission that seems stuck into the queue again."""

from __future__ import annotations

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line


@click.command(name="requeue")
@click.argument("submission")
@server_options
def command(server: ServerOptions, submission: str) -> None:
    """Take SUBMISSION from its worker and put it first in its queue, as a new attempt; as an admin."""
    with server.connect(default_account="admin") as gavel:
        status = AdminClient(gavel).requeue(submission)
    print_line(f"{submission} waits again, as attempt {status['attempt']}.")
