"""`gavel cancel`: ends submissions without a verdict."""

from __future__ import annotations

import click

from gavel_client import RefusedByServer
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line


@click.command(name="cancel")
@click.argument("submissions", nargs=-1, required=True, metavar="SUBMISSION...")
@server_options
def command(server: ServerOptions, submissions: tuple[str, ...]) -> None:
    """End each SUBMISSION without a verdict: a waiting one is not judged, a running one is stopped."""
    failed = 0
    with server.connect() as gavel:
        for submission in submissions:
            try:
                gavel.cancel(submission)
                print_line(f"{submission} is cancelled.")
            except RefusedByServer as error:
                failed += 1
                print_line(f"{submission} is not cancelled: {error}", err=True)
    raise SystemExit(1 if failed else 0)
