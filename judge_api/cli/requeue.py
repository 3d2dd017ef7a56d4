"""`gavel requeue`: for a submission that seems stuck."""

from __future__ import annotations

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import Caller, server_options


@click.command(name="requeue")
@click.argument("submission")
@server_options
def command(caller: Caller, submission: str) -> None:
    """Take SUBMISSION from whoever has it and put it in front again, as a new attempt; for admins."""
    with caller.connect(usual="admin") as gavel:
        status = AdminClient(gavel).requeue(submission)
    click.echo(f"{submission} waits again, as attempt {status['attempt']}.")
