"""Exports a package into the formats that other judges read."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from judge_core.packages.diagnostics import Diagnostic, Diagnostics
from judge_core.packages.file_list import list_files
from judge_core.packages.formats import legacy
from judge_core.packages.formats.export_legacy import LegacyWriter
from judge_core.packages.formats.export_polygon import PolygonWriter
from judge_core.packages.formats.source import FileSource
from judge_core.packages.package import Package


class ExportFormat(StrEnum):
    """The formats to which a package can be exported."""

    KATTIS_LEGACY = "kattis-legacy"
    V2023_07 = "2023-07"
    DOMJUDGE = "domjudge"
    POLYGON = "polygon"


def export_package(package: Package, format: ExportFormat, target: Path) -> tuple[Diagnostic, ...]:
    """Write a package as a zip. Returns notes about what the format cannot express. Raises
    ``BrokenPackage``."""
    notes = Diagnostics()
    with TemporaryDirectory(prefix="gavel-export-") as place:
        folder = Path(place) / "written" / package.slug
        folder.mkdir(parents=True)
        _write(package, format, folder, notes)
        flat = format in (ExportFormat.DOMJUDGE, ExportFormat.POLYGON)
        _pack(folder, target, "" if flat else f"{package.slug}/")
    return notes.warnings


def _write(package: Package, format: ExportFormat, folder: Path, notes: Diagnostics) -> None:
    if format is ExportFormat.V2023_07:
        files = dict(list_files(package.folder, notes).files)
        legacy.convert(FileSource(files, folder.parent.parent, notes), folder, package.slug)
    elif format is ExportFormat.POLYGON:
        PolygonWriter(package, folder, notes).write()
    else:
        LegacyWriter(package, folder, notes, domjudge=format is ExportFormat.DOMJUDGE).write()


def _pack(folder: Path, target: Path, prefix: str) -> None:
    """Pack every file in a fixed order and with a fixed time, so that the same package always gives the same
    zip."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            entry = zipfile.ZipInfo(f"{prefix}{path.relative_to(folder).as_posix()}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100000 | (path.stat().st_mode & 0o777)) << 16
            with path.open("rb") as source, archive.open(entry, "w") as packed:
                while chunk := source.read(1 << 20):
                    packed.write(chunk)
