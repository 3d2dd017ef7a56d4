"""`gavel up`: starts all processes on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import click
import platformdirs

from judge_api.supervisor import CannotStart
from judge_api.supervisor.console import Console
from judge_api.supervisor.process_specs import InvalidWorkers, UpOptions, parse_workers, tiers_of
from judge_api.supervisor.up import supervise

_PACKAGE = Path(__file__).parent.parent
SAMPLES = next((_PACKAGE / name for name in ("samples", "../problems") if (_PACKAGE / name).is_dir()), None)
"""The sample problems: zips in an installed wheel, folders in a checkout."""


@click.command(name="up")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    envvar="GAVEL_PORT",
    help="Port of the API; 0 chooses a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="GAVEL_HOST",
    help="Address to listen on; 0.0.0.0 accepts connections from the network.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="GAVEL_DATA",
    help="Folder for all data.  [default: gavel in your data directory]",
)
@click.option(
    "--workers",
    metavar="TIER=N,…",
    help="Number of workers of each tier.  [default: one of each]",
)
@click.option("--bare", is_flag=True, help="No sample problems, and no sample submissions at the end.")
def command(port: int, host: str, data: Path | None, workers: str | None, bare: bool) -> None:
    """Start Redis, API, dispatcher and workers, keep them running, and end them together.

    Writes DATA/credentials.json. The file holds the address, one account's key for each tier, an
    administrator's key, and the ids of the processes. The command starts its own Redis and uses SQLite,
    unless GAVEL_REDIS_URL and GAVEL_DATABASE_URL name other servers.
    """
    try:
        tiers = tiers_of(os.environ)
        options = UpOptions(
            data=data or Path(platformdirs.user_data_dir("gavel")),
            host=host,
            port=port,
            workers=dict.fromkeys(tiers, 1) if workers is None else parse_workers(workers, tiers),
            tiers=tiers,
            environment=dict(os.environ),
            problems=None if bare else SAMPLES,
            smoke_test=not bare,
        )
        supervise(options, Console())
    except InvalidWorkers as error:
        raise click.BadParameter(str(error), param_hint="--workers") from error
    except CannotStart as error:
        raise click.ClickException(str(error)) from error
