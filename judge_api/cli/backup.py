"""`gavel backup`: writes database, packages and secrets to one file; everything may run meanwhile."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.data_dir import backup_database, data_option, errors_as_messages, settings_for
from judge_api.cli.output import print_line
from judge_api.services.object_packages import upload_packages
from judge_api.supervisor.backup import write_backup
from judge_api.supervisor.backup_place import choose_place


@click.command(name="backup")
@click.argument("target", metavar="FILE")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.option(
    "--keep",
    type=click.IntRange(1),
    metavar="N",
    help="Delete all but the newest N backups of the folder or bucket.",
)
@data_option
def command(target: str, force: bool, keep: int | None, data: Path | None) -> None:
    """Write database (SQLite or PostgreSQL), problem packages and secrets to FILE, a zip.

    FILE may also be a folder, or a bucket such as s3://bucket/backups/. Then a new file is made there, with
    the time in its name. The settings GAVEL_OBJECT_STORAGE_... say how to reach the bucket. If
    GAVEL_OBJECT_STORAGE is set, the packages stay in its bucket and are not in the backup.
    """
    is_file = not (target.startswith("s3://") or Path(target).is_dir())
    if is_file and Path(target).exists() and not force:
        raise click.ClickException(f"{target} exists. Name another file, or overwrite it with --force.")
    if is_file and keep is not None:
        raise click.UsageError("--keep is for a folder or a bucket, whose backups are named by their time.")
    with errors_as_messages():
        settings = settings_for(data)
        place = choose_place(settings, target)
        in_bucket = bool(settings.object_storage)
        upload_packages(settings)
        with place.writing() as file:
            made = write_backup(backup_database(settings), settings.data, file, not in_bucket)
        removed = place.prune(keep) if keep is not None else []
    where = f"its packages are in {settings.object_storage}" if in_bucket else f"{made.packages} packages"
    print_line(f"{place.shown}: a database of {made.database_bytes:,} bytes and {where}.")
    if removed:
        print_line(f"Deleted: {', '.join(removed)}.")
