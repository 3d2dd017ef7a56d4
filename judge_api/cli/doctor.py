"""`gavel doctor`: checks the installation, and tests which limits this host can enforce."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from judge_api.cli.data_dir import data_option, existing_database, settings_for
from judge_api.cli.exec_module import exec_module, is_installed
from judge_api.cli.output import print_line
from judge_api.services.disk_space import disks_of
from judge_api.services.tier_check import TierCheck
from judge_api.settings import Settings, SettingsError
from judge_api.supervisor.installation_check import Finding, InstallationCheck, to_json
from judge_core.model.errors import GavelError


@click.command(
    name="doctor",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@data_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[--json] [--seccomp [PROFILE]]")
def command(data: Path | None, arguments: tuple[str, ...]) -> None:
    """Check this installation and host, and print the fix of each fault.

    On a main server it checks the data folder, disks, database, Redis, clocks, the API's port, dispatcher,
    workers, compilers and versions. On every host it tests each limit of the sandbox, and prints what
    enforces it. It ends with 1 if there is a fault or no sandbox works. With --seccomp it prints the system
    calls that each profile (native, python, jvm ...), or one PROFILE, allows.
    """
    try:
        settings = settings_for(data)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if any(each.startswith("--seccomp") for each in arguments):
        exec_module("sandbox", arguments)
    for warning in _tier_warnings(settings):
        print_line(f"warning: {warning}.", err=True)
    findings = InstallationCheck(settings, list(os.environ)).findings()
    disks = (f"--disk={disk.name}={disk.folder}" for disk in disks_of(settings))
    host_status = _check_host(findings, (*disks, *arguments))
    has_fault = any(each.fix for each in findings)
    sys.exit(host_status or int(has_fault))


def _check_host(findings: Sequence[Finding], arguments: Sequence[str]) -> int:
    """Print the findings, and let a child process check the host and print its report. Returns the exit
    status of the child process. The main server never imports sandbox code."""
    as_json = "--json" in arguments
    if not is_installed("sandbox"):
        return _print_without_host(findings, as_json)
    if not as_json:
        print_line("\n".join(each.to_line() for each in findings) + "\n")
        sys.stdout.flush()
    argv = [sys.executable, "-P", "-m", "sandbox", *arguments]
    done = subprocess.run(argv, stdout=subprocess.PIPE if as_json else None, text=True, check=False)
    if as_json and done.stdout.startswith("{"):
        print_line(json.dumps({"installation": to_json(findings), **json.loads(done.stdout)}, indent=2))
    return done.returncode


def _print_without_host(findings: Sequence[Finding], as_json: bool) -> int:
    """Print the findings where no sandbox is installed. Returns 0, because a main server judges nothing."""
    if as_json:
        print_line(json.dumps({"installation": to_json(findings)}, indent=2))
    else:
        print_line("\n".join(each.to_line() for each in findings))
        print_line("\nsandbox: not installed here, because only workers' hosts need it")
    return 0


def _tier_warnings(settings: Settings) -> tuple[str, ...]:
    """Warnings of undefined tiers. Empty on a worker's host, which has no database."""
    try:
        with existing_database(settings, migrated=False) as engine:
            return TierCheck(engine, settings.tiers).warnings()
    except (click.ClickException, GavelError, SQLAlchemyError):
        return ()
