"""`gavel workers`: lists the workers, and the languages that each one lacks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import show_json, show_table

HEADS = ("worker", "queue", "state", "for", "submission", "judged", "faults", "languages", "reason")


@click.command(name="workers")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(server: ServerOptions, as_json: bool) -> None:
    """List the workers with what each one does, as an admin."""
    with server.connect(default_account="admin") as gavel:
        workers = AdminClient(gavel).workers()
    if as_json:
        show_json({"workers": workers})
        return
    show_workers(workers)


def show_workers(workers: Sequence[dict[str, Any]]) -> None:
    """The table of workers, by queue and name."""
    rows = [_row(worker) for worker in sorted(workers, key=lambda one: (one["queue"], one["name"]))]
    show_table("workers", HEADS, rows)


def _row(worker: dict[str, Any]) -> tuple[object, ...]:
    ready = sum(language["version"] is not None for language in worker["languages"].values())
    return (
        worker["name"],
        worker["queue"],
        worker["state"].lower(),
        readable_age(worker["since"]),
        worker["submission"] or "",
        worker["judged"],
        worker["faults"] or "",
        f"{ready} of {len(worker['languages'])}",
        worker["reason"] or "",
    )


def readable_age(moment: str) -> str:
    """The time since then in its two largest units, such as ``3 h 12 min``."""
    seconds = max(0, int((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
