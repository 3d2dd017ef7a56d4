"""`gavel schema`: which version the database's tables have, and back to an earlier one."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.accounts import data_option
from judge_api.cli.data_dir import settings_of
from judge_api.store.engine import UnknownRevision, open_engine, roll_back, schema_revisions


@click.command(name="schema")
@click.option("--back-to", "revision", help="Go back to this revision, before an older release starts.")
@data_option
def command(revision: str | None, data: Path | None) -> None:
    """Show the revisions of the tables; or go back, with what only later revisions can keep.

    Stop all processes of the newer release first, and take a backup. Forward is `gavel setup`.
    """
    engine = open_engine(settings_of(data).database_url)
    try:
        if revision is not None:
            roll_back(engine, revision)
        for name, brought, is_there in schema_revisions(engine):
            click.echo(f"{'*' if is_there else ' '} {name}  {brought.splitlines()[0]}")
    except UnknownRevision as error:
        raise click.ClickException(f"no way back to {revision!r}: {error}") from error
    finally:
        engine.dispose()
