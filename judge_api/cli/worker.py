"""`gavel worker`: runs one worker, as `gavel up` does."""

from __future__ import annotations

import click

from judge_api.cli.exec_module import exec_module


@click.command(
    name="worker",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run one worker for one queue, e.g. --queue premium.

    Its settings: GAVEL_REDIS_URL, GAVEL_SERVER_URL, GAVEL_WORKER_TOKEN, GAVEL_SLOT; GAVEL_CORES pins its runs
    to a core (auto, never, or a range such as 2-5, of which each slot uses one).
    """
    exec_module("workers", arguments)
