"""`gavel queue`: shows how many submissions of each queue wait, run and failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line, show_json, show_table
from judge_api.cli.workers import show_workers
from judge_core.model.worker import DEFAULT_POOL

_SHOWN = ("reachable", "warnings", "queues", "verdicts", "set_aside", "unserved", "pools")
_CANCELLED = "CANCELLED"
HEADS = ("queue", "waiting", "oldest", "running", "outbox", "failed (1 h)", "workers", "")


@click.command(name="queue")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(server: ServerOptions, as_json: bool) -> None:
    """Show how many submissions of each queue wait, run, are unsent or failed, as an admin.

    "oldest" is how long the oldest waiting submission has waited. Below the queues are the verdicts of the
    last hour and the workers.
    """
    with server.connect(default_account="admin") as gavel:
        admin = AdminClient(gavel)
        state = admin.queues()
        workers = admin.workers() if state["reachable"] and not as_json else []
    if as_json:
        show_json({name: state[name] for name in _SHOWN if name in state})
        return
    show_table("queues", HEADS, [_row(queue) for queue in state["queues"]])
    _show_verdicts(state.get("verdicts", {}))
    if not state["reachable"]:
        print_line("Redis is not reachable: new submissions wait in the outbox until it is.")
    for warning in state.get("warnings", []):
        print_line(f"{warning}.")
    _show_pools(state.get("pools", []))
    _show_unserved(state.get("unserved", []))
    _show_set_aside(state.get("set_aside"))
    if workers:
        print_line()
        show_workers(workers)


def _show_verdicts(verdicts: dict[str, int]) -> None:
    """Print the verdicts of the last hour. Cancelled submissions have none and get their own line."""
    judged = ", ".join(f"{count} {name}" for name, count in verdicts.items() if count and name != _CANCELLED)
    if judged:
        print_line(f"Last hour: {judged}.")
    if cancelled := verdicts.get(_CANCELLED, 0):
        print_line(f"Cancelled in the last hour: {cancelled}.")


def _show_pools(pools: Sequence[dict[str, Any]]) -> None:
    """Print the pools, if any tier has a pool other than the default pool."""
    if any(pool["pool"] != DEFAULT_POOL for pool in pools):
        rows = [(pool["tier"], pool["pool"], pool["workers"], ", ".join(pool["languages"])) for pool in pools]
        show_table("pools", ("queue", "pool", "workers", "languages"), rows)


def _show_unserved(unserved: Sequence[dict[str, Any]]) -> None:
    for each in unserved:
        since = f" since {each['since']}" if each["since"] else ""
        print_line(f"No {each['tier']} worker for {each['language']}{since}, waiting: {each['waiting']}.")


def _show_set_aside(found: dict[str, Any] | None) -> None:
    """Print the unreadable entries. A server of an earlier release lists none."""
    if not found or not found["total"]:
        return
    by_source = ", ".join(f"{count} in {source}" for source, count in found["by_source"].items())
    print_line(
        f"{found['total']} entries of Redis or the database were set aside ({by_source}): they could not be "
        "read, or their sender may not write them. Those of Redis were probably written with a worker's "
        "stolen credentials, or by another program than Gavel."
    )
    for entry in found["latest"]:
        print_line(f"  {entry['at']} {entry['key']}: {entry['reason']}: {entry['content']}")


def _row(queue: dict[str, Any]) -> tuple[object, ...]:
    oldest = f"{queue['oldest_ms'] / 1000:.1f} s" if queue["waiting"] else ""
    counts = (queue["running"], queue["unsent"], queue["failed"], queue["workers"])
    notes = ["paused"] if queue["paused"] else []
    if queue.get("lent"):
        notes.append(f"{queue['lent']} lent")
    return (queue["tier"], queue["waiting"], oldest, *counts, ", ".join(notes))
