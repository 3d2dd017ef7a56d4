"""`gavel open`: opens the pages in a browser, and sets up Visual Studio Code for a problem."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from urllib.parse import quote

import click

from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.editor_tasks import UnreadableTasks, write_tasks
from judge_api.cli.output import print_line


@click.command(name="open")
@click.argument("page", default="/")
@click.option(
    "--vscode",
    is_flag=True,
    help="Write tasks that submit and run a file for the problem PAGE into .vscode/tasks.json instead.",
)
@server_options
def command(server: ServerOptions, page: str, vscode: bool) -> None:
    """Open PAGE in a browser, such as a problem's name or /submissions; the first page if left out."""
    if vscode:
        write_problem_tasks(server, page)
        return
    path = page if page.startswith("/") else f"/problems/{page}"
    with server.connect() as gavel:
        url = f"{gavel.url.rstrip('/')}{path}"
    if not webbrowser.open(url):
        print_line("No browser was found here. The address is:", err=True)
    print_line(url)


def write_problem_tasks(server: ServerOptions, problem: str) -> None:
    """Write the tasks of Visual Studio Code for a problem into this folder, and print their path."""
    if problem.startswith("/"):
        raise click.UsageError("--vscode needs a problem, such as `gavel open --vscode aplusb`.")
    with server.connect() as gavel:
        # This raises an error for an unknown problem. Otherwise the person would get the error only with the
        # first submission.
        gavel.fetch(f"/problems/{quote(problem, safe='')}")
    try:
        path = write_tasks(Path(), problem)
    except UnreadableTasks as error:
        raise click.ClickException(str(error)) from error
    print_line(f"{path} was written: Run Task → Gavel: submit this file")
