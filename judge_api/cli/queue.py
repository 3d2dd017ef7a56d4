"""`gavel queue`: shows waiting, running and failed submissions of both queues."""

from __future__ import annotations

from typing import Any

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import show_json, show_table

HEADS = ("queue", "waiting", "oldest", "in flight", "outbox", "failed (1 h)", "workers", "")


@click.command(name="queue")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(server: ServerOptions, as_json: bool) -> None:
    """Show depth, oldest, in flight, outbox (not in Redis yet) and failed of both queues, as an admin."""
    with server.connect(default_account="admin") as gavel:
        state = AdminClient(gavel).queues()
    if as_json:
        show_json(
            {name: state[name] for name in ("reachable", "queues", "verdicts", "set_aside") if name in state}
        )
        return
    show_table("queues", HEADS, [_row(queue) for queue in state["queues"]])
    if not state["reachable"]:
        click.echo("Redis is not reachable: new submissions wait in the outbox until it is.")
    _show_set_aside(state.get("set_aside"))


def _show_set_aside(found: dict[str, Any] | None) -> None:
    """A server of an earlier release has none."""
    if not found or not found["total"]:
        return
    by_source = ", ".join(f"{count} in {source}" for source, count in found["by_source"].items())
    click.echo(
        f"{found['total']} entries of Redis could not be read and were set aside ({by_source}). "
        "Only a worker's stolen credentials, or a program that is not Gavel's, can have written them."
    )
    for entry in found["latest"]:
        click.echo(f"  {entry['at']} {entry['key']}: {entry['reason']}: {entry['content']}")


def _row(queue: dict[str, Any]) -> tuple[object, ...]:
    oldest = f"{queue['oldest_ms'] / 1000:.1f} s" if queue["waiting"] + queue["running"] else ""
    counts = (queue["running"], queue["unsent"], queue["failed"], queue["workers"])
    return (queue["tier"], queue["waiting"], oldest, *counts, "paused" if queue["paused"] else "")
