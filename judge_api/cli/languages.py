"""`gavel languages`: lists the languages, and whether a worker has each one."""

from __future__ import annotations

from typing import Any

import click

from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line, show_json, show_table


@click.command(name="languages")
@click.option("--all", "show_all", is_flag=True, help="Also languages that no worker has, with the reason.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(server: ServerOptions, show_all: bool, as_json: bool) -> None:
    """List the languages that can be submitted in, with the names for `--language`."""
    with server.connect() as gavel:
        found = gavel.languages()
    shown = [one for one in found if show_all or one["available"]]
    if as_json:
        show_json(shown)
        return
    show_table("languages", ("name", "language", "version", "files", ""), [_row(one) for one in shown])
    left_out = len(found) - len(shown)
    if left_out:
        print_line(f"{left_out} more have no worker; `gavel languages --all` lists them.")


def _row(language: dict[str, Any]) -> tuple[object, ...]:
    files = " ".join(language.get("extensions", ()))
    note = "" if language["available"] else language.get("reason") or "no worker has it"
    return (language["id"], language["name"], language.get("version") or "", files, note)
