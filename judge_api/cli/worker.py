"""`gavel worker`: one worker of one queue, as `gavel up` starts them."""

from __future__ import annotations

import click

from judge_api.cli.exec_module import become


@click.command(
    name="worker",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """One worker of one queue, e.g. --queue premium.

    Its settings: GAVEL_REDIS_URL, GAVEL_SERVER_URL, GAVEL_WORKER_TOKEN, GAVEL_SLOT; GAVEL_CORES pins its runs
    to a core (auto, never, or cores such as 2-5, of which each slot takes one).
    """
    become("workers", arguments)
