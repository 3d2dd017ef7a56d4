"""`gavel status`: shows the status of a submission."""

from __future__ import annotations

import click

from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import EXIT_CODES_HELP, exit_code, follow, show_json, show_status


@click.command(name="status", epilog=EXIT_CODES_HELP)
@click.argument("submission")
@click.option("--watch", "-w", is_flag=True, help="Wait for the verdict and show live progress.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(server: ServerOptions, submission: str, watch: bool, as_json: bool) -> None:
    """Show the status of SUBMISSION. When it is finished, the exit code follows from its verdict."""
    with server.connect() as gavel:
        status = follow(gavel.watch(submission), submission[-8:]) if watch else gavel.status(submission)
    show_json(status.raw) if as_json else show_status(status)
    raise SystemExit(exit_code(status) if status.is_final else 0)
