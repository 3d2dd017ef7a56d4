"""Puts the sample problem `aplusb` into a package store and the database, as `gavel problems add` does."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from judge_api.store.problems import ProblemStore, problem_row
from judge_core.model.account import Account
from judge_core.packages import PackageStore, StoredPackage

PROBLEMS = Path(__file__).parents[2] / "problems"


def offer_sum(problems: ProblemStore, packages: Path, owner: Account | None = None) -> None:
    """Publish the problem, with its package below the folder of packages."""
    problems.put(problem_row(store_sum(packages), owner.id if owner else None), owner)


def store_sum(packages: Path) -> StoredPackage:
    """Put the package into a folder of packages."""
    stored, files = _stored_sum()
    packages.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (packages / name).write_bytes(content)
    return stored


@cache
def _stored_sum() -> tuple[StoredPackage, dict[str, bytes]]:
    """The package, with the files that the store makes from it. Each test process checks and renders it only
    once."""
    with tempfile.TemporaryDirectory(prefix="gavel-sum-") as folder:
        stored = PackageStore(Path(folder)).add_folder(PROBLEMS / "aplusb")
        return stored, {path.name: path.read_bytes() for path in Path(folder).iterdir()}
