"""`gavel schema`: shows the version of the database's tables, or goes back to an earlier one."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.data_dir import data_option, errors_as_messages, existing_database, settings_for
from judge_api.store.migrate import UnknownRevision, roll_back, schema_revisions


@click.command(name="schema")
@click.option("--back-to", "revision", help="Go back to this revision, before an older release starts.")
@data_option
def command(revision: str | None, data: Path | None) -> None:
    """Show the revisions of the tables, or go back to one. Going back deletes what only later ones can store.

    Before going back, stop all processes of the newer release and make a backup. `gavel setup` goes forward.
    """
    try:
        with errors_as_messages(), existing_database(settings_for(data), migrated=False) as engine:
            if revision is not None:
                roll_back(engine, revision)
            for name, brought, is_there in schema_revisions(engine):
                click.echo(f"{'*' if is_there else ' '} {name}  {brought.splitlines()[0]}")
    except UnknownRevision as error:
        raise click.ClickException(f"no way back to {revision!r}: {error}") from error
