"""Checks the files beside the tests: whether they contradict each other, or belong to no test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from judge_core.packages.diagnostics import Diagnostics

_SIDE_FILE_ENDINGS = (".ans", ".hint", ".desc", ".args", ".files")
_EXCLUSIVE_ENDINGS = (
    (".out", ".ans.statement"),
    *((".interaction", each) for each in (".in.statement", ".out")),
)


def check_side_files(package: Path, faults: Diagnostics) -> None:
    """Warn of files without their test; samples that are shown in two ways at once are faults."""
    data = package / "data"
    for name in ("sample", "secret"):
        for path in sorted((data / name).rglob("*")) if (data / name).is_dir() else ():
            if path.suffix in _SIDE_FILE_ENDINGS and not _has_test(path):
                faults.warn(_place(package, path), "belongs to no test: there is no .in file of its name")
    for path in sorted((data / "sample").glob("*")) if (data / "sample").is_dir() else ():
        for other in _conflicting_files(path):
            faults.error(_place(package, path), f"cannot stand beside {other.name}: one of them is shown")


def _place(package: Path, path: Path) -> str:
    return path.relative_to(package).as_posix()


def _has_test(path: Path) -> bool:
    stem = path.name.removesuffix(path.suffix)
    inside = any(parent.suffix == ".files" for parent in path.parents)
    stands_in = path.with_name(f"{stem}.in.statement").is_file()
    return inside or stands_in or path.with_name(f"{stem}.in").is_file()


def _conflicting_files(path: Path) -> Iterator[Path]:
    for ending, other in _EXCLUSIVE_ENDINGS:
        if path.name.endswith(ending):
            conflicting = path.with_name(path.name.removesuffix(ending) + other)
            if conflicting.is_file():
                yield conflicting
