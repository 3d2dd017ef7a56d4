"""`gavel history`: lists your submissions."""

from __future__ import annotations

import click

from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import show_json, show_table


@click.command(name="history")
@click.option("--problem", "-p", help="Only submissions for this problem.")
@click.option("--verdict", "-v", help="Only submissions with this verdict, e.g. AC.")
@click.option("--limit", "-n", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(
    server: ServerOptions, problem: str | None, verdict: str | None, limit: int, as_json: bool
) -> None:
    """List your submissions, newest first."""
    with server.connect() as gavel:
        page = gavel.history(problem=problem, verdict=verdict, limit=limit)
    if as_json:
        show_json(page)
        return
    items = page.get("items") or page.get("submissions") or []
    heads = ("submitted", "problem", "language", "verdict", "ms CPU", "submission")
    rows = [
        (
            i["submitted_at"],
            i["problem"] or "run",
            i["language"],
            i["verdict"] or i["stage"],
            i["cpu_ms"],
            i["id"],
        )
        for i in items
    ]
    show_table("submissions", heads, rows)
