"""`gavel settings`: shows every variable of the main server with value and meaning."""

from __future__ import annotations

import os
from dataclasses import asdict

import click

from judge_api.cli.output import show_json, show_table
from judge_api.settings import SettingsError, describe_settings


@click.command(name="settings")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Show every GAVEL_ variable of the main server: value, whether it is set, meaning."""
    try:
        lines = describe_settings(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        show_json([asdict(line) for line in lines])
        return
    rows = [
        (line.variable, line.value or "(empty)", "set" if line.is_set else "default", line.meaning)
        for line in lines
    ]
    show_table("settings", ("variable", "value", "from", "meaning"), rows)
