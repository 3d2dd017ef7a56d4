"""`gavel status`: where a submission stands."""

from __future__ import annotations

import click

from judge_api.cli.connection import Caller, server_options
from judge_api.cli.output import EXIT_CODES_HELP, exit_code, follow, show_json, show_status


@click.command(name="status", epilog=EXIT_CODES_HELP)
@click.argument("submission")
@click.option("--watch", "-w", is_flag=True, help="Stay until the verdict, with live progress.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(caller: Caller, submission: str, watch: bool, as_json: bool) -> None:
    """Where SUBMISSION stands; a finished one sets the exit code by its verdict."""
    with caller.connect() as gavel:
        status = follow(gavel.watch(submission), submission[-8:]) if watch else gavel.status(submission)
    show_json(status.raw) if as_json else show_status(status)
    raise SystemExit(exit_code(status) if status.is_final else 0)
