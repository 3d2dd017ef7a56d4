"""`gavel worker`: runs one worker, as `gavel up` does."""

from __future__ import annotations

import os
from pathlib import Path

import click

from judge_api.cli.exec_module import exec_module


@click.command(
    name="worker",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Data folder of a `gavel up` on this machine: addresses and token are read from it.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[--queue TIER] [--pool POOL]")
def command(data: Path | None, arguments: tuple[str, ...]) -> None:
    """Run one worker for one queue: normal, or that of --queue TIER.

    On the machine of a `gavel up`, --data DIR is enough. Otherwise set GAVEL_REDIS_URL,
    GAVEL_SERVER_URL and GAVEL_WORKER_TOKEN. GAVEL_SLOT is a sandbox slot of its own (a free one by default);
    GAVEL_CORES pins its runs to a core (auto, never, or a range such as 2-5, of which each slot uses one).
    GAVEL_SLOTS=N lets it run N tests of one submission at once while no other worker of the machine judges.

    Workers with other languages than the rest get a pool of their own: --pool NAME, or --pool auto for one
    pool of all workers with the same languages. A submission goes only to a pool that has its language.
    """
    if data is not None:
        os.environ["GAVEL_DATA"] = str(data.absolute())
    exec_module("workers", arguments)
