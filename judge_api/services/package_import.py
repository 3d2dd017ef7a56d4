"""Stores an uploaded problem in another judge's format. It is converted to a package first. No program of it
is run."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from judge_core.packages import BrokenPackage, Diagnostic, PackageStore, StoredPackage
from judge_core.packages.formats import ForeignFormat, import_problems

AUTO = "auto"


def store_imported(
    packages: PackageStore, upload: BinaryIO, file_name: str, format: str, slug: str | None
) -> StoredPackage:
    """Convert and store the one problem of an upload. Its warnings say what was not carried over.

    Raises ``BrokenPackage`` with the reasons. An upload with several problems is such a reason.
    """
    with tempfile.TemporaryDirectory(prefix="gavel-import-") as place:
        path = Path(place) / (PurePosixPath(file_name).name or "problem.zip")
        with path.open("wb") as file:
            shutil.copyfileobj(upload, file, 1 << 20)
        wanted = None if format == AUTO else ForeignFormat(format)
        found = import_problems(path, Path(place) / "out", wanted, slug)
        if len(found) > 1:
            names = ", ".join(each.folder.name for each in found[:10])
            what = f"holds {len(found)} problems ({names}): gavel problems import makes a package of each"
            raise BrokenPackage((Diagnostic(path.name, what),))
        stored = packages.add_folder(found[0].folder)
        return replace(stored, warnings=(*found[0].notes, *stored.warnings))
