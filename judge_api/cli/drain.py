"""`gavel drain`: ends a worker after its current submission, for example to stop its host."""

from __future__ import annotations

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.workers import show_workers


@click.command(name="drain")
@click.argument("worker", required=False)
@server_options
def command(server: ServerOptions, worker: str | None) -> None:
    """Let WORKER finish its current submission and end, as an admin. Without WORKER, list their names."""
    with server.connect(default_account="admin") as gavel:
        admin = AdminClient(gavel)
        if worker is None:
            show_workers(admin.workers())
        else:
            click.echo(admin.drain(worker))
