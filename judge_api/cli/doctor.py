"""`gavel doctor`: what this host can and cannot enforce, tried by running."""

from __future__ import annotations

import click

from judge_api.cli.exec_module import become


@click.command(
    name="doctor",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[--json] [--seccomp [PROFILE]]")
def command(arguments: tuple[str, ...]) -> None:
    """Try every limit and every wall of the sandbox on this host, and say what holds it.

    With --seccomp show instead the system calls that each profile allows (native, python, jvm ...), or one
    PROFILE.
    """
    become("sandbox", arguments)
