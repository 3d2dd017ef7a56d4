"""`gavel schema`: shows the version of the database's tables, or goes back to an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from judge_api.cli.data_dir import data_option, errors_as_messages, existing_database, settings_for
from judge_api.cli.output import print_line
from judge_api.store.migrate import UnknownRevision, release_revisions, roll_back, schema_revisions


@click.command(name="schema")
@click.option(
    "--back-to",
    "target",
    help="A revision to go back to, or a release, such as 0.3.0. Go back before you start that release.",
)
@data_option
def command(target: str | None, data: Path | None) -> None:
    """Show the revisions of the tables, or go back to one.

    Going back deletes data that the older revision cannot hold: first make a backup, and stop all processes
    of the newer release. You can go back as far as the revision of the previous release. `gavel setup`
    migrates to the newest revision.
    """
    try:
        with errors_as_messages(), existing_database(settings_for(data), migrated=False) as engine:
            if target is not None:
                names = [name for name, _, _ in schema_revisions(engine)]
                roll_back(engine, allowed_revision(target, names, release_revisions()))
            for name, brought, is_there in schema_revisions(engine):
                print_line(f"{'*' if is_there else ' '} {name}  {brought.splitlines()[0]}")
    except UnknownRevision as error:
        raise click.ClickException(f"cannot go back to {target!r}: {error}") from error


def allowed_revision(target: str, names: Sequence[str], releases: Mapping[str, str]) -> str:
    """The revision for ``target``, which is a revision or the version of a release. Raises ``ClickException``
    for an unknown target, and for a revision that is older than that of the previous release."""
    before, oldest = list(releases.items())[-1]
    revision = releases.get(target, target)
    if revision not in names:
        raise click.ClickException(
            f"cannot go back to {target!r}: there is no such revision, and no such release. `gavel schema` "
            f"lists the revisions; the previous release is {before} ({oldest})."
        )
    if names.index(revision) < names.index(oldest):
        raise click.ClickException(
            f"cannot go back to {target!r}: it is further back than {before} ({oldest}), the previous "
            f"release. Go back to {before}, start that release, and go on with its own `gavel schema`."
        )
    return revision
