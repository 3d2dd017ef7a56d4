"""`gavel maintenance`: shows or sets the banner, and whether submissions are judged, held or refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line
from judge_core.model.maintenance import MaintenanceMode

_WORDS = {
    "open": "Submissions are judged.",
    "hold": "Submissions are accepted and held; `gavel maintenance open` lets them go on.",
    "refuse": "Submissions are refused with 503; `gavel maintenance open` accepts them again.",
}


@click.command(name="maintenance")
@click.argument("mode", required=False, type=click.Choice([mode.value for mode in MaintenanceMode]))
@click.option("--message", default="", help="The message on the pages; without one, `open` shows no banner.")
@click.option("--until", metavar="TIME", help="Expected end, such as 2026-11-29T14:00+01:00.")
@server_options
def command(server: ServerOptions, mode: str | None, message: str, until: str | None) -> None:
    """Judge submissions (open), accept and hold them (hold), or refuse them (refuse), as an admin.

    Without MODE it shows the present state. `open` with a message judges submissions and shows the message.
    Submissions that workers already have are judged in every mode.
    """
    if mode is None and (message or until):
        raise click.UsageError("--message and --until go with a mode: open, hold or refuse.")
    with server.connect(default_account="admin") as gavel:
        admin = AdminClient(gavel)
        if mode is None:
            _show(admin.maintenance())
            return
        _show(admin.set_maintenance(mode, message, _moment(until) if until else None))


def _moment(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is no time: write it like 2026-11-29T14:00+01:00", param_hint="--until"
        ) from error
    return found.astimezone().isoformat()


def _show(state: dict[str, Any]) -> None:
    print_line(_WORDS.get(state["mode"], state["mode"]))
    if state["message"]:
        print_line(f"The pages say: {state['message']}")
    if state["until"]:
        print_line(f"Expected end: {state['until']}")
