"""Checks that a statement shows the values of its constants, and every sample."""

from __future__ import annotations

from pathlib import Path

from judge_core.packages.constants import CONSTANT
from judge_core.packages.diagnostics import Diagnostic, Diagnostics
from judge_core.packages.metadata import Format
from judge_core.packages.package import Package
from judge_core.packages.spec import SAMPLE_BYTES

_TEXTS = (".md", ".tex", ".html")
_PLACEHOLDERS = ("nextsample", "remainingsamples")
_MOST_BYTES = 1024 * 1024
_MOST_SHOWN = 20


def check_statement(package: Package, faults: Diagnostics) -> None:
    """Warn of undefined constants, and of samples that are cut or not shown."""
    if package.metadata.format is not Format.LEGACY:
        for path in sorted((package.folder / "statement").glob("problem*")):
            if path.suffix in _TEXTS and path.stat().st_size <= _MOST_BYTES:
                _check_constants(package, path, faults)
    _check_samples(package, faults)


def _check_constants(package: Package, path: Path, faults: Diagnostics) -> None:
    """Warn of constants that are not defined. LaTeX uses double braces, too. There they can mean a constant
    only if the package defines constants."""
    known = package.metadata.constants
    if path.suffix == ".tex" and not known:
        return
    place, shown = path.relative_to(package.folder).as_posix(), 0
    for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), 1):
        for hit in CONSTANT.finditer(line):
            name = hit.group(1)
            if name not in known and name not in _PLACEHOLDERS and shown < _MOST_SHOWN:
                shown += 1
                what = f"{{{{{name}}}}} is shown as it is: problem.yaml defines no such constant"
                faults.add(Diagnostic(place, what, line=number, warning=True))


def _check_samples(package: Package, faults: Diagnostics) -> None:
    folder = package.folder / "data" / "sample"
    for case in package.cases:
        if not case.is_sample or case.static:
            continue
        stem = folder / case.name.removeprefix("sample/")
        shown = (stem.with_name(f"{stem.name}.interaction"), stem.with_name(f"{stem.name}.in.statement"))
        if package.metadata.type.interactive and not shown[0].is_file():
            faults.warn(f"data/{case.name}.in", "is not shown: put a conversation beside it, as .interaction")
        elif not any(each.is_file() for each in shown) and case.input.stat().st_size > SAMPLE_BYTES:
            most = SAMPLE_BYTES // 1024
            faults.warn(
                f"data/{case.name}.in", f"is shown cut after {most} KiB: give a shorter one as .in.statement"
            )
