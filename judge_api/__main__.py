"""The `gavel` command. Each subcommand is a module of ``judge_api.cli``, imported when it is used."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "up": "Start everything on this machine and keep it running.",
    "setup": "Tables, first accounts and sample problems, for a house of containers.",
    "submit": "Hand in one or more solutions.",
    "status": "Where a submission stands.",
    "run": "Run a program on your own input.",
    "history": "Your submissions, newest first.",
    "login": "Remember a server and a key.",
    "problems": "List, add, verify and start problem packages.",
    "accounts": "Accounts, tiers and keys (on the main server).",
    "queue": "Depth, oldest, in flight, outbox and failed, of both queues.",
    "requeue": "Put a submission that seems stuck in front again.",
    "drain": "Let a worker finish what it has, and end.",
    "rejudge": "Judge again, behind live work; verdicts before and after.",
    "backup": "Store, packages and secrets in one file (SQLite).",
    "restore": "A backup becomes the data folder again.",
    "schema": "Show the revisions of the database's tables, or go back to one.",
    "purge": "Delete submissions that ended long ago.",
    "worker": "One worker: takes submissions from one queue.",
    "dispatcher": "The main server's relay, recorder and reconciler.",
    "doctor": "What this host can and cannot enforce, tried.",
    "settings": "Every GAVEL_ variable, its value and meaning.",
}


class LazyCommands(click.Group):
    """Knows the names; loads a command's module only when it is asked for, so that help is quick."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"judge_api.cli.{name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gavel-judge", prog_name="gavel")
def main() -> None:
    """Gavel, an online judge: submit, queue, judge in a sandbox, poll.

    `gavel up` starts a whole judge on this machine; the other commands find it by its data folder
    (--data or GAVEL_DATA), or talk to any server (--url and --key, GAVEL_URL and GAVEL_KEY).
    """


if __name__ == "__main__":
    main(prog_name="gavel")
