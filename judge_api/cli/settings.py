"""`gavel settings`: shows every variable of the main server and of workers with value and meaning."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict

import click

from judge_api.cli.output import print_line, show_json, show_table
from judge_api.settings import SettingDescription, SettingsError, describe_settings
from judge_api.supervisor.worker_variables import WORKER_VARIABLES


@click.command(name="settings")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Show every GAVEL_ variable of the main server and of workers: value, whether it is set, meaning."""
    try:
        lines = describe_settings(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    of_workers = _describe_worker(os.environ)
    if as_json:
        of_server = {line.variable for line in lines}
        both = [*lines, *(each for each in of_workers if each.variable not in of_server)]
        show_json([asdict(line) for line in both])
        return
    _show("settings", lines)
    print_line()
    _show("settings of a worker", of_workers)


def _show(title: str, lines: Iterable[SettingDescription]) -> None:
    rows = [
        (line.variable, line.value or "(empty)", "set" if line.is_set else "default", line.meaning)
        for line in lines
    ]
    show_table(title, ("variable", "value", "from", "meaning"), rows)


def _describe_worker(env: Mapping[str, str]) -> list[SettingDescription]:
    """The variables of a worker, as this environment has them."""
    return [
        SettingDescription(
            name,
            "(set)" if each.is_secret and env.get(name) else env.get(name) or each.default,
            each.default,
            each.meaning,
            name in env,
        )
        for name, each in WORKER_VARIABLES.items()
    ]
