"""`gavel why`: explains why a submission has no verdict yet."""

from __future__ import annotations

from typing import Any

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line, show_json, show_table
from judge_api.cli.workers import readable_age

HEADS = ("attempt", "worker", "started", "ended", "ending", "reason")


@click.command(name="why")
@click.argument("submission")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(server: ServerOptions, submission: str, as_json: bool) -> None:
    """Explain why SUBMISSION has no verdict yet, and which command helps; as an admin."""
    with server.connect(default_account="admin") as gavel:
        found = AdminClient(gavel).why(submission)
    show_json(found) if as_json else _show(found)


def _show(found: dict[str, Any]) -> None:
    if found["verdict"]:
        print_line(f"The submission is judged: {found['verdict']}.")
    elif found["reason"]:
        print_line(f"{found['stage']}: {found['reason']}.")
    if found["command"]:
        print_line(f"Try: {found['command']}")
    whose = f"{found['problem'] or 'run'}, {found['language']}, queue {found['queue']}, of {found['account']}"
    print_line(f"{whose}, posted {readable_age(found['submitted_at'])} ago")
    if found["stage"] == "QUEUED":
        seconds = found["expected_seconds"]
        wait = f", about {seconds:g} s" if seconds is not None else ""
        print_line(f"{found['ahead']} submissions wait before this one{wait}.")
    rows = [
        (one["number"], one["worker"], one["started_at"], one["ended_at"], one["ending"], one["reason"])
        for one in found["attempts"]
    ]
    show_table("attempts", HEADS, rows)
