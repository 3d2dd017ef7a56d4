"""`gavel dispatcher`: the relay, the recorder and the reconciler, as `gavel up` starts them."""

from __future__ import annotations

import click

from judge_api.cli.exec_module import become


@click.command(
    name="dispatcher",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Sends what waits, records what was judged, and gives back what was lost."""
    become("judge_api.dispatcher", arguments)
