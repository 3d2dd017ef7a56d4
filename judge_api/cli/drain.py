"""`gavel drain`: ends a worker after its current submission, for example to stop its host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from gavel_client.admin import AdminClient
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line
from judge_api.cli.workers import show_workers
from judge_core.model.worker import DEFAULT_POOL

_JUDGING = ("idle", "busy")


@click.command(name="drain")
@click.argument("worker", required=False)
@click.option(
    "--force", is_flag=True, help="Drain the worker even if no other worker serves its queue and pool."
)
@server_options
def command(server: ServerOptions, worker: str | None, force: bool) -> None:
    """Let WORKER finish its current submission and end, as an admin. Without WORKER, list the workers.

    The last worker of a queue and pool is drained only with --force, since submissions to it would wait.
    """
    with server.connect(default_account="admin") as gavel:
        admin = AdminClient(gavel)
        if worker is None:
            show_workers(admin.workers())
            return
        if not force:
            refuse_last(worker, admin.workers())
        print_line(admin.drain(worker))


def refuse_last(name: str, workers: Sequence[dict[str, Any]]) -> None:
    """Raise ``ClickException`` if this worker is the last one that judges for its queue and pool."""
    places = {one["name"]: (one["queue"], one.get("pool")) for one in workers if one["state"] in _JUDGING}
    place = places.pop(name, None)
    if place is not None and place not in places.values():
        queue, pool = place
        has_pool = pool not in (None, DEFAULT_POOL)
        words = f"--queue {queue} --pool {pool}" if has_pool else f"--queue {queue}"
        kind = f"pool {pool} of the {queue} queue" if has_pool else f"{queue} queue"
        raise click.ClickException(
            f"{name} is the last worker of the {kind}. Start another worker first "
            f"(`gavel worker {words}`), or drain it with --force: submissions would wait."
        )
