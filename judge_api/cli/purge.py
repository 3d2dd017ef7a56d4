"""`gavel purge`: deletes old submissions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from judge_api.cli.age import Age
from judge_api.cli.data_dir import data_option, errors_as_messages, existing_database, settings_for
from judge_api.cli.output import print_line
from judge_api.store.audit import AuditLog
from judge_api.store.retention import Retention


@click.command(name="purge")
@click.option("--older-than", "age", type=Age(), required=True, help="Age since the end, e.g. 90d.")
@click.option("--dry-run", is_flag=True, help="Only count the submissions.")
@data_option
def command(age: timedelta, dry_run: bool, data: Path | None) -> None:
    """Delete submissions that ended before the given age, with their sources and attempts.

    Unfinished submissions stay. The server may run meanwhile. The audit log gets an entry.
    """
    before = datetime.now(UTC) - age
    with errors_as_messages(), existing_database(settings_for(data)) as engine:
        retention = Retention(engine)
        count = retention.count(before) if dry_run else retention.purge(before)
        if count and not dry_run:
            detail = {"ended_before": before.isoformat(), "count": count}
            AuditLog(engine).record(None, "submissions.purge", None, **detail)
    verb = "would be deleted" if dry_run else "deleted"
    print_line(f"{count} submissions that ended before {before:%Y-%m-%d %H:%M} UTC {verb}.")
