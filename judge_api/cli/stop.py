"""`gavel stop`: ends the `gavel up` that runs on a data folder."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import click

from judge_api.cli.connection import default_data_dir
from judge_api.cli.output import print_line
from judge_api.supervisor.data_folder import DataFolder

POLL_SECONDS = 0.1


@click.command(name="stop")
@click.option(
    "--timeout",
    type=click.IntRange(1, 3600),
    default=120,
    show_default=True,
    help="Seconds to wait for its end. Running submissions are finished first.",
)
@click.option("--now", is_flag=True, help="Do not finish running submissions: they are judged again later.")
@click.option(
    "--data", envvar="GAVEL_DATA", type=click.Path(path_type=Path), help="Data folder of a local `gavel up`."
)
def command(timeout: int, now: bool, data: Path | None) -> None:
    """End the `gavel up` of this data folder, and wait until all its processes have ended."""
    folder = DataFolder(data or default_data_dir())
    pid = folder.holder()
    if pid is None:
        print_line(f"No Gavel is running on {folder.root}.")
        return
    print_line(f"Ending Gavel (process {pid}) ...", err=True)
    for _ in range(2 if now else 1):
        _end(pid)
        if _wait_for_end(folder, pid, 1.0 if now else 0.0):
            break
    if not _wait_for_end(folder, pid, timeout):
        raise click.ClickException(
            f"process {pid} still runs after {timeout} s; `gavel stop --now` does not wait for submissions."
        )
    print_line("It has ended.")


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return  # The process has ended since the lock was read.
    except PermissionError as error:
        raise click.ClickException(f"process {pid} belongs to another user: end it as that user.") from error


def _wait_for_end(folder: DataFolder, pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while folder.holder() == pid:
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
