"""`gavel workers`: lists the workers, and what each one does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import show_json, show_table

SPEED_HEADS = ("worker", "queue", "ratio", "judged", "median", "longest")
HEADS = ("worker", "queue", "state", "for", "submission", "judged", "faults", "languages", "speed", "reason")


@click.command(name="workers")
@click.option("--slow", is_flag=True, help="The slowest first, by their times for the same problems.")
@click.option(
    "--hours",
    type=click.FloatRange(0.1, 24),
    default=1.0,
    show_default=True,
    help="With --slow: how far back.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(server: ServerOptions, slow: bool, hours: float, as_json: bool) -> None:
    """List the workers with what each one does, as an admin.

    With --slow: a worker's ratio is its time divided by the usual time for the same problem and language. 1.5
    means that the worker takes one and a half times as long as usual.
    """
    with server.connect(default_account="admin") as gavel:
        if slow:
            speeds = AdminClient(gavel).worker_speeds(hours)
            show_json({"workers": speeds}) if as_json else _show_speeds(speeds)
            return
        workers = AdminClient(gavel).workers()
    if as_json:
        show_json({"workers": workers})
        return
    show_workers(workers)


def _show_speeds(speeds: Sequence[dict[str, Any]]) -> None:
    """Print the speeds. A worker without a ratio judged nothing that another worker judged too."""
    rows = [
        (
            one["worker"],
            one["queue"],
            "" if one["ratio"] is None else f"{one['ratio']:.2f}",
            one["judged"],
            f"{one['median_ms']:.0f} ms",
            f"{one['worst_ms']:.0f} ms",
        )
        for one in speeds
    ]
    show_table("workers by speed", SPEED_HEADS, rows)


def show_workers(workers: Sequence[dict[str, Any]]) -> None:
    """Print the table of workers, by queue and name."""
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
        _speed(worker),
        worker["reason"] or "",
    )


def _speed(worker: dict[str, Any]) -> str:
    """The speed as text. It is empty for a worker of an earlier release, which does not measure its speed."""
    speed = worker.get("speed") or 0
    return f"{speed:.2f}{' (outside its band)' if worker.get('outside_band') else ''}" if speed else ""


def readable_age(moment: str) -> str:
    """The time since this moment in its two largest units, such as ``3 h 12 min``."""
    seconds = max(0, int((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
