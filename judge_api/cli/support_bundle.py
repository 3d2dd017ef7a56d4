"""`gavel support-bundle`: writes logs, settings, versions, doctor's result and queue state into one file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from gavel_client import ClientError, Gavel
from judge_api.cli.connection import ServerOptions, default_data_dir, server_options
from judge_api.cli.output import print_line
from judge_api.settings import SettingsError
from judge_api.supervisor.data_folder import DataFolder
from judge_api.supervisor.support_bundle import (
    NO_LOGS,
    Redactor,
    known_secrets,
    log_tails,
    settings_text,
    versions,
    write_bundle,
)

_DOCTOR_SECONDS = 120.0
_PATHS = {
    "queues.json": "/admin/queues?hours=1",
    "workers.json": "/admin/workers",
    "unfinished.json": "/admin/submissions?unfinished=true&limit=100",
    "failed.json": "/admin/submissions?stage=FAILED&limit=50",
    "ready.json": "/readyz",
}


@click.command(name="support-bundle")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The zip file; default: gavel-support-TIME.zip here.",
)
@click.option(
    "--doctor/--no-doctor", default=True, help="Test the sandbox's limits; this takes some seconds."
)
@server_options
def command(server: ServerOptions, out: Path | None, doctor: bool) -> None:
    """Write logs, settings and test results into one zip file, for a person who helps you.

    It has the end of each log, the settings, the versions of Gavel and its packages, the result of `gavel
    doctor`, queues, workers and the submissions without a verdict. What cannot be collected is replaced by
    the reason. Sources of submissions are not in it; names of accounts are. Secrets that are found are
    replaced. Look through the file before you send it.
    """
    data = (server.data or default_data_dir()).absolute()
    environment = {**os.environ, "GAVEL_DATA": str(data)}
    target = out or Path(f"gavel-support-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip")
    files = {
        "versions.json": json.dumps(versions(), indent=2),
        "settings.json": _or_reason(lambda: settings_text(environment)),
        "doctor.json": _doctor(environment) if doctor else "left out by --no-doctor",
        **_server_state(server),
        **log_tails(DataFolder(data)),
    }
    try:
        write_bundle(target, files, Redactor(known_secrets(environment, data)))
    except FileExistsError as error:
        raise click.ClickException(f"{target} exists: name another file with --out") from error
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}") from error
    print_line(
        f"{target}: {len(files)} files. Known secrets were replaced; look through it before you send it."
    )
    if NO_LOGS in files:
        print_line(
            f"The zip has no logs, because {data} has none. {NO_LOGS} in the zip says how to get logs."
        )


def _or_reason(make: Callable[[], str]) -> str:
    try:
        return make()
    except (SettingsError, OSError) as error:
        return f"not available: {error}"


def _doctor(environment: Mapping[str, str]) -> str:
    argv = [sys.executable, "-P", "-m", "judge_api", "doctor", "--json"]
    try:
        found = subprocess.run(
            argv, capture_output=True, text=True, timeout=_DOCTOR_SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        return f"not available: it did not end within {_DOCTOR_SECONDS:.0f} s"
    return found.stdout + found.stderr


def _server_state(server: ServerOptions) -> dict[str, str]:
    try:
        with server.connect(default_account="admin") as gavel:
            return {name: _fetch(gavel, path) for name, path in _PATHS.items()}
    except (click.ClickException, ClientError) as error:
        return dict.fromkeys(_PATHS, f"not available: {error}")


def _fetch(gavel: Gavel, path: str) -> str:
    try:
        return json.dumps(gavel.fetch(path), indent=2)
    except ClientError as error:
        return f"not available: {error}"
