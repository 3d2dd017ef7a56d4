"""Backups of a house with SQLite: one zip with the store, the problem packages and the secrets.

Redis is left out on purpose: it is a courier, and what it carried is sent again from the store.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from judge_api.store.sqlite_backup import copy_store, fault_of
from judge_api.supervisor import orphans
from judge_api.supervisor.data_folder import DataFolder

STORE = "gavel.db"
SECRETS = ("secret_key", "worker_token")
_PACKAGE = re.compile(r"packages/([0-9a-f]{64})\.zip")
_STORE_FILES = (STORE, f"{STORE}-wal", f"{STORE}-shm")


class CannotKeep(Exception):
    """A backup cannot be made or used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds."""

    packages: int
    store_bytes: int


def take_backup(store: Path, root: Path, target: Path) -> Kept:
    """Write a backup of the data folder ``root``, readable by its owner only, whole or not at all.

    Safe while the house is up. Packages are copied after the store and never change, so that every
    package the copied store names is there.
    """
    if not store.is_file():
        raise CannotKeep(f"there is no store {store}: name the data folder with --data.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".gavel-backup-") as place:
        copy, packed = Path(place) / STORE, Path(place) / "backup.zip"
        copy_store(store, copy)
        packages = sorted((root / "packages").glob("*.zip"))
        with packed.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            _pack(out.fileno(), root, copy, packages)
            os.fsync(out.fileno())
        packed.replace(target)
        return Kept(len(packages), copy.stat().st_size)


def _pack(descriptor: int, root: Path, copy: Path, packages: list[Path]) -> None:
    with (
        os.fdopen(descriptor, "wb", closefd=False) as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive,
    ):
        archive.write(copy, STORE, compress_type=zipfile.ZIP_DEFLATED)
        for package in packages:
            archive.write(package, f"packages/{package.name}")
        for secret in SECRETS:
            if (root / secret).is_file():
                archive.write(root / secret, secret)


def restore_backup(source: Path, folder: DataFolder) -> Path | None:
    """Put a backup into the data folder; where what was there has been moved to, if there was anything.

    Raises ``CannotStart`` while the house is up, ``CannotKeep`` when the backup is not whole; in both
    cases nothing has been changed.
    """
    folder.prepare()
    with folder.hold():
        if left := orphans.living(folder.roster):
            raise CannotKeep(f"processes of the house still run: {', '.join(one.name for one in left)}.")
        with tempfile.TemporaryDirectory(dir=folder.root, prefix=".restoring-") as place:
            _unpack(source, Path(place))
            return _move_in(Path(place), folder)


def _unpack(source: Path, place: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            for name in archive.namelist():
                _check_name(name)
                archive.extract(name, place)
    except (OSError, zipfile.BadZipFile) as error:
        raise CannotKeep(f"{source} is not a backup that can be read: {error}") from error
    _check_whole(source, place)


def _check_name(name: str) -> None:
    if name != STORE and name not in SECRETS and not _PACKAGE.fullmatch(name):
        raise CannotKeep(f"this is not a backup of Gavel: it holds {name[:100]!r}.")


def _check_whole(source: Path, place: Path) -> None:
    fault = fault_of(place / STORE) if (place / STORE).is_file() else "it is missing"
    if fault:
        raise CannotKeep(f"the store in {source} is not whole: {fault}.")
    for package in (place / "packages").glob("*.zip"):
        with package.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != package.stem:
                raise CannotKeep(f"the package {package.name} in {source} is not what its name says.")


def _move_in(place: Path, folder: DataFolder) -> Path | None:
    aside = folder.root / f"before-restore-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}"
    for name in (*_STORE_FILES, "redis"):
        if (folder.root / name).exists():
            aside.mkdir(mode=0o700, exist_ok=True)
            (folder.root / name).replace(aside / name)
    (folder.root / "packages").mkdir(mode=0o700, exist_ok=True)
    for path in sorted(path for path in place.rglob("*") if path.is_file()):
        path.chmod(0o600)
        target = folder.root / path.relative_to(place)
        shutil.move(path, target)
    folder.redis.mkdir(mode=0o700, exist_ok=True)
    return aside if aside.exists() else None
