"""`gavel run`: runs a program on your own input in the judge's sandbox."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import IO

import click

from gavel_client import Status
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import EXIT_CODES_HELP, exit_code, follow, print_content, show_json, show_status
from judge_api.cli.submit import guess_file_language, read_source


@click.command(name="run", epilog=EXIT_CODES_HELP)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", "-l", help="Language; guessed from the file's extension if left out.")
@click.option(
    "--stdin",
    "-i",
    "stdin",
    type=click.File("rb"),
    help="File with the input; - is your own stdin. Without this option piped input is read.",
)
@click.option("--expect", type=click.File("rb"), help="File with the expected output.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(server: ServerOptions, file: Path, as_json: bool, **options: IO[bytes] | str | None) -> None:
    """Run FILE in the judge's sandbox and print its output."""
    given = {name: _read(options[name]) for name in ("stdin", "expect")}
    if given["stdin"] is None and _is_piped():
        given["stdin"] = sys.stdin.buffer.read()
    language = str(options["language"] or guess_file_language(file))
    with server.connect() as gavel:
        receipt = gavel.run(language, read_source(file), given["stdin"] or b"", given["expect"])
        status = follow(gavel.watch(receipt.id), file.name)
    show_json(status.raw) if as_json else _show(status)
    raise SystemExit(exit_code(status))


def _read(file: IO[bytes] | str | None) -> bytes | None:
    return None if file is None or isinstance(file, str) else file.read()


def _is_piped() -> bool:
    """Whether standard input is a pipe or a file, not a terminal, a socket or closed."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _show(status: Status) -> None:
    """Print the run. If it succeeded, print only the program's output, so that it can be piped."""
    if status.is_accepted and status.tests:
        print_content(status.tests[0].output_bytes)
    else:
        show_status(status)
