"""`gavel doctor`: tests which limits this host can enforce."""

from __future__ import annotations

import click

from judge_api.cli.exec_module import exec_module


@click.command(
    name="doctor",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[--json] [--seccomp [PROFILE]]")
def command(arguments: tuple[str, ...]) -> None:
    """Test every limit of the sandbox on this host, and print what enforces it.

    With --seccomp print the system calls that each profile allows (native, python, jvm ...), or one PROFILE.
    """
    exec_module("sandbox", arguments)
