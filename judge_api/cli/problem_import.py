"""`gavel problems import`: makes packages of problems in other judges' formats, and verifies them."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.exec_module import exec_module
from judge_api.cli.output import print_line
from judge_core.packages import BrokenPackage
from judge_core.packages.formats import ForeignFormat, ImportedProblem, import_problems


@click.command("import", short_help="Convert a problem of another judge into a package, and verify it.")
@click.argument("path", metavar="FILE|FOLDER", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where the packages' folders are made; the current folder if left out.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice([each.value for each in ForeignFormat]),
    help="The format, if it is not recognised from the package's content.",
)
@click.option("--name", help="The slug of a single problem, instead of its own name.")
@click.option("--no-verify", is_flag=True, help="Do not judge the packages' own solutions.")
def import_command(path: Path, out: Path, format_name: str | None, name: str | None, no_verify: bool) -> None:
    """Convert a problem, or several, into packages of the ICPC/Kattis format 2023-07.

    The command lists each part that it cannot convert. Then it verifies every package with its own
    solutions, as `gavel problems verify` does. Nothing is sent to a server.
    """
    try:
        imported = import_problems(path, out, ForeignFormat(format_name) if format_name else None, name)
    except BrokenPackage as error:
        reasons = [f"{path} cannot be imported:", *(f"  {fault}" for fault in error.faults)]
        raise click.ClickException("\n".join(reasons)) from error
    for each in imported:
        _show(each)
    if not no_verify:
        exec_module("workers.verify.__main__", tuple(str(each.folder) for each in imported))


def _show(imported: ImportedProblem) -> None:
    print_line(f"{imported.folder}: imported from {imported.format}")
    for note in imported.notes:
        print_line(f"  {note}")
