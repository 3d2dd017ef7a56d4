"""The `gavel` command. Each subcommand is a module of ``judge_api.cli``, imported when it is used."""

from __future__ import annotations

import importlib
import os
from typing import Any

import click

from judge_core.terminal_text import written_out

COMMANDS = {
    "up": "Start everything on this machine and keep it running.",
    "stop": "End the Gavel that runs on a data folder.",
    "logs": "Print or follow the logs of a local Gavel.",
    "setup": "Create tables, first accounts and sample problems, for containers.",
    "submit": "Submit one or more solutions.",
    "status": "Show the status of a submission.",
    "run": "Run a program on your own input.",
    "cancel": "End submissions without a verdict.",
    "history": "List your submissions, newest first.",
    "languages": "List the languages that can be submitted in.",
    "open": "Open the pages in a browser.",
    "login-link": "Make a one-time link that signs an account in to the pages.",
    "login": "Save a server and a key for later commands.",
    "problems": "List, add, verify and create problem packages.",
    "events": "Make events (assignments, exams, contests), show and export standings.",
    "accounts": "List, add and change accounts (on the main server).",
    "why": "Explain why a submission has no verdict yet.",
    "changes": "Show what changed lately: releases, settings, acts, workers.",
    "queue": "Show how many submissions of each queue wait, run or failed.",
    "workers": "List the workers and what each one does.",
    "pause": "Pause a queue: its workers take no more submissions.",
    "resume": "Start a paused queue again.",
    "maintenance": "Announce maintenance; hold or refuse submissions meanwhile.",
    "requeue": "Put a submission that seems stuck first in its queue again.",
    "drain": "Let a worker finish its current submission and end.",
    "rejudge": "Judge submissions again; show verdicts before and after.",
    "backup": "Write database, packages and secrets to one file.",
    "restore": "Put a backup into the database and the data folder.",
    "schema": "Show the revisions of the database's tables, or go back to one.",
    "purge": "Delete old submissions.",
    "worker": "Run one worker for one queue.",
    "dispatcher": "Run the main server's dispatcher.",
    "doctor": "Check the installation, and what this host can enforce.",
    "settings": "Show every GAVEL_ variable with its value and meaning.",
    "support-bundle": "Write logs, settings, versions and queue state into one file.",
}


class LazyCommands(click.Group):
    """Loads a command's module only when the command is used, so that help is fast."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"judge_api.cli.{name.replace('-', '_')}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, context: click.Context) -> Any:
        """Run the command. If it cannot read or write a file, it ends with a message."""
        try:
            return super().invoke(context)
        except OSError as error:
            if not isinstance(error.filename, str | os.PathLike):
                raise  # The error names no file. For a closed pipe, click ends quietly.
            path = written_out(os.fspath(error.filename))
            raise click.ClickException(f"{path} cannot be used: {error.strerror}.") from error

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gavel-judge", prog_name="gavel")
def main() -> None:
    """Gavel, an online judge: submit, queue, judge in a sandbox, poll.

    `gavel up` starts a complete judge on this machine. The other commands find it by its data folder
    (--data or GAVEL_DATA), or use any server (--url and --key, GAVEL_URL and GAVEL_KEY).
    """


if __name__ == "__main__":
    main(prog_name="gavel")
