"""`gavel dispatcher`: runs a dispatcher, as `gavel up` does."""

from __future__ import annotations

import click

from judge_api.cli.exec_module import exec_module


@click.command(
    name="dispatcher",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run a dispatcher: outbox relay, report consumer, reconciler, webhook deliveries and other loops."""
    exec_module("judge_api.dispatcher", arguments)
