"""`gavel problems export`: writes a package in the formats that other judges read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line
from judge_api.cli.problem_life import fetch_package
from judge_core.packages import BrokenPackage, Package, read_package, slug_for
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import copy_files, list_files, repository_around
from judge_core.packages.formats.export import ExportFormat, export_package
from judge_core.packages.upload import unpack


@click.command("export", short_help="Write a package in the format of Kattis, DOMjudge or Polygon.")
@click.argument("package", metavar="SLUG|FOLDER|ZIP")
@click.option(
    "--format",
    "format_name",
    required=True,
    type=click.Choice([each.value for each in ExportFormat]),
    help="The format to write.",
)
@click.option("--version", help="The version of SLUG; without it, the newest.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; else SLUG.zip.",
)
@server_options
def export(
    server: ServerOptions, package: str, format_name: str, version: str | None, output: Path | None
) -> None:
    """Write a package of the server, or a folder or zip here, in another format.

    What the format cannot express is listed by name.
    """
    try:
        with _opened(server, package, version) as found:
            target = output or Path(f"{found.slug}.zip")
            notes = export_package(found, ExportFormat(format_name), target)
    except BrokenPackage as error:
        reasons = [f"{package} cannot be exported:", *(f"  {fault}" for fault in error.faults)]
        raise click.ClickException("\n".join(reasons)) from error
    print_line(f"{target}: {format_name}, {target.stat().st_size} bytes")
    for note in notes:
        print_line(f"  {note}")


@contextmanager
def _opened(server: ServerOptions, package: str, version: str | None) -> Iterator[Package]:
    """The package of a folder, a zip or a slug. Raises BrokenPackage."""
    with tempfile.TemporaryDirectory(prefix="gavel-export-") as place:
        path = Path(package)
        if not path.exists():
            path = Path(place) / f"{package}.zip"
            with server.connect(default_account="admin") as gavel:
                path.write_bytes(fetch_package(gavel, package, version))
        folder = path if path.is_dir() else unpack(path, Path(place) / "unpacked", default_slug=path.stem)
        faults = Diagnostics()
        slug = slug_for(folder)
        files = list_files(folder, faults, repository_around(folder) if path.is_dir() else None)
        faults.raise_errors()
        copy_files(files, Path(place) / "plain" / slug)
        yield read_package(Path(place) / "plain" / slug)
