"""`gavel open`: opens the pages in a browser."""

from __future__ import annotations

import webbrowser

import click

from judge_api.cli.connection import ServerOptions, server_options


@click.command(name="open")
@click.argument("page", default="/")
@server_options
def command(server: ServerOptions, page: str) -> None:
    """Open PAGE in a browser, such as a problem's name or /submissions; the first page if left out."""
    path = page if page.startswith("/") else f"/problems/{page}"
    with server.connect() as gavel:
        url = f"{gavel.url.rstrip('/')}{path}"
    if not webbrowser.open(url):
        click.echo("No browser was found here. The address is:", err=True)
    click.echo(url)
